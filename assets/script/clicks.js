// What a click does beyond following a link.

import { poll, togglePause } from "./live.js";
import { say } from "./messages.js";
import { all, first } from "./page.js";
import { openRow, rowUnder } from "./rows.js";

const FOLLOW_THE_LINK = false;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyTheOldWay(text);
  }
  say("Copied");
}

// The clipboard is closed to pages that come over plain http.
function copyTheOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  (first("dialog[open]") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog) return FOLLOW_THE_LINK;
  dialog.showModal();
  return null;
}

function reveal(button) {
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
  return null;
}

export function closeMenus(except) {
  for (const menu of all("details:has(> .pop)[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

// A selector and what a click does; the first that fits is taken.
const ACTIONS = [
  ["[data-copy]", (element) => copy(element.dataset.copy)],
  ["[data-reveal]", reveal],
  ["[data-dialog]", (element) => openDialog(element.dataset.dialog)],
  ["[data-live-toggle]", togglePause],
  ["[data-print]", () => print()],
  ["[data-retry]", poll],
  ["[data-dismiss]", (element) => element.parentElement.remove()],
];

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  if (event.defaultPrevented) return;
  const row = rowUnder(event);
  if (row) openRow(row, event);
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link in a tab of its own
  for (const [selector, act] of ACTIONS) {
    const element = event.target.closest(selector);
    if (!element) continue;
    if (act(element) !== FOLLOW_THE_LINK) event.preventDefault();
    closeMenus();
    return;
  }
});
