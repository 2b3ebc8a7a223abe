// Answers that the server has not acknowledged. They outlive a reload, a lost connection and a restart of the server.

import { insist, post, Refused } from "./server.js";

const BATCH = 25;

export class AnswerQueue extends EventTarget {
  #prefix;
  #memory = new Map();
  #running = null;
  #waiting = new Map();

  /** @param {string} session whose answers these are; another session's answers stay untouched. */
  constructor(session) {
    super();
    this.#prefix = `bappsmith/${session}/`;
    for (const key of keysOfStorage(this.#prefix)) {
      const answer = read(key);
      if (answer) this.#memory.set(answer.id, answer);
    }
  }

  get size() {
    return this.#memory.size;
  }

  has(id) {
    return this.#memory.has(id);
  }

  /** Keep an answer and send it. One key for each, so that two tabs never overwrite each other. */
  add(answer) {
    this.#memory.set(answer.id, answer);
    write(this.#prefix + answer.id, answer);
    this.send();
  }

  /** Resolve with what the server said about this answer: {status, right?, reason?}. */
  receipt(id) {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** Send everything; resolve when nothing is left. Rejects if the server refuses the session as a whole. */
  send() {
    this.#running ??= this.#sendAll().then(
      () => {
        this.#running = null;
        return this.size > 0 ? this.send() : undefined;
      },
      (error) => {
        this.#running = null;
        this.dispatchEvent(new CustomEvent("refused", { detail: error }));
        throw error;
      },
    );
    this.#running.catch(() => {}); // told by the event; whoever waits for the promise learns it too
    return this.#running;
  }

  async #sendAll() {
    let batch = BATCH;
    while (this.#memory.size > 0) {
      const answers = [...this.#memory.values()].slice(0, batch);
      let reply;
      try {
        reply = await insist(() => post("/api/answers", { answers }));
      } catch (error) {
        if (!(error instanceof Refused) || ![400, 404, 413].includes(error.status)) throw error;
        // One answer that the server does not understand must not hold back the others.
        if (answers.length > 1) {
          batch = 1;
          continue;
        }
        reply = { receipts: [{ id: answers[0].id, status: "refused", reason: error.message }] };
      }
      const acknowledged = reply.receipts.filter((receipt) => this.#memory.has(receipt.id));
      if (acknowledged.length === 0) throw new Refused(500, "the server acknowledged nothing");
      for (const receipt of acknowledged) {
        this.#memory.delete(receipt.id);
        forget(this.#prefix + receipt.id);
        this.#waiting.get(receipt.id)?.(receipt);
        this.#waiting.delete(receipt.id);
      }
      this.dispatchEvent(new CustomEvent("acknowledged", { detail: reply }));
    }
  }
}

function keysOfStorage(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// Where the browser stores nothing (private window, no room) the answers are kept for as long as the page is open.
function write(key, answer) {
  try {
    localStorage.setItem(key, JSON.stringify(answer));
  } catch {
    return;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    return;
  }
}
