// Keeps the live parts of the page fresh. Without it the page reloads itself.
"use strict";

const EVERY = 2000;

async function refresh() {
  const answer = await fetch("/", { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const successor = fresh.getElementById(part.id);
    const inUse = part.contains(document.activeElement);
    if (successor && !inUse && successor.innerHTML !== part.innerHTML) {
      part.replaceChildren(...document.importNode(successor, true).childNodes);
    }
  }
}

async function keepFresh() {
  if (!document.hidden) await refresh().catch(() => {}); // the sandbox is gone for the moment; ask again
  setTimeout(keepFresh, EVERY);
}

setTimeout(keepFresh, EVERY);
