// Short messages over the page: what a click did, with what can be done about it.

import { first } from "./page.js";

const messages = first(".toasts") ?? document.createElement("div"); // the login has none
const SHORT = 4000;
const LONG = 8000; // there is something to do with it

export function say(text) {
  const message = document.createElement("div");
  message.className = "toast";
  message.textContent = text;
  messages.replaceChildren(message);
  removeLater(message, SHORT);
}

// Who points at a message or stands in it is not done with it.
function removeLater(message, patience) {
  setTimeout(() => {
    if (message.matches(":hover, :focus-within")) removeLater(message, SHORT);
    else message.remove();
  }, patience);
}

// A screen reader only speaks what changes in a region it already knows, so what came with the page comes anew.
export function tellAgain() {
  const told = [...messages.children];
  messages.replaceChildren();
  setTimeout(() => messages.append(...told));
  for (const message of told) if (!("stays" in message.dataset)) removeLater(message, LONG);
}
