// What needs a person: its number in the title of the tab, and alarms as notifications of the browser for who wants them.

import { say } from "./messages.js";
import { first, remember, remembered } from "./page.js";

const button = first("[data-alarms]");
const wanted = () => remembered("alarms") === "on" && Notification.permission === "granted";

function showChoice() {
  button.hidden = false;
  first("span", button).textContent = wanted() ? "No notifications of alarms" : "Notify me of alarms";
}

// Every open tab hears of an alarm; the first one tells, and all remember until it is over. Numbers in it change.
export function showAlarms() {
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
    // Some phones allow it to service workers alone.
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
