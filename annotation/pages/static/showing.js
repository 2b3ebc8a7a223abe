// One showing: pictures for the asked time, then the answer. Returns what the server is told.

import { frameMs, nextFrame, pause, play } from "./frames.js";
import { answerOfKey } from "./tasks.js";

const BETWEEN_MS = 250;
const AFTER_INTERRUPTION_MS = 1200;

/**
 * Show and wait for the answer.
 *
 * @param {QuestionView} view with this showing's pictures.
 * @param {object} task from tasks.js.
 * @param {object} settings of the study: the times asked.
 * @param {Choices} choices where presses, clicks and touches arrive.
 * @returns {Promise<{choice: string, response_ms: number, timing: object}>}
 */
export async function show(view, task, settings, choices) {
  const steps = task.steps(settings);
  const last = steps.length - 1;
  const log = { early: 0, hidden: false, resized: false, replays: 0 };
  let onset = Infinity;
  let answer = null;
  let running = false;
  let interrupted = false;

  const onHide = () => {
    if (document.visibilityState !== "hidden" || answer) return;
    log.hidden = true;
    // What the person cannot see does not count as shown; pictures that stay until the answer are still there later.
    if (running && steps.some((step) => step.askedMs > 0)) interrupted = true;
  };
  const onResize = () => {
    log.resized = true;
    view.place();
  };
  let tellAnswer;
  const answered = new Promise((resolve) => {
    tellAnswer = resolve;
  });
  choices.listen(task, (choice, time) => {
    if (answer) return;
    if (interrupted || !(time > onset)) {
      log.early += 1;
      return;
    }
    answer = { choice, time };
    view.mark(choice);
    tellAnswer();
  });
  document.addEventListener("visibilitychange", onHide);
  addEventListener("resize", onResize);

  try {
    view.ask(task.askBefore);
    view.awaiting = task.askBefore === task.ask;
    await pause(BETWEEN_MS);
    let shown;
    for (;;) {
      await visible();
      interrupted = false;
      running = true;
      shown = await play(
        steps.map((step) => ({ askedMs: step.askedMs, draw: () => view.draw(step) })),
        () => answer !== null || interrupted,
        (number, time) => {
          if (number !== last) return;
          onset = time;
          view.open = true;
        },
      );
      running = false;
      view.draw({ shows: [], placeholders: task.after === "placeholders" && !answer });
      if (!interrupted || answer) break;
      onset = Infinity;
      view.open = false;
      log.replays += 1;
      await visible();
      view.ask("shown-again");
      await pause(AFTER_INTERRUPTION_MS);
      view.ask(task.askBefore);
    }
    view.ask(task.ask);
    view.awaiting = true;
    await answered;
    const logged = shown.filter((_, number) => steps[number].logged);
    const pictures = logged.at(-1);
    return {
      choice: answer.choice,
      response_ms: round(answer.time - onset),
      timing: {
        shown_ms: round(pictures.shownMs),
        asked_ms: pictures.askedMs,
        frame_ms: round(frameMs()),
        frames: pictures.frames,
        early: false,
        early_presses: log.early,
        replays: log.replays,
        hidden: log.hidden,
        resized: log.resized,
        dpr: devicePixelRatio,
        factor: round(view.factor),
        ...(logged.length > 1 && {
          steps: logged.map((step) => ({ asked_ms: step.askedMs, shown_ms: round(step.shownMs), frames: step.frames })),
        }),
      },
    };
  } finally {
    choices.ignore();
    document.removeEventListener("visibilitychange", onHide);
    removeEventListener("resize", onResize);
  }
}

async function visible() {
  while (document.visibilityState === "hidden") {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
  await nextFrame();
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}

/** Presses of keys on the page, and clicks that a view passes on. At most one listener at a time. */
export class Choices {
  #task = null;
  #told = null;

  constructor() {
    addEventListener("keydown", (event) => {
      if (this.#told === null) return;
      const answer = answerOfKey(this.#task, event);
      if (answer === undefined) return;
      event.preventDefault();
      if (!event.repeat) this.choose(answer.choice, event.timeStamp);
    });
  }

  listen(task, told) {
    this.#task = task;
    this.#told = told;
  }

  ignore() {
    this.#told = null;
  }

  choose(choice, time) {
    this.#told?.(choice, time);
  }
}
