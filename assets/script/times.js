// Relative times, which stay true while the page is open.

import { all } from "./page.js";

// The same words as the server's, so that a text only changes when time has passed.
export function ago(moment) {
  const passed = (Date.now() - moment) / 1000;
  if (passed < 60) return "just now";
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
  if (passed < 86400) return `${Math.floor(passed / 3600)} h ago`;
  return `${Math.floor(passed / 86400)} d ago`;
}

export function tickTimes() {
  for (const time of all("time[data-relative]")) {
    const moment = Date.parse(time.dateTime);
    if (Number.isNaN(moment)) continue;
    const text = ago(moment);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(tickTimes, 30000);
