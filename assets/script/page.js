// What every part needs: the document, and a memory of this browser.

export const root = document.documentElement;
export const first = (selector, inside = document) => inside.querySelector(selector);
export const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
export const seconds = (milliseconds) => Math.ceil(milliseconds / 1000);

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage can be switched off; then the choice holds for this page.
  }
}

export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
