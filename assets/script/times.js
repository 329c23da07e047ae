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

function until(moment) {
  const minutes = Math.ceil((moment - Date.now()) / 60000);
  if (minutes <= 0) return ago(moment);
  return minutes < 60 ? `in ${minutes} min` : `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function tickTimes() {
  for (const time of all("time[data-relative], time[data-until]")) {
    const moment = Date.parse(time.dateTime);
    if (Number.isNaN(moment)) continue;
    const text = "until" in time.dataset ? until(moment) : ago(moment);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(tickTimes, 30000);
