// What a person has folded away stays so. The server draws the page by it, so that nothing moves when it loads.

const A_YEAR = 365 * 24 * 3600;

addEventListener(
  "toggle",
  ({ target }) => {
    const name = target.dataset?.kept;
    if (name) document.cookie = `${name}=${target.open ? "open" : ""};path=/;max-age=${A_YEAR};samesite=lax`;
  },
  true,
);
