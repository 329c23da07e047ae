// Built from assets/script.
(() => {
"use strict";
const root = document.documentElement;
const first = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const seconds = (milliseconds) => Math.ceil(milliseconds / 1000);
function remember(name, value) {
try {
localStorage.setItem(name, value);
} catch {
}
}
function remembered(name) {
try {
return localStorage.getItem(name);
} catch {
return null;
}
}
const messages = first(".toasts") ?? document.createElement("div"); // the login has none
const SHORT = 4000;
const LONG = 8000; // there is something to do with it
function say(text) {
const message = document.createElement("div");
message.className = "toast";
message.textContent = text;
messages.replaceChildren(message);
removeLater(message, SHORT);
}
function removeLater(message, patience) {
setTimeout(() => {
if (message.matches(":hover, :focus-within")) removeLater(message, SHORT);
else message.remove();
}, patience);
}
function tellAgain() {
const told = [...messages.children];
messages.replaceChildren();
setTimeout(() => messages.append(...told));
for (const message of told) if (!("stays" in message.dataset)) removeLater(message, LONG);
}
const button = first("[data-alarms]");
const wanted = () => remembered("alarms") === "on" && Notification.permission === "granted";
function showChoice() {
button.hidden = false;
first("span", button).textContent = wanted() ? "No notifications of alarms" : "Notify me of alarms";
}
function showAlarms() {
const health = first("#health");
if (!health) return;
const { needs, alarm } = health.dataset;
document.title = (needs && `(${needs}) `) + document.title.replace(/^\(\S+\) /, "");
const key = alarm.split(".")[0];
const isNews = key && key !== remembered("told");
remember("told", key);
if (isNews && button && !button.hidden && wanted()) tell(alarm);
}
function tell(alarm) {
try {
new Notification("Ordercall", { body: alarm, tag: "alarm" });
} catch {
}
}
if (button && "Notification" in window) {
showChoice();
button.addEventListener("click", async () => {
const on = !wanted() && (await Notification.requestPermission()) === "granted";
const refused = Notification.permission !== "granted";
remember("alarms", on ? "on" : "off");
showChoice();
say(on ? "Alarms will be notifications" : refused ? "The browser allows no notifications" : "No more notifications");
});
}
const boxes = () => all(".rows [name=id]");
function showChosen() {
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
document.addEventListener("reset", () => setTimeout(showChosen));
function ago(moment) {
const passed = (Date.now() - moment) / 1000;
if (passed < 60) return "just now";
if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
if (passed < 86400) return `${Math.floor(passed / 3600)} h ago`;
return `${Math.floor(passed / 86400)} d ago`;
}
function until(moment) {
const minutes = Math.ceil((moment - Date.now()) / 60000);
if (minutes <= 0) return ago(moment);
return minutes < 60 ? `in ${minutes} min` : `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
function tickTimes() {
for (const time of all("time[data-relative], time[data-until]")) {
const moment = Date.parse(time.dateTime);
if (Number.isNaN(moment)) continue;
const text = "until" in time.dataset ? until(moment) : ago(moment);
if (time.textContent !== text) time.textContent = text;
}
}
setInterval(tickTimes, 30000);
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
function timeBetweenPolls() {
if (live.failures) return Math.min(IN_USE * 2 ** (live.failures - 1), LONGEST_WAIT);
if (document.hidden) return IDLE;
return Date.now() - live.used < IDLE ? Number(first("#fresh")?.dataset.every) || IN_USE : IDLE;
}
function poll() {
live.asked = Date.now();
live.waiting = true;
live.leaving = false;
document.body.dispatchEvent(new CustomEvent("orders:poll"));
}
function mayPoll() {
return first("#fresh[hx-get]") && !live.paused && !live.ended;
}
function askNow() {
if (mayPoll() && !live.waiting) poll();
}
function tickLive() {
const now = Date.now();
const left = live.asked + timeBetweenPolls() - now;
const stuck = now - live.asked > LONGEST_WAIT;
if (left < TICK / 2 && mayPoll() && (!live.waiting || stuck)) poll();
if (live.failures) showCountdown();
}
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
function showLive() {
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
function togglePause() {
live.paused = !live.paused;
remember("live", live.paused ? "paused" : "on");
showLive();
say(live.paused ? "Live updates paused" : "Live updates on");
if (mayPoll()) poll();
}
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
const A_YEAR = 365 * 24 * 3600;
addEventListener(
"toggle",
({ target }) => {
const name = target.dataset?.kept;
if (!name) return;
document.cookie = `${name}=${target.open ? "open" : ""};path=/;max-age=${A_YEAR};samesite=lax`;
if (name === "charts" && target.open) askNow(); // nobody counted them while they were folded
},
true,
);
const LONGEST_SUBMIT = 10000;
document.addEventListener("submit", (event) => {
const form = event.target;
if (event.defaultPrevented || (event.submitter?.formMethod || form.method) !== "post") return;
const buttons = [...form.elements].filter((field) => field.type === "submit" && !field.disabled);
setTimeout(() => setBusy(buttons, true));
setTimeout(() => setBusy(buttons, false), LONGEST_SUBMIT); // an answer may leave the page, as a download does
});
function setBusy(buttons, busy) {
for (const button of buttons) {
button.disabled = busy;
button.toggleAttribute("data-busy", busy);
}
}
const INTERACTIVE = "a, button, input, label, select, textarea, summary";
function rowUnder(event) {
const row = event.target.closest("tr[data-href]");
return row && !event.target.closest(INTERACTIVE) ? row : null;
}
const elsewhere = (event) => event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
function openRow(row, event) {
if (elsewhere(event)) open(row.dataset.href, "_blank", "noopener");
else if (!getSelection().toString()) location.assign(row.dataset.href); // else text was marked, not clicked
}
document.addEventListener("auxclick", (event) => {
const row = event.button === 1 && rowUnder(event);
if (row) openRow(row, event);
});
document.addEventListener("mousedown", (event) => {
if (elsewhere(event) && rowUnder(event)) event.preventDefault();
});
const rows = () => all(".rows tr");
let current = "";
const place = () => rows().findIndex((row) => row.id === current);
function moveTo(index) {
const list = rows();
if (!list.length) return;
const row = list[Math.max(0, Math.min(list.length - 1, index))];
current = row.id;
markCurrent();
first("a.go, a", row)?.focus({ preventScroll: true, focusVisible: true });
row.scrollIntoView({ block: "nearest" });
}
function markCurrent() {
for (const row of rows()) row.classList.toggle("cur", row.id === current);
}
const FOLLOW_THE_LINK = false;
async function copy(text) {
try {
await navigator.clipboard.writeText(text);
} catch {
copyTheOldWay(text);
}
say("Copied");
}
function copyTheOldWay(text) {
const field = document.createElement("textarea");
field.value = text;
field.className = "sr-only";
(first("dialog[open]") ?? document.body).append(field);
field.select();
document.execCommand("copy");
field.remove();
}
function openDialog(id) {
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
function closeMenus(except) {
for (const menu of all("details:has(> .pop)[open]")) {
if (!menu.contains(except)) menu.open = false;
}
}
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
function showSearched(field) {
if (field) field.value = new URLSearchParams(location.search).get("q") ?? "";
}
document.addEventListener("search", ({ target }) => {
if (!target.value) target.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("htmx:before:history:restore", () => showSearched(first("[type=search]")));
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
if (seen && ctx === loading) for (const row of rows()) row.classList.toggle("new", !seen.has(row.id));
showSearched(first("[type=search]:not(:focus)"));
markCurrent();
showChosen();
tickTimes();
showLive();
showAlarms();
});
root.dataset.js = "";
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
const tab = first(".tabs [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 48;
tickTimes();
tellAgain();
showChosen();
showLive();
showAlarms();
})();
