// What would show the pictures otherwise than they are: each is told once, can be waved aside, and is logged.

import { screen } from "./screens.js";

const dismissed = new Set();

/** Names of what distorts at the moment. */
export function distortions(taskName, view) {
  const names = [];
  // Whole photographs may be reduced; of a patch every pixel has to be seen.
  if (view.factor < 1 && taskName !== "similar") names.push("small");
  if (Math.abs((globalThis.visualViewport?.scale ?? 1) - 1) > 0.01) names.push("zoom");
  if (view.fractional) names.push("fractional");
  return names;
}

/**
 * Warn of what distorts, until it is over or the person goes on anyway.
 *
 * @param {string} taskName
 * @param {() => QuestionView} build puts the question on the page; called again after each warning.
 * @returns {Promise<QuestionView>}
 */
export async function warn(taskName, build) {
  for (;;) {
    const view = build();
    const name = distortions(taskName, view).find((candidate) => !dismissed.has(candidate));
    if (name === undefined) return view;
    const changed = new AbortController();
    const change = new Promise((resolve) => {
      addEventListener("resize", resolve, { signal: changed.signal });
      globalThis.visualViewport?.addEventListener("resize", resolve, { signal: changed.signal });
    });
    const press = screen(`warning-${name}`, { buttons: ["continue-anyway"], alert: true });
    if ((await Promise.race([press, change])) === "continue-anyway") dismissed.add(name);
    changed.abort();
  }
}
