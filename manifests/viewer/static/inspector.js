// One item, large: flip between its pictures in place, read how it was made, copy the command that makes it again.

class Inspector {
  constructor(items, atlases, grid, filters) {
    Object.assign(this, { items, atlases, grid, filters });
    this.folder = "ref";
    this.zoom = 0; // steps from what fits
    this.canvas = element("canvas", { role: "img", onclick: () => this.flip(1) });
    this.title = element("h2");
    this.folders = segments(
      "Picture", [["ref", "ref", "Key R"], ["p0", "p0", "Key 0"], ["p1", "p1", "Key 1"]], (folder) => this.look(folder));
    this.facts = element("div", { className: "facts" });
    this.command = element("textarea", { readOnly: true, rows: 2, "aria-label": "Command that makes this item again" });
    this.copied = element("span", { role: "status" });
    this.copyRow = element(
      "div", { className: "command" }, this.command,
      element("button", { type: "button", textContent: "Copy", title: "Key C", onclick: () => this.copy() }), this.copied);
    const button = (text, label, onclick) => element("button", { type: "button", textContent: text, title: label, "aria-label": label, onclick });
    this.stage = element("div", { className: "stage", tabIndex: 0 }, this.canvas);
    this.size = element("span", { className: "size" });
    this.element = element(
      "dialog", { className: "inspector", "aria-label": "Item", onkeydown: (event) => this.key(event), onclose: () => this.grid.element.focus() },
      element("header", {}, button("‹", "Previous item, left arrow", () => this.step(-1)),
        button("›", "Next item, right arrow", () => this.step(1)), this.title, button("×", "Close, Escape", () => this.element.close())),
      element("div", { className: "body" },
        element("div", { className: "view" }, this.stage,
          element("div", { className: "tools" }, this.folders.group, button("−", "Smaller, key −", () => this.rescale(-1)), this.size,
            button("+", "Larger, key +", () => this.rescale(1)))),
        element("div", { className: "side" }, this.copyRow, this.facts)),
    );
    new ResizeObserver(() => this.element.open && this.fit()).observe(this.stage);
  }

  open() {
    if (!this.element.open) this.element.showModal();
    this.stage.focus(); // so that Space flips, and presses no button
    this.show();
  }

  get k() {
    return this.grid.order[this.grid.active];
  }

  show() {
    const { items, k } = this;
    const subset = items.subsetOf(k);
    this.title.textContent = `${items.stems[k]} · ${subset.name}`;
    this.copied.textContent = "";
    this.copyRow.hidden = !subset.replay;
    this.command.value = subset.replay ? `${subset.replay} ${Number(items.stems[k])}` : "";
    this.folders.group.firstChild.hidden = subset.kind === "jnd";
    if (subset.kind === "jnd" && this.folder === "ref") this.folder = "p0";
    this.look(this.folder);
    this.facts.replaceChildren(...this.describe(k, subset));
  }

  describe(k, subset) {
    const { items } = this;
    const parts = [];
    for (const side of [0, 1]) {
      if (!subset.origin) continue;
      const [first, end] = items.span(k, side);
      parts.push(element("h3", { textContent: `p${side}` }));
      if (first === end) parts.push(element("p", { textContent: "as the reference" }));
      for (let c = first; c < end; c++) {
        const { name, family } = items.operators[items.calls[c]];
        parts.push(
          element("p", {}, element("strong", { textContent: words(name) }), ` ${items.severities[c].toFixed(2)} · ${family}`),
          element("p", { className: "quiet", textContent: items.details[c] }));
      }
    }
    const rows = items.labellings.map(({ name, shares, votes }) => [
      name, verdict(subset.kind, shares[k]), votes[k] ? `${votes[k]} votes` : ""]);
    for (const { name, d0, d1 } of items.metrics) {
      rows.push([name, subset.kind === "2afc" ? `d0 ${format(d0[k], 4)}` : "", `${subset.kind === "2afc" ? "d1" : "d"} ${format(d1[k], 4)}`]);
    }
    parts.push(
      element("h3", { textContent: "Judgments" }),
      element("table", {}, ...rows.map((row) => element("tr", {}, ...row.map((text) => element("td", { textContent: text }))))));
    if (items.dropped[k]) parts.push(element("p", { textContent: `Not worth a label: ${items.dropped[k]}` }));
    const photo = items.photos[items.photo[k]];
    if (photo) parts.push(element("h3", { textContent: "Photograph" }), element("p", { textContent: photo }));
    return parts;
  }

  look(folder) {
    this.folder = folder;
    this.folders.show(folder);
    const subset = this.items.subsetOf(this.k);
    this.atlases.draw(this.canvas, this.k, columnOf(subset.kind, folder));
    this.canvas.setAttribute("aria-label", `${folder} of item ${this.items.stems[this.k]}`);
    this.fit();
  }

  flip(step) {
    const folders = FOLDERS[this.items.subsetOf(this.k).kind];
    this.look(folders[(folders.indexOf(this.folder) + step + folders.length) % folders.length]);
  }

  /** Show the picture at the largest whole factor that fits, or at the chosen one. */
  fit() {
    const density = window.devicePixelRatio || 1;
    const { side } = this.items.subsetOf(this.k);
    const room = Math.min(this.stage.clientWidth, this.stage.clientHeight) * density;
    const fitting = Math.max(1, Math.floor(room / side));
    this.factor = Math.min(64, Math.max(1, fitting + this.zoom));
    this.zoom = this.factor - fitting;
    this.canvas.style.width = this.canvas.style.height = `${(side * this.factor) / density}px`;
    this.size.textContent = `${this.factor} ×`;
  }

  rescale(step) {
    this.zoom += step;
    this.fit();
  }

  step(by) {
    this.grid.move(this.grid.active + by);
    this.show();
  }

  async copy() {
    if (!this.command.value) return;
    this.copied.textContent = (await copyText(this.command.value, this.command)) ? "Copied" : "Select the text and copy it";
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const button = event.target.tagName === "BUTTON";
    const actions = {
      ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      r: () => this.look(this.items.subsetOf(this.k).kind === "jnd" ? "p0" : "ref"), 0: () => this.look("p0"), 1: () => this.look("p1"),
      "+": () => this.rescale(1), "=": () => this.rescale(1), "-": () => this.rescale(-1), c: () => this.copy(),
      ...(button ? {} : { " ": () => this.flip(event.shiftKey ? -1 : 1) }),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }
}
