// What the dashboard does beyond links and forms. Every page works without it.
//
// Pages ask for it with attributes; assets/README.md lists them. The build puts this file and all that it imports, each
// behind what it needs itself, into one.

import { showAlarms } from "./alarms.js";
import { showChosen } from "./chosen.js";
import "./folds.js";
import "./forms.js";
import "./keys.js";
import "./list.js";
import { showLive } from "./live.js";
import { tellAgain } from "./messages.js";
import { first, root } from "./page.js";
import { tickTimes } from "./times.js";

// Tells the stylesheet that clicks on rows are heard.
root.dataset.js = "";

// A page that comes back from the browser's memory is as it was left: with a status from before, forms that were sent
// already, what a logout should have taken away. The server knows better.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

// Of more tabs than fit, the open one is in sight, with something of the one before it.
const tab = first(".tabs [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 48;

tickTimes();
tellAgain();
showChosen();
showLive();
showAlarms();
