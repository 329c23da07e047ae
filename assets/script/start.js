// What the dashboard does beyond links and forms. Every page works without it.
//
// Pages ask for it with attributes; assets/README.md lists them. The build puts this file and all that it imports, each
// behind what it needs itself, into one.

import { showChosen } from "./chosen.js";
import { setBusy } from "./forms.js";
import "./keys.js";
import "./list.js";
import { showLive, tickLive } from "./live.js";
import { tellAgain } from "./messages.js";
import { all, root } from "./page.js";
import { tickTimes } from "./times.js";

// Tells the stylesheet that clicks on rows are heard.
root.dataset.js = "";

// A page that comes back from the browser's memory is as it was left.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  setBusy(all("[data-busy]"), false);
  showChosen();
  tickTimes();
  tickLive();
});

tickTimes();
tellAgain();
showChosen();
showLive();
