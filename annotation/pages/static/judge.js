// The way of a person: consent, instructions, training, questions with breaks, thanks.

import { distortions, warn } from "./distortion.js";
import { measureFrames } from "./frames.js";
import { Pictures } from "./pictures.js";
import { AnswerQueue } from "./queue.js";
import { line, notice, progress, screen } from "./screens.js";
import { insist, post, Refused, trouble } from "./server.js";
import { Choices, show } from "./showing.js";
import { TASKS } from "./tasks.js";
import { label, loadTexts } from "./texts.js";
import { QuestionView } from "./view.js";

const AHEAD = 8; // showings that are held, so that a short loss of the connection is not noticed
const DECODED = 4; // of them with their pictures ready
const PATIENCE_MS = 700; // before a wait is explained
const SCREEN_OF_STATUS = { 403: "link-invalid", 409: "other-tab", 410: "nothing-left", 503: "study-closed" };
const WITH_DETAIL = ["error", "link-invalid", "nothing-left"]; // whose cause only the server knows

class Judging {
  #pictures = new Pictures();
  #choices = new Choices();
  #ahead = [];
  #given = new Set();
  #total = 0;
  #acknowledged = 0;
  #fetching = null;
  #stopped = false; // after the server refused the session, so that nothing replaces the page that says so

