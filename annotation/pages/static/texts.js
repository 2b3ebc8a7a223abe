// Texts of the study in its language.

import { get, insist } from "./server.js";

let texts = { pages: {}, labels: {} };

export async function loadTexts() {
  texts = JSON.parse(await (await insist(() => get("/texts.json"))).text());
  document.documentElement.lang = texts.language;
  document.documentElement.dir = texts.direction;
}

/** Plain text of a label; `{name}` is replaced by the value of that name. */
export function label(key, values = {}) {
  return fill(texts.labels[key], values);
}

/** HTML of a page, rendered and made safe by the server. The values are numbers. */
export function page(key, values = {}) {
  return fill(texts.pages[key], values);
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
