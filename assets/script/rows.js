// Rows that open their order on a click, and the one that the keys stand on.

import { all, first } from "./page.js";

const INTERACTIVE = "a, button, input, label, select, textarea, summary";

export function rowUnder(event) {
  const row = event.target.closest("tr[data-href]");
  return row && !event.target.closest(INTERACTIVE) ? row : null;
}

const elsewhere = (event) => event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;

export function openRow(row, event) {
  if (elsewhere(event)) open(row.dataset.href, "_blank", "noopener");
  else if (!getSelection().toString()) location.assign(row.dataset.href); // else text was marked, not clicked
}

document.addEventListener("auxclick", (event) => {
  const row = event.button === 1 && rowUnder(event);
  if (row) openRow(row, event);
});

// No scroll wheel mode, and no cell that Firefox marks.
document.addEventListener("mousedown", (event) => {
  if (elsewhere(event) && rowUnder(event)) event.preventDefault();
});

export const rows = () => all(".rows tr");

// The row that `j` and `k` stand on: the order, not the place, because new orders come in above it.
let current = "";
export const place = () => rows().findIndex((row) => row.id === current);

export function moveTo(index) {
  const list = rows();
  if (!list.length) return;
  const row = list[Math.max(0, Math.min(list.length - 1, index))];
  current = row.id;
  markCurrent();
  first("a.go, a", row)?.focus({ preventScroll: true, focusVisible: true });
  row.scrollIntoView({ block: "nearest" });
}

export function markCurrent() {
  for (const row of rows()) row.classList.toggle("cur", row.id === current);
}
