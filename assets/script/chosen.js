// The ticks of rows: how many there are, and the tick for all of the page.

import { all, first } from "./page.js";

const boxes = () => all(".rows [name=id]");

export function showChosen() {
  const place = first("[data-selected]");
  if (!place) return;
  const listed = boxes();
  const chosen = listed.filter((box) => box.checked).length;
  const whole = first(".bulk [name=all]:checked");
  place.textContent = whole ? "" : `${chosen} selected`;
  const head = first("[data-tick-all]");
  head.checked = chosen > 0 && chosen === listed.length;
  head.indeterminate = chosen > 0 && chosen < listed.length;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-send]")) target.form.requestSubmit();
  if (target.matches("[data-tick-all]")) for (const box of boxes()) box.checked = target.checked;
  showChosen();
});

// The event comes before the boxes are empty.
document.addEventListener("reset", () => setTimeout(showChosen));
