// One session: instructions, questions, thanks. Results: one row per answer, as `bappsmith annotate import` reads them.
"use strict";

const HOST = location.pathname.includes("/publix/") ? "jatos"
  : location.hostname.endsWith("pavlovia.org") ? "pavlovia" : "none";
const KEYS = { p0: null, p1: null, same: "s", different: "d", similar: "s" };
const COLUMNS = ["subset", "index", "role", "expected", "choice", "left", "person", "session", "place", "response_ms"];

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("cannot load " + address));
    document.head.append(script);
  });
}

function personName() {
  const words = new URLSearchParams(location.search);
  const extra = HOST === "jatos" ? jatos.urlQueryParameters || {} : {};
  for (const name of ["PROLIFIC_PID", "participant", "workerId"]) {
    const value = words.get(name) || extra[name];
    if (value) return value.slice(0, 200);
  }
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function shuffled(list) {
  const copy = list.slice();
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [copy[last], copy[other]] = [copy[other], copy[last]];
  }
  return copy;
}

// Items and sentinels in any order. Repeats come in the second half, after the items that they repeat.
function plan() {
  const items = shuffled(QUESTIONS.filter(([role]) => role === "item")).slice(0, STUDY.items);
  const first = shuffled([...items, ...QUESTIONS.filter(([role]) => role === "sentinel")]);
  const early = first.slice(0, Math.floor(first.length / 2)).filter(([role]) => role === "item");
  const again = shuffled(early).slice(0, STUDY.repeats).map(([, ...rest]) => ["repeat", ...rest]);
  const half = Math.floor(first.length / 2);
  return [...first.slice(0, half), ...shuffled([...first.slice(half), ...again])];
}

// Enlarged by the largest whole number of device pixels that fits.
function enlarge(across) {
  for (const image of document.querySelectorAll(".row img")) {
    const room = Math.min(innerWidth / across, innerHeight / 3) * devicePixelRatio * 0.85;
    const factor = Math.max(1, Math.floor(room / image.naturalWidth));
    image.style.width = (image.naturalWidth * factor) / devicePixelRatio + "px";
  }
}

function pressable(jsPsych, across) {
  enlarge(across);
  for (const element of document.querySelectorAll("[data-key]")) {
    element.addEventListener("click", () => jsPsych.pluginAPI.pressKey(element.dataset.key));
  }
}

const picture = (path, key = "") => `<img alt="" src="${path}"${key && ` data-key="${key}"`}>`;
const buttons = (words) => `<div class="row">${words.map((word) => `<button data-key="${KEYS[word]}">${word} (${KEYS[word].toUpperCase()})</button>`).join("")}</div>`;

function trial(jsPsych, question, place, common) {
  const [role, subset, index, expected, files] = question;
  const row = { bappsmith: true, ...common, subset, index, role, expected, place, left: null };
  const type = jsPsychHtmlKeyboardResponse;
  if (STUDY.task === "2afc") {
    const order = Math.random() < 0.5 ? ["p0", "p1"] : ["p1", "p0"];
    const path = { p0: files[1], p1: files[2] };
    row.left = order[0];
    return [{
      type,
      stimulus: `<div class="row">${picture(files[0])}</div><div class="row">${picture(path[order[0]], "arrowleft")}${picture(path[order[1]], "arrowright")}</div>`,
      prompt: "<p>Which one is more like the upper one? Press ← or →.</p>",
      stimulus_duration: STUDY.show_ms || null,
      choices: ["arrowleft", "arrowright"],
      data: row,
      on_load: () => pressable(jsPsych, 2),
      on_finish: (data) => { data.choice = order[data.response === "arrowleft" ? 0 : 1]; data.response_ms = data.rt; },
      post_trial_gap: 250,
    }];
  }
  const words = STUDY.choices;
  const answer = (data) => { data.choice = words.find((word) => KEYS[word] === data.response); data.response_ms = data.rt; };
  const last = { type, choices: words.map((word) => KEYS[word]), data: row, on_finish: answer, prompt: buttons(words), post_trial_gap: 250 };
  if (STUDY.task === "similar") {
    return [{ ...last, stimulus: `<div class="row">${files.map((file) => picture(file)).join("")}</div>`, stimulus_duration: STUDY.show_ms || null, on_load: () => pressable(jsPsych, 2) }];
  }
  return [
    { type, stimulus: `<div class="row">${picture(files[0])}</div>`, choices: "NO_KEYS", trial_duration: STUDY.first_ms, on_load: () => enlarge(1) },
    { type, stimulus: "", choices: "NO_KEYS", trial_duration: STUDY.gap_ms },
    { ...last, stimulus: `<div class="row">${picture(files[1])}</div>`, stimulus_duration: STUDY.second_ms, on_load: () => pressable(jsPsych, 1) },
  ];
}

// The person's name comes from the address: a spreadsheet must not run it as a formula.
function csv(rows) {
  const harmless = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const cell = (value) => (value === null || value === undefined ? "" : `"${harmless(String(value)).replaceAll('"', '""')}"`);
  return [COLUMNS.join(","), ...rows.map((row) => COLUMNS.map((name) => cell(row[name])).join(","))].join("\n") + "\n";
}

async function run() {
  if (HOST === "jatos") {
    await load("jatos.js");
    await new Promise((resolve) => { jatos.onLoad(resolve); });
  }
  document.title = STUDY.name;
  const results = () => csv(jsPsych.data.get().values().filter((row) => row.bappsmith));
  const jsPsych = initJsPsych({
    show_progress_bar: true,
    on_finish: () => {
      if (HOST === "jatos") jatos.endStudy(results());
      if (HOST !== "none") return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([results()], { type: "text/csv" }));
      link.download = `votes-${common.person}.csv`;
      link.textContent = "Save your answers";
      jsPsych.getDisplayElement().replaceChildren(link);
    },
  });
  const common = { person: personName(), session: String(Date.now()) };
  const questions = plan();
  const says = {
    "2afc": "You will see a picture, and below it two others. Choose the one that is more like the upper one: press ← or →, or touch it.",
    jnd: "You will see a picture, then, after a short pause, a second one. Do they look the same? Press S for same, D for different.",
    similar: "You will see two pictures. Are they similar? Press S for similar, D for different.",
  };
  const timeline = [
    { type: jsPsychPreload, images: questions.flatMap(([, , , , files]) => files) },
    {
      type: jsPsychHtmlKeyboardResponse,
      stimulus: `<p>${says[STUDY.task]}</p>`,
      prompt: `<div class="row"><button data-key=" ">Start (space)</button></div>`,
      choices: [" "],
      on_load: () => pressable(jsPsych, 1),
    },
    ...questions.flatMap((question, place) => trial(jsPsych, question, place, common)),
  ];
  if (HOST === "pavlovia") {
    await load("https://pavlovia.org/lib/jspsych-7-pavlovia-2022.1.1.js");
    timeline.unshift({ type: jsPsychPavlovia, command: "init" });
    timeline.push({ type: jsPsychPavlovia, command: "finish" });
  }
  await jsPsych.run(timeline);
}

if (typeof initJsPsych === "undefined") {
  document.body.textContent =
    "jsPsych could not be loaded from unpkg.com. Connect to the internet, or put its files beside index.html, as the remark there says.";
} else run().catch((error) => { document.body.textContent = String(error); });
