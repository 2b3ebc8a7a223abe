// The question on the page: canvases on whole device pixels, the text below them, the buttons.

import { arrange, wholeStep } from "./layout.js";
import { label } from "./texts.js";

const SURROUND = "#808080"; // also in judge.css
const PLACEHOLDER = "#767676";
const PICTURE_LABELS = {
  ref: "picture-reference",
  left: "picture-left",
  right: "picture-right",
  patch: "picture-first",
  query: "picture-query",
  candidate: "picture-candidate",
};

export class QuestionView {
  #task;
  #name;
  #bitmaps;
  #room;
  #places = new Map(); // place → {element, canvas}
  #sizes = new Map(); // place → {width, height} of its picture in device pixels
  #ask;
  #drawn = { shows: [], fixation: false, placeholders: false };
  factor = 1;

  /**
   * @param {string} name of the task.
   * @param {object} task its description in tasks.js.
   * @param {Object<string, ImageBitmap>} bitmaps
   * @param {(choice: string, time: number) => void} chosen called for a click or a touch, with the time of the event.
   */
  constructor(name, task, bitmaps, chosen) {
    this.#name = name;
    this.#task = task;
    this.#bitmaps = bitmaps;
    const root = document.getElementById("question").content.cloneNode(true);
    this.#room = root.querySelector(".room");
    this.#ask = root.querySelector(".ask");
    const choose = (choice) => (event) => chosen(choice, event.timeStamp);
    for (const place of Object.keys(task.places)) {
      const answer = task.answers.find((candidate) => candidate.choice === place);
      const element = document.createElement(answer ? "button" : "div");
      element.className = "picture";
      element.dataset.place = place;
      if (answer) {
        element.type = "button";
        element.tabIndex = -1; // the buttons below are on the way of the Tab key; twice would be once too often
        element.addEventListener("click", choose(answer.choice));
      } else {
        element.setAttribute("role", "img");
      }
      element.setAttribute("aria-label", label(PICTURE_LABELS[place]));
      const canvas = document.createElement("canvas");
      element.append(canvas);
      if (place === "ref") {
        const caption = document.createElement("span");
        caption.className = "caption";
        caption.dir = "auto";
        caption.textContent = label("reference");
        element.append(caption);
      }
      this.#room.append(element);
      this.#places.set(place, { element, canvas });
    }
    const buttons = root.querySelector(".answers");
    for (const answer of task.answers) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "answer";
      button.dataset.choice = answer.choice;
      button.setAttribute("aria-keyshortcuts", answer.keys.join(" "));
      const text = document.createElement("span");
      text.dir = "auto";
      text.textContent = label(answer.label);
      const hint = document.createElement("kbd");
      hint.textContent = answer.hint;
      hint.setAttribute("aria-hidden", "true");
      button.append(text, hint);
      button.addEventListener("click", choose(answer.choice));
      buttons.append(button);
    }
    document.querySelector("main").replaceChildren(root);
    this.place();
  }

  /** Lay the canvases out anew for the room there is, and draw again what stood on them. */
  place() {
    const ratio = devicePixelRatio;
    const area = this.#room.getBoundingClientRect();
    const left = Math.ceil(area.left * ratio - 0.01);
    const top = Math.ceil(area.top * ratio - 0.01);
    const room = {
      width: Math.floor(area.right * ratio + 0.01) - left,
      height: Math.floor(area.bottom * ratio + 0.01) - top,
    };
    const sizes = Object.values(this.#bitmaps);
    const size = {
      width: Math.max(...sizes.map((bitmap) => bitmap.width)),
      height: Math.max(...sizes.map((bitmap) => bitmap.height)),
    };
    const { factor, boxes } = arrange(this.#name, size, room, ratio);
    this.factor = factor;
    const step = wholeStep(ratio);
    for (const [place, { element, canvas }] of this.#places) {
      const bitmap = this.#bitmaps[this.#task.places[place][0]];
      const box = boxes[place];
      const width = Math.max(1, Math.floor(bitmap.width * factor));
      const height = Math.max(1, Math.floor(bitmap.height * factor));
      this.#sizes.set(place, { width, height });
      // The canvas may be larger than its picture; what is left of it has the grey of the surround.
      canvas.style.width = `${Math.ceil(width / ratio / step - 0.001) * step}px`;
      canvas.style.height = `${Math.ceil(height / ratio / step - 0.001) * step}px`;
      canvas.width = Math.round(Number.parseFloat(canvas.style.width) * ratio);
      canvas.height = Math.round(Number.parseFloat(canvas.style.height) * ratio);
      const x = (left + box.x + (box.width - width) / 2) / ratio;
      const y = (top + box.y + (box.height - height) / 2) / ratio;
      element.style.left = `${Math.round(x / step) * step - area.left}px`;
      element.style.top = `${Math.round(y / step) * step - area.top}px`;
    }
    this.draw(this.#drawn);
  }

  /**
   * Draw everything at once.
   *
   * @param {{shows: string[], fixation?: boolean, placeholders?: boolean}} what the pictures to show; where none is
   *   shown: a placeholder, a cross or nothing.
   */
  draw(what) {
    this.#drawn = what;
    for (const [place, { canvas }] of this.#places) {
      const context = canvas.getContext("2d", { alpha: false });
      const picture = this.#task.places[place].find((name) => what.shows.includes(name));
      const { width, height } = this.#sizes.get(place);
      context.fillStyle = SURROUND;
      context.fillRect(0, 0, canvas.width, canvas.height);
      if (picture !== undefined) {
        context.imageSmoothingEnabled = this.factor < 1;
        context.imageSmoothingQuality = "high";
        context.drawImage(this.#bitmaps[picture], 0, 0, width, height);
      } else if (what.placeholders) {
        context.fillStyle = PLACEHOLDER;
        context.fillRect(0, 0, width, height);
      } else if (what.fixation) drawCross(context, width / 2, height / 2);
    }
  }

  /** Say the question, or something in its place. */
  ask(key) {
    const text = label(key);
    if (this.#ask.textContent !== text) this.#ask.textContent = text;
  }

  /** Show by the look of the buttons whether an answer is awaited. */
  set awaiting(value) {
    for (const button of document.querySelectorAll(".answer")) button.setAttribute("aria-disabled", String(!value));
  }

  /** Say whether an answer counts from now on. It changes nothing that the eye sees, since pictures are on the page. */
  set open(value) {
    document.querySelector(".question").dataset.open = String(value);
  }

  /** Mark the answer that was given. */
  mark(choice) {
    for (const button of document.querySelectorAll(".answer")) {
      button.classList.toggle("chosen", button.dataset.choice === choice);
    }
  }

  /** Put feedback and a button in the place of the question and its answers. Resolves when it was read. */
  feedback(lines, proceed) {
    this.#ask.replaceChildren(
      ...lines.map((text) => {
        const line = document.createElement("span");
        line.textContent = text;
        return line;
      }),
    );
    const button = document.createElement("button");
    button.type = "button";
    button.className = "primary";
    button.textContent = label("continue");
    button.addEventListener("click", proceed);
    const answers = document.querySelector(".answers");
    answers.replaceChildren(button);
    this.place();
    button.focus({ preventScroll: true });
  }

  /** Whether some canvas does not stand on whole device pixels, so that the browser would blur it. */
  get fractional() {
    return [...this.#places.values()].some(({ canvas }) => {
      const area = canvas.getBoundingClientRect();
      const off = (length, whole) => Math.abs(length * devicePixelRatio - whole) > 0.1;
      return (
        off(area.left, Math.round(area.left * devicePixelRatio)) ||
        off(area.top, Math.round(area.top * devicePixelRatio)) ||
        off(area.width, canvas.width) ||
        off(area.height, canvas.height)
      );
    });
  }
}

function drawCross(context, x, y) {
  const arm = Math.round(10 * devicePixelRatio);
  const line = Math.max(2, Math.round(2 * devicePixelRatio));
  context.fillStyle = "#000";
  context.fillRect(Math.round(x) - arm, Math.round(y - line / 2), 2 * arm, line);
  context.fillRect(Math.round(x - line / 2), Math.round(y) - arm, line, 2 * arm);
}
