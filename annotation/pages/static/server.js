// Requests to the server, and what may become of them.

const TIMEOUT_MS = 20_000;
const LONGEST_PAUSE_MS = 15_000;

/** The server answered, and refused. Asking again changes nothing, except after 507 (no room left). */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** No answer, or one that says: later. */
export class Unreachable extends Error {}

/** Post JSON and return the JSON that comes back. */
export async function post(path, body) {
  return await (await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  })).json();
}

/** Get a file. */
export async function get(path) {
  return await (await request(path, {})).blob();
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Unreachable(path);
  }
  if (response.ok) return response;
  let message = null;
  try {
    message = (await response.json()).error;
  } catch {
    // Not from this server but from something before it, which knows nothing of answers.
  }
  const later = [408, 429, 500, 502, 504].includes(response.status);
  if (later || (message === null && response.status !== 413)) throw new Unreachable(path);
  throw new Refused(response.status, message ?? "");
}

/** What is wrong at the moment: "" (nothing), "connection" or "disk-full". Tells "change". */
class Trouble extends EventTarget {
  #waiting = new Map(); // who waits → why

  get state() {
    const reasons = [...this.#waiting.values()];
    return reasons.find((reason) => reason === "disk-full") ?? reasons[0] ?? "";
  }

  waits(who, reason) {
    this.#change(() => this.#waiting.set(who, reason));
  }

  over(who) {
    this.#change(() => this.#waiting.delete(who));
  }

  #change(action) {
    const before = this.state;
    action();
    if (this.state !== before) this.dispatchEvent(new Event("change"));
  }
}

export const trouble = new Trouble();

/** Do it until it succeeds; only a refusal ends this. Says in `trouble` why it has to wait. */
export async function insist(action) {
  const who = Symbol("request");
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await action();
      } catch (error) {
        const full = error instanceof Refused && error.status === 507;
        if (!full && !(error instanceof Unreachable)) throw error;
        trouble.waits(who, full ? "disk-full" : "connection");
      }
      await pauseOrOnline(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** attempt) * (0.75 + Math.random() / 2));
    }
  } finally {
    trouble.over(who);
  }
}

function pauseOrOnline(ms) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
  });
}
