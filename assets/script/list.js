// A list that htmx replaces: bars while it is waited for, and what follows when it is there.

import { showAlarms } from "./alarms.js";
import { showChosen } from "./chosen.js";
import { showLive } from "./live.js";
import { first } from "./page.js";
import { markCurrent, rows } from "./rows.js";
import { tickTimes } from "./times.js";

const PATIENCE = 300; // a shorter wait is better seen as the old rows
let loading = null; // the request whose answer becomes the list
let patience = 0;
let seen = null; // the rows before somebody asked for the new ones

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!["list", "orders"].includes(ctx.target.id)) return;
  loading = ctx;
  clearTimeout(patience);
  patience = setTimeout(() => first("#list")?.setAttribute("aria-busy", "true"), PATIENCE);
  seen = ctx.sourceElement.closest("#fresh") && new Set(rows().map((row) => row.id));
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx !== loading) return; // another one has taken its place
  clearTimeout(patience);
  first("#list")?.removeAttribute("aria-busy");
});

// The search field stands outside of the list, and says what the list is about.
function showSearched(field) {
  if (field) field.value = new URLSearchParams(location.search).get("q") ?? "";
}

// Escape empties the field, but not every browser calls that input.
document.addEventListener("search", ({ target }) => {
  if (!target.value) target.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("htmx:before:history:restore", () => showSearched(first("[type=search]")));

// New rows bring new times. Who stands in the search field types on.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (seen && ctx === loading) for (const row of rows()) row.classList.toggle("new", !seen.has(row.id));
  showSearched(first("[type=search]:not(:focus)"));
  markCurrent();
  showChosen();
  tickTimes();
  showLive();
  showAlarms();
});
