// Screens of text: consent, instructions, breaks, messages. One at a time fills the page.

import { label, page } from "./texts.js";

/**
 * Show a text and its buttons; resolve with the name of the button that was pressed. Enter presses the first.
 *
 * @param {string} key of the text.
 * @param {object} [options]
 * @param {Object<string, number>} [options.values] that the text names in braces.
 * @param {string[]} [options.buttons] keys of labels; none: the promise resolves never, the screen stays.
 * @param {HTMLElement[]} [options.extra] what stands between text and buttons.
 * @param {boolean} [options.alert] whether it interrupts.
 */
export function screen(key, { values = {}, buttons = [], extra = [], alert = false } = {}) {
  const root = document.getElementById("screen").content.cloneNode(true);
  const card = root.querySelector(".card");
  card.dataset.screen = key;
  if (alert) card.setAttribute("role", "alert");
  root.querySelector(".text").innerHTML = page(key, values); // rendered by the server, which lets no markup through
  root.querySelector(".extra").append(...extra);
  const main = document.querySelector("main");
  const pressed = new Promise((resolve) => {
    for (const [number, name] of buttons.entries()) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = number === 0 ? "primary" : "secondary";
      button.textContent = label(name);
      button.addEventListener("click", () => resolve(name));
      root.querySelector(".actions").append(button);
    }
    main.replaceChildren(root);
    const onKey = (event) => {
      if (!card.isConnected) {
        removeEventListener("keydown", onKey);
      } else if (event.key === "Enter" && !event.repeat && !event.target.closest("a, button") && buttons.length > 0) {
        event.preventDefault();
        resolve(buttons[0]);
      }
    };
    addEventListener("keydown", onKey);
  });
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
  return pressed;
}

/** A line of plain text in the place of a screen. */
export function line(key) {
  const text = document.createElement("p");
  text.className = "line";
  text.setAttribute("role", "status");
  text.textContent = label(key);
  document.querySelector("main").replaceChildren(text);
}

/** How far the person is. */
export function progress(key, place, total) {
  const top = document.querySelector(".top");
  top.hidden = key === null;
  if (key === null) return;
  const text = label(key, { place, total });
  top.querySelector(".place").textContent = text;
  const bar = top.querySelector(".bar");
  bar.setAttribute("aria-label", text);
  bar.setAttribute("aria-valuemax", String(total));
  bar.setAttribute("aria-valuenow", String(place - 1));
  bar.setAttribute("aria-valuetext", text);
  bar.querySelector(".bar-done").style.transform = `scaleX(${total > 0 ? (place - 1) / total : 0})`;
}

/** One line at the top of the page, for what is worth knowing but stops nothing. Empty: none. */
export function notice(key) {
  document.querySelector(".notice").textContent = key ? label(key) : "";
}
