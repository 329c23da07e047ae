// Single keys; assets/README.md says how a page switches them off.

import { closeMenus, openDialog } from "./clicks.js";
import { all, first, root } from "./page.js";
import { moveTo, place, rows } from "./rows.js";

const CHORD = 1000;
let pressedG = 0;

function focusSearch() {
  const field = first("[type=search]");
  field?.focus();
  field?.select();
}

const KEYS = {
  "/": focusSearch,
  "?": () => openDialog("keys"),
  j: () => moveTo(place() + 1),
  k: () => moveTo(place() - 1),
  x: () => (rows()[place()] ?? document.activeElement.closest(".rows tr"))?.querySelector("[name=id]")?.click(),
  u: () => first("[data-up]")?.click(),
  e: () => first("[data-export]")?.click(),
  p: () => first("[data-live-toggle]")?.click(),
  g: () => (pressedG = Date.now()),
  o: (chord) => chord && first(".nav a")?.click(),
  n: (chord) => chord && first("[data-needs]")?.click(),
};

function isTyping({ target }) {
  return target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeMenus();
    if (isTyping(event) && !first("dialog[open]")) event.target.blur();
    return;
  }
  if (root.dataset.keys === "off" || first("dialog[open]") || isTyping(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;

  const chord = Date.now() - pressedG < CHORD;
  pressedG = 0;
  const keyed = !chord && !event.repeat && /^[a-z]$/.test(event.key) && first(`[data-key=${event.key}]`);
  const act = /^[1-7]$/.test(event.key)
    ? () => all(".tabs a")[event.key - 1]?.click()
    : keyed
      ? () => keyed.click()
      : Object.hasOwn(KEYS, event.key) && KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(chord);
});
