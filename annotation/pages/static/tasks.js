// What differs between the tasks: the pictures, the steps of a showing, the answers and their keys. A time of 0: until the answer.

const FIXATION_MS = 500;

export const TASKS = {
  "2afc": {
    minutesPerQuestion: 5 / 60,
    // Each place on the page, and the pictures that stand there one after the other.
    places: { left: ["left"], ref: ["ref"], right: ["right"] },
    steps: (settings) => [{ shows: ["left", "ref", "right"], askedMs: settings.show_ms, logged: true }],
    after: "placeholders",
    ask: "question-2afc",
    askBefore: "question-2afc",
    answers: [
      { choice: "left", label: "left", keys: ["ArrowLeft", "f"], hint: "←" },
      { choice: "right", label: "right", keys: ["ArrowRight", "j"], hint: "→" },
    ],
  },
  jnd: {
    minutesPerQuestion: 4.5 / 60,
    places: { patch: ["first", "second"] },
    steps: (settings) => [
      { shows: [], fixation: true, askedMs: FIXATION_MS, logged: false },
      { shows: ["first"], askedMs: settings.reference_ms, logged: true },
      ...(settings.gap_ms > 0 ? [{ shows: [], askedMs: settings.gap_ms, logged: true }] : []),
      { shows: ["second"], askedMs: settings.patch_ms, logged: true },
    ],
    after: "nothing",
    ask: "question-jnd",
    askBefore: "question-jnd-wait",
    answers: [
      { choice: "same", label: "same", keys: ["s", "ArrowLeft"], hint: "S" },
      { choice: "different", label: "different", keys: ["d", "ArrowRight"], hint: "D" },
    ],
  },
  similar: {
    minutesPerQuestion: 4 / 60,
    places: { query: ["query"], candidate: ["candidate"] },
    steps: (settings) => [{ shows: ["query", "candidate"], askedMs: settings.show_ms, logged: true }],
    after: "placeholders",
    ask: "question-similar",
    askBefore: "question-similar",
    answers: [
      { choice: "similar", label: "similar", keys: ["s", "ArrowLeft"], hint: "S" },
      { choice: "different", label: "not-similar", keys: ["d", "ArrowRight"], hint: "D" },
    ],
  },
};

/** The answer that a key stands for, or undefined. On a keyboard with other letters the place of the key counts. */
export function answerOfKey(task, event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const latin = /^[a-z]$/i.test(event.key);
  const key = event.key.length === 1 && !latin ? event.code.replace(/^Key/, "").toLowerCase() : event.key;
  const name = key.length === 1 ? key.toLowerCase() : key;
  return task.answers.find((answer) => answer.keys.includes(name));
}
