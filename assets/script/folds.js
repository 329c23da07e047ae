// What a person has folded away stays so. The server draws the page by it, so that nothing moves when it loads.

import { askNow } from "./live.js";

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
