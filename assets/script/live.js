// Live updates: when the page asks the server what is new, and what it says while it cannot.

import { say } from "./messages.js";
import { all, first, remember, remembered, root, seconds } from "./page.js";
import { tickTimes } from "./times.js";

// htmx asks the server when the body hears `orders:poll`. The clock is here and not in hx-trigger,
// because a condition there would need eval, which the content security policy forbids.
const IN_USE = 5000;
const IDLE = 60000;
const LONGEST_WAIT = 60000;
const TICK = 1000;

const live = {
  paused: remembered("live") === "paused",
  ended: false, // the session is over: only logging in helps
  failures: 0,
  asked: Date.now(),
  waiting: false, // for an answer
  leaving: false, // since it was asked: that breaks the waiting off, and the server is not to blame
  used: Date.now(),
};

for (const sign of ["pointermove", "pointerdown", "keydown", "scroll", "focus"]) {
  addEventListener(sign, () => (live.used = Date.now()), { passive: true, capture: true });
}

// After failures the next tries come later and later: 5, 10, 20, 40, 60 seconds.
function timeBetweenPolls() {
  if (live.failures) return Math.min(IN_USE * 2 ** (live.failures - 1), LONGEST_WAIT);
  if (document.hidden) return IDLE;
  return Date.now() - live.used < IDLE ? Number(first("#fresh")?.dataset.every) || IN_USE : IDLE;
}

export function poll() {
  live.asked = Date.now();
  live.waiting = true;
  live.leaving = false;
  document.body.dispatchEvent(new CustomEvent("orders:poll"));
}

function mayPoll() {
  return first("#fresh[hx-get]") && !live.paused && !live.ended;
}

export function askNow() {
  if (mayPoll() && !live.waiting) poll();
}

export function tickLive() {
  const now = Date.now();
  const left = live.asked + timeBetweenPolls() - now;
  const stuck = now - live.asked > LONGEST_WAIT;
  if (left < TICK / 2 && mayPoll() && (!live.waiting || stuck)) poll();
  if (live.failures) showCountdown();
}

// Of when the page is, in the server's words: whether it sends what is new, or says that nothing is.
function showAge(response) {
  const asOf = response.headers.get("As-Of");
  if (asOf) for (const place of all("[data-updated]")) place.textContent = decodeURIComponent(asOf);
}

function showCountdown() {
  const left = live.waiting ? 0 : live.asked + timeBetweenPolls() - Date.now();
  for (const place of all("[data-countdown]")) {
    place.textContent = left > 0 ? `Trying again in ${seconds(left)} s.` : "Trying again …";
  }
}

const WORDS = { on: "Live, all as of", paused: "Paused, all as of", down: "Not live, all as of" };

export function showLive() {
  root.dataset.live = live.ended || live.failures ? "down" : live.paused ? "paused" : "on";
  for (const place of all("[data-live-word]")) place.textContent = WORDS[root.dataset.live];
  setOffline(live.failures > 0);
  for (const button of all("[data-live-toggle]")) {
    button.setAttribute("aria-pressed", live.paused);
    showIcon(button, live.paused ? "play" : "pause");
  }
  first("#offline")?.toggleAttribute("hidden", !live.failures || live.ended);
  first("#session-ended")?.toggleAttribute("hidden", !live.ended);
  const way = live.ended && first("#session-ended a");
  if (way) way.search = new URLSearchParams({ next: location.pathname + location.search });
}

// What a button would send gets lost while the server does not answer. Dialogs can still be closed.
function setOffline(offline) {
  const sending = "main button:not([type=button], [type=reset], [formmethod=dialog], :disabled, form[method=dialog] *)";
  for (const button of all(offline ? sending : "[data-offline]")) {
    button.disabled = offline;
    button.toggleAttribute("data-offline", offline);
  }
}

function showIcon(button, name) {
  const use = first("use", button);
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
}

function answered(ok) {
  live.waiting = false;
  live.failures = ok ? 0 : live.failures + 1;
  showLive();
  showCountdown();
}

export function togglePause() {
  live.paused = !live.paused;
  remember("live", live.paused ? "paused" : "on");
  showLive();
  say(live.paused ? "Live updates paused" : "Live updates on");
  if (mayPoll()) poll();
}

// htmx puts an error page into the list unless it is told not to.
document.addEventListener("htmx:before:response", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  const failed = response.status >= 400;
  if (failed) event.preventDefault();
  else showAge(response);
  if (response.status === 401) live.ended = true;
  if (!failed || live.ended || sourceElement.id === "fresh") answered(response.status < 500);
  else say("That did not work. Try again.");
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.response) return;
  if (live.leaving) live.waiting = false;
  else answered(false);
});

addEventListener("beforeunload", () => (live.leaving = true));

addEventListener("online", () => live.failures && mayPoll() && poll());

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  live.used = Date.now();
  tickTimes();
  tickLive();
});

setInterval(tickLive, TICK);