  async run() {
    const opened = await this.#await(() => insist(() => post("/api/open", {})));
    this.tab = opened.tab;
    this.name = opened.task;
    this.task = TASKS[opened.task];
    this.settings = opened.settings;
    this.#acknowledged = opened.progress.done;
    this.#total = opened.progress.total;
    this.queue = new AnswerQueue(opened.session);
    const refused = new Promise((_, reject) => {
      this.queue.addEventListener("refused", (event) => {
        this.#stopped = true;
        reject(event.detail);
      });
    });
    this.queue.addEventListener("acknowledged", (event) => {
      this.#acknowledged = event.detail.done;
      this.#total = event.detail.total;
    });
    await Promise.race([this.#way(opened.stage), refused]);
  }

  async #way(from) {
    // Answers of an earlier visit first: the server must not ask again for what is known.
    if (this.queue.size > 0) await this.#await(() => this.queue.send());
    let stage = from;
    if (stage === "consent") {
      if (!(await this.#consent())) return;
      stage = await this.#stage("instructions");
    }
    if (stage === "instructions") {
      await screen(`instructions-${this.name}`, { buttons: ["continue"] });
      stage = await this.#stage("training");
    }
    await measureFrames();
    if (stage === "training") {
      if (await this.#training()) await screen("ready", { buttons: ["start"] });
      stage = await this.#stage("questions");
    }
    if (stage === "questions") await this.#questions();
    await this.#thanks();
  }

  async #consent() {
    const minutes = Math.max(1, Math.ceil(this.#total * this.task.minutesPerQuestion));
    const pressed = await screen("consent", { values: { minutes }, buttons: ["consent-agree", "consent-decline"] });
    if (pressed === "consent-decline") line("declined");
    return pressed === "consent-agree";
  }

  async #stage(stage) {
    return (await this.#await(() => insist(() => post("/api/stage", { tab: this.tab, stage })))).stage;
  }

  /** Resolves with whether there was any training. */
  async #training() {
    let count = 0;
    for (;;) {
      const showing = await this.#next();
      if (showing === undefined || !showing.training) {
        if (showing) this.#ahead.unshift(showing);
        progress(null);
        return count > 0;
      }
      if (count === 0) await screen("training", { buttons: ["start"] });
      count += 1;
      progress("progress-practice", count, Math.max(count, this.settings.training));
      const { view, answer } = await this.#ask(showing);
      const receipt = this.queue.receipt(showing.id);
      this.queue.add(answer);
      const { right } = await this.#await(() => receipt);
      if (right !== undefined) await this.#feedback(view, answer.choice, right);
      this.#pictures.release(showing);
    }
  }

  async #feedback(view, choice, right) {
    const other = this.task.answers.find((answer) => answer.choice !== choice).choice;
    const truth = right ? choice : other;
    const told = this.name === "similar" && truth === "different" ? "not-similar" : truth;
    if (this.name !== "jnd") view.draw({ shows: Object.values(this.task.places).flat() });
    const lines = [label(right ? "feedback-right" : "feedback-wrong"), label(`truth-${told}`)];
    await new Promise((resolve) => view.feedback(lines, resolve));
  }

  async #questions() {
    let sinceLoad = 0;
    for (;;) {
      const showing = await this.#next();
      if (showing === undefined) break;
      const done = this.#done;
      if (sinceLoad > 0 && done % this.settings.break_every === 0) await this.#break(done);
      sinceLoad += 1;
      progress("progress", Math.min(done + 1, this.#total), this.#total);
      const { answer } = await this.#ask(showing);
      this.queue.add(answer);
      this.#pictures.release(showing);
    }
  }

  async #break(done) {
    progress("progress", done + 1, this.#total);
    await screen("break", { values: { done, total: this.#total }, buttons: ["continue"] });
  }

  async #thanks() {
    await this.#await(() => this.queue.send());
    const { code, return_url: address } = await this.#await(() => insist(() => post("/api/finish", { tab: this.tab })));
    progress(null);
    const extra = [completionCode(code)];
    extra.push(address && /^https?:\/\//i.test(address) ? returnLink(address) : closing());
    screen("thanks", { extra });
  }

  get #done() {
    return this.#acknowledged + this.queue.size;
  }

  /** Put the question on the page and wait for its answer. */
  async #ask(showing) {
    const bitmaps = await this.#await(() => this.#pictures.prepare(showing));
    if (trouble.state === "disk-full") await this.#await(() => this.queue.send());
    const build = () =>
      new QuestionView(this.name, this.task, bitmaps, (choice, time) => this.#choices.choose(choice, time));
    const view = await warn(this.name, build);
    document.querySelector(".question").dataset.showing = showing.id;
    const { choice, response_ms, timing } = await show(view, this.task, this.settings, this.#choices);
    const warnings = distortions(this.name, view);
    return { view, answer: { id: showing.id, choice, response_ms, timing: { ...timing, warnings } } };
  }

  /** The next showing; undefined when there is none. */
  async #next() {
    if (this.#stopped) await new Promise(() => {});
    while (this.#ahead.length === 0) {
      const sent = this.queue.size === 0 && this.#fetching === null; // so that the reply knows all answers
      const came = await this.#await(() => this.#fetch());
      if (this.#ahead.length > 0) break;
      if (sent && came === 0) return undefined;
      // The server asks for what is answered: it does not have these answers yet.
      if (sent) throw new Error("The server has lost answers that it acknowledged.");
      await this.#await(() => this.queue.send());
    }
    const showing = this.#ahead.shift();
    this.#given.add(showing.id);
    if (this.#ahead.length < AHEAD / 2) this.#fetch().catch(() => {}); // awaited, and told, when none is left
    for (const coming of this.#ahead.slice(0, DECODED)) this.#pictures.prepare(coming).catch(() => {});
    return showing;
  }

  /** Ask for more showings; resolves with how many the server gave, known ones included. */
  #fetch() {
    this.#fetching ??= insist(() => post("/api/next", { tab: this.tab, count: AHEAD }))
      .then(({ showings, total }) => {
        const known = new Set([...this.#given, ...this.#ahead.map((showing) => showing.id)]);
        this.#ahead.push(...showings.filter((showing) => !known.has(showing.id) && !this.queue.has(showing.id)));
        this.#total = total;
        return showings.length;
      })
      .finally(() => {
        this.#fetching = null;
      });
    return this.#fetching;
  }

  /** Wait for the server; if it takes long, say why, and put back afterwards what stood on the page. */
  async #await(action) {
    const content = document.querySelector("main");
    let kept = null;
    const explain = () => {
      const unexplained = !trouble.state && content.querySelector(".question");
      if (unexplained && kept === null) return;
      kept ??= [...content.childNodes];
      if (trouble.state) screen(trouble.state);
      else line("loading");
    };
    const timer = setTimeout(() => {
      explain();
      trouble.addEventListener("change", explain);
    }, PATIENCE_MS);
    try {
      return await action();
    } finally {
      clearTimeout(timer);
      trouble.removeEventListener("change", explain);
      if (kept !== null) content.replaceChildren(...kept);
    }
  }
}

function completionCode(code) {
  const box = document.createElement("p");
  box.className = "code";
  const name = document.createElement("span");
  name.textContent = label("code");
  const value = document.createElement("output");
  value.dir = "ltr";
  value.textContent = code;
  box.append(name, value);
  if (navigator.clipboard) {
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "secondary";
    copy.textContent = label("copy");
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code);
      copy.textContent = label("copied");
    });
    box.append(copy);
  }
  return box;
}

function closing() {
  const text = document.createElement("p");
  text.textContent = label("close");
  return text;
}

function returnLink(address) {
  const link = document.createElement("a");
  link.className = "primary";
  link.href = address;
  link.textContent = label("return");
  return link;
}

async function main() {
  await loadTexts();
  trouble.addEventListener("change", () => notice(trouble.state === "connection" ? "not-connected" : ""));
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  try {
    await new Judging().run();
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error);
    progress(null);
    const key = SCREEN_OF_STATUS[error.status] ?? "error";
    const button = { "other-tab": "continue-here", error: "reload" }[key];
    const detail = document.createElement("p");
    detail.className = "detail";
    detail.dir = "auto";
    detail.textContent = WITH_DETAIL.includes(key) ? error.message : "";
    if (button) {
      await screen(key, { buttons: [button], extra: [detail], alert: true });
      location.reload();
    } else screen(key, { extra: [detail], alert: true });
  }
}

main();
