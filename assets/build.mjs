// Builds what the dashboard sends to the browser: our script without its comments, htmx, the icon
// sprite, the font, the favicon and the list of licences. Tailwind builds the stylesheet (`npm run css`).
//
// The same input gives the same bytes, so a rebuild that changes nothing shows no difference.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compress, decompress } from "wawoff2";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = join(ROOT, "node_modules");
const STATIC = join(ROOT, "src/ordercall/static");

// ---------------------------------------------------------------- icons

// Files that name icons. Three forms are understood, in Jinja, Python and JavaScript:
//   icon("name")   icon("one" if open else "other")   showIcon(button, "name")
//   STATUS_ICONS = {"Success": "check"}               (the values; any name that ends in ICONS)
//   icon="name"
const ICON_SOURCES = [
  ["src/ordercall/templates", ".html"],
  ["src/ordercall/web", ".py"],
  ["src/ordercall/static", ".js"],
];

function textsThatNameIcons() {
  return ICON_SOURCES.flatMap(([folder, ending]) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => name.endsWith(ending) && !name.endsWith(".min.js"))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  );
}

function iconNamesIn(text) {
  const names = [];
  for (const [, call] of text.matchAll(/\b(?:i|icon|showIcon)\(([^()]*)\)/g)) {
    // What a condition compares with is no icon, and neither are CSS classes after the comma.
    const choice = call.replace(/^\s*\w+\s*,/, "").split(",")[0].replace(/[=!]=\s*"[^"]*"/g, "");
    for (const [, name] of choice.matchAll(/(?<!\[)"([a-z0-9-]+)"/g)) names.push(name);
  }
  for (const [, table] of text.matchAll(/ICONS\b[^={}]*=\s*\{([^}]*)\}/g)) {
    for (const [, name] of table.matchAll(/:\s*"([a-z0-9-]+)"/g)) names.push(name);
  }
  for (const [, name] of text.matchAll(/\bicon\s*=\s*"([a-z0-9-]+)"/g)) names.push(name);
  return names;
}

function iconDrawing(name) {
  const file = join(PACKAGES, "lucide-static/icons", `${name}.svg`);
  let svg;
  try {
    svg = readFileSync(file, "utf8");
  } catch {
    throw new Error(`There is no lucide icon "${name}". A page or script asks for it.`);
  }
  const inside = svg.match(/<svg[^>]*>(.*)<\/svg>/s)[1];
  return inside.replace(/\s+/g, " ").replace(/ \/>/g, "/>").replace(/> </g, "><").trim();
}

function buildIcons() {
  const names = [...new Set(textsThatNameIcons().flatMap(iconNamesIn))].sort();
  const stroke =
    'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  const symbols = names.map(
    (name) => `<symbol id="${name}" viewBox="0 0 24 24" ${stroke}>${iconDrawing(name)}</symbol>`,
  );
  write("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
  console.log(`  ${names.length} icons: ${names.join(" ")}`);
}

const SCRIPT = join(ROOT, "assets/script");
const IMPORT = /^import .*"\.\/(.+\.js)";$/;

// The modules of a script in the order in which they can run: each behind those that it imports.
function modulesOf(name, found = new Map()) {
  if (found.has(name)) return found;
  const lines = readFileSync(join(SCRIPT, name), "utf8").split("\n").map((line) => line.trim());
  for (const line of lines) if (IMPORT.test(line)) modulesOf(line.match(IMPORT)[1], found);
  return found.set(name, lines.filter((line) => line && !line.startsWith("//") && !IMPORT.test(line)));
}

// One script, so that a first visit asks once. Modules that name something alike would not run: the browsers refuse two
// constants of one name. Comments stay here; a third of the source is comments, and every first visit would pay for them.
function buildScript() {
  const code = [...modulesOf("start.js").values()].flat().map((line) => line.replace(/^export /, ""));
  write("app.js", `// Built from assets/script.\n(() => {\n"use strict";\n${code.join("\n")}\n})();\n`);
}

