// A range of values: a histogram of all items and of the shown ones above two handles.

class Range {
  constructor(label, top, onchange) {
    this.top = top;
    this.onchange = onchange;
    const handle = (what, value) =>
      element("input", {
        type: "range", min: 0, max: BARS, step: 1, value, "aria-label": `${label}, ${what}`, oninput: () => this.moved(what),
      });
    this.low = handle("from", 0);
    this.high = handle("to", BARS);
    this.bars = Array.from({ length: BARS }, () => element("i", {}, element("b")));
    this.output = element("output");
    this.element = element(
      "fieldset", { className: "range" },
      element("legend", {}, element("span", { textContent: label }), this.output),
      element("div", { className: "bars", "aria-hidden": "true" }, ...this.bars),
      element("div", { className: "handles" }, this.low, this.high),
    );
    this.write();
  }

  get value() {
    const [low, high] = [Number(this.low.value), Number(this.high.value)];
    if (low === 0 && high === BARS) return null;
    // The last class holds its upper end, and what rounding puts beyond it.
    const below = high === BARS ? Infinity : (high * this.top) / BARS - 1e-9;
    return [(low * this.top) / BARS, Math.max(below, (low * this.top) / BARS)];
  }

  moved(what) {
    const [low, high] = [Number(this.low.value), Number(this.high.value)];
    if (low >= high) {
      if (what === "from") this.low.value = Math.max(0, high - 1);
      else this.high.value = Math.min(BARS, low + 1);
    }
    this.write();
    this.onchange(this.value);
  }

  reset() {
    this.low.value = 0;
    this.high.value = BARS;
    this.write();
  }

  write() {
    const at = (input) => format((Number(input.value) * this.top) / BARS);
    this.output.textContent = `${at(this.low)} – ${at(this.high)}`;
    for (const input of [this.low, this.high]) input.setAttribute("aria-valuetext", at(input));
    this.bars.forEach((bar, i) =>
      bar.classList.toggle("out", i < Number(this.low.value) || i >= Number(this.high.value)));
  }

  /** Draw the bars: all items pale, the shown ones dark, by the square root, so that rare values are visible. */
  draw(all, shown) {
    const most = Math.sqrt(Math.max(1, ...all));
    this.bars.forEach((bar, i) => {
      bar.style.height = `${(100 * Math.sqrt(all[i])) / most}%`;
      bar.firstChild.style.height = `${all[i] ? (100 * Math.sqrt(shown[i])) / Math.sqrt(all[i]) : 0}%`;
    });
  }
}