// The mark of the pages: the handset on its rounded square.
function buildFavicon() {
  const handset = iconDrawing("phone-call");
  write(
    "favicon.svg",
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` +
      `<rect width="32" height="32" rx="8" fill="#f2a413"/>` +
      `<g transform="translate(5.2 5.2) scale(.9)" fill="none" stroke="#2a1a00" stroke-width="2.4" ` +
      `stroke-linecap="round" stroke-linejoin="round">${handset}</g></svg>\n`,
  );
}

// ---------------------------------------------------------------- font

const LETTERS = [
  [0x20, 0x7e], // ASCII
  [0xa0, 0xa0], // no-break space
  [0xa3, 0xa3], // pound
  [0xa9, 0xa9], // copyright
  [0xb7, 0xb7], // middle dot
  [0xc0, 0xff], // letters with accents, ×
  [0x2013, 0x2014], // dashes
  [0x2018, 0x2019], // quotes
  [0x201c, 0x201d],
  [0x2022, 0x2022], // bullet
  [0x2026, 0x2026], // ellipsis
  [0x20ac, 0x20ac], // euro
  [0x20b9, 0x20b9], // rupee
  [0x2190, 0x2193], // arrows
  [0x2212, 0x2212], // minus
];
const FEATURES = ["ccmp", "locl", "kern", "mark", "tnum", "case"];
const WEIGHTS = [400, 650];

// Numbers that HarfBuzz names in hb-subset.h and hb-blob.h
const WRITABLE = 2;
const SET_OF_LAYOUT_FEATURES = 6;
const NO_HINTING = 1;

const tag = (name) => [...name].reduce((bits, letter) => (bits << 8) | letter.charCodeAt(0), 0) >>> 0;

async function loadHarfBuzz() {
  const code = readFileSync(join(PACKAGES, "harfbuzzjs/dist/harfbuzz-subset.wasm"));
  const { instance } = await WebAssembly.instantiate(code);
  instance.exports._initialize();
  return instance.exports;
}

async function subsetFont(font) {
  const hb = await loadHarfBuzz();
  const address = hb.malloc(font.length);
  new Uint8Array(hb.memory.buffer).set(font, address);
  const blob = hb.hb_blob_create(address, font.length, WRITABLE, 0, 0);
  const face = hb.hb_face_create(blob, 0);

  const input = hb.hb_subset_input_create_or_fail();
  hb.hb_subset_input_set_flags(input, NO_HINTING);
  const letters = hb.hb_subset_input_unicode_set(input);
  for (const [first, last] of LETTERS) {
    for (let letter = first; letter <= last; letter++) hb.hb_set_add(letters, letter);
  }
  const features = hb.hb_subset_input_set(input, SET_OF_LAYOUT_FEATURES);
  hb.hb_set_clear(features);
  for (const feature of FEATURES) hb.hb_set_add(features, tag(feature));
  hb.hb_subset_input_set_axis_range(input, face, tag("wght"), ...WEIGHTS, WEIGHTS[0]);
  hb.hb_subset_input_pin_axis_location(input, face, tag("opsz"), 14);

  const subset = hb.hb_subset_or_fail(face, input);
  if (!subset) throw new Error("HarfBuzz could not subset the font.");
  const result = hb.hb_face_reference_blob(subset);
  const start = hb.hb_blob_get_data(result, 0);
  return new Uint8Array(hb.memory.buffer).slice(start, start + hb.hb_blob_get_length(result));
}

async function buildFont() {
  const full = await decompress(readFileSync(join(PACKAGES, "inter-ui/variable/InterVariable.woff2")));
  write("fonts/inter.woff2", await compress(await subsetFont(full)));
  write("fonts/OFL.txt", readFileSync(join(PACKAGES, "inter-ui/LICENSE.txt")));
}

// ---------------------------------------------------------------- others' work

function buildHtmx() {
  write("htmx.min.js", readFileSync(join(PACKAGES, "htmx.org/dist/htmx.min.js")));
}

const PARTS = [
  ["htmx.org", "htmx.min.js", "htmx", "LICENSE"],
  ["tailwindcss", "app.css (the reset and the utility classes in it)", "Tailwind CSS", "LICENSE"],
  ["lucide-static", "icons.svg, favicon.svg", "Lucide", "LICENSE"],
  ["inter-ui", "fonts/inter.woff2 (a subset: Latin, weights 400 to 650)", "Inter", "LICENSE.txt"],
];

function buildLicences() {
  const rows = [];
  const texts = [];
  for (const [name, file, title, licenceFile] of PARTS) {
    const { version, license } = JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8"));
    rows.push(`| ${file} | ${title} | ${version} | ${license} |`);
    const text =
      name === "inter-ui"
        ? "See [fonts/OFL.txt](fonts/OFL.txt)."
        : `\`\`\`text\n${readFileSync(join(PACKAGES, name, licenceFile), "utf8").trim()}\n\`\`\``;
    texts.push(`## ${title}\n\n${text}\n`);
  }
  const table = ["| File | Contains | Version | Licence |", "|---|---|---|---|", ...rows].join("\n");
  const introduction =
    "The files in this directory that hold other people's work. `app.js` and the rest of `app.css` are\n" +
    "part of Ordercall and under its licence. Written by `npm run build`.";
  write("LICENSES.md", `# Licences\n\n${introduction}\n\n${table}\n\n${texts.join("\n")}`);
}

function write(name, content) {
  writeFileSync(join(STATIC, name), content);
  console.log(`${name}  ${content.length} bytes`);
}

mkdirSync(join(STATIC, "fonts"), { recursive: true });
buildScript();
buildHtmx();
buildIcons();
buildFavicon();
await buildFont();
buildLicences();
