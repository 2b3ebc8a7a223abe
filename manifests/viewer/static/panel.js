// Filters beside the grid: subset, labelling, comparison, ranges, and operators by family.

class Panel {
  constructor(items, filters, onchange) {
    Object.assign(this, { items, filters, onchange });
    this.ranges = {};
    this.boxes = [];
    this.element = element("aside", { className: "panel", "aria-label": "Filters" });
    this.build();
  }

  build() {
    const { items, filters } = this;
    const parts = [element("div", { className: "title" }, element("h2", { textContent: "Filter" }),
      element("button", { type: "button", textContent: "Clear all", onclick: () => this.clear() }))];
    if (items.subsets.length > 1) {
      const options = [[-1, "all"], ...items.subsets.map((subset, s) => [s, subset.name])];
      this.subsets = choice("Subset", options, (value) => { filters.subset = Number(value); this.onchange(); });
      parts.push(this.subsets.field);
    }
    if (items.labellings.length > 1) {
      const options = items.labellings.map(({ name }, l) => [l, name]);
      parts.push(choice("Judgments of", options, (value) => { filters.labelling = Number(value); this.relabel(); }).field);
    }
    if (items.judges.length > 1) {
      const names = items.judges.map((name, j) => [j, j < items.labellings.length ? `labelling ${name}` : `metric ${name}`]);
      const judge = choice("Compare with", names, (value) => { filters.judge = Number(value); this.relabel(); });
      judge.select.value = filters.judge;
      parts.push(judge.field);
    }
    const top = Math.max(1, Math.ceil(items.severity.reduce((most, value) => Math.max(most, value), 0)));
    const add = (name, label, end) => {
      this.ranges[name] = new Range(label, end, (range) => { filters.ranges[name] = range; this.onchange(); });
      parts.push(this.ranges[name].element);
    };
    add("judgment", "Judgment", 1);
    if (filters.judge >= 0) add("disagreement", "Disagreement", 1);
    if (items.operators.length) {
      add("severity", "Severity, larger side", top);
      parts.push(this.operators());
    }
    this.element.append(...parts);
  }

  operators() {
    const { items, filters } = this;
    this.search = element("input", { type: "search", placeholder: "Find an operator  ( / )", "aria-label": "Find an operator", oninput: () => this.narrow() });
    const families = [...new Set(items.operators.map(({ family }) => family))].sort();
    this.families = families.map((family) => {
      const members = items.operators.map((_, o) => o).filter((o) => items.operators[o].family === family)
        .sort((a, b) => (items.operators[a].name < items.operators[b].name ? -1 : 1));
      const all = element("input", { type: "checkbox", onchange: () => { members.forEach((o) => { filters.operators[o] = Number(all.checked); }); this.onchange(); } });
      const rows = members.map((o) => {
        const box = element("input", { type: "checkbox", onchange: () => { filters.operators[o] = Number(box.checked); this.onchange(); } });
        const count = element("span", { className: "count" });
        const row = element("label", {}, box, element("span", { textContent: words(items.operators[o].name) }), count);
        this.boxes[o] = { box, count, row };
        return row;
      });
      const group = element("details", {},
        element("summary", {}, element("span", { textContent: family }), element("span", { className: "count", textContent: members.length })),
        element("label", { className: "family" }, all, element("span", { textContent: `all of ${family}` })), ...rows);
      return { all, members, group };
    });
    return element("fieldset", { className: "operators" }, element("legend", { textContent: "Operators" }), this.search,
      ...this.families.map(({ group }) => group));
  }

  narrow() {
    const asked = this.search.value.trim().toLowerCase();
    for (const { members, group, all } of this.families) {
      const named = members.filter((o) => `${words(this.items.operators[o].name)} ${this.items.operators[o].family}`.includes(asked));
      members.forEach((o) => { this.boxes[o].row.hidden = !named.includes(o); });
      group.hidden = !named.length;
      all.parentElement.hidden = Boolean(asked);
      group.open = Boolean(asked);
    }
  }

  relabel() {
    this.filters.refresh();
    this.onchange();
  }

  clear() {
    const { filters } = this;
    filters.operators.fill(0);
    filters.subset = -1;
    if (this.subsets) this.subsets.select.value = -1;
    for (const [name, range] of Object.entries(this.ranges)) {
      filters.ranges[name] = null;
      range.reset();
    }
    if (this.search) {
      this.search.value = "";
      this.narrow();
    }
    this.onchange();
  }

  /** Show what the filters leave: bars of ranges, and items per operator. */
  draw({ order, counts }) {
    for (const [name, range] of Object.entries(this.ranges)) {
      const values = this.filters.values[name];
      range.draw(histogram(values, null, range.top), histogram(values, order, range.top));
    }
    this.boxes.forEach(({ box, count, row }, o) => {
      box.checked = Boolean(this.filters.operators[o]);
      count.textContent = counts[o].toLocaleString("en");
      row.classList.toggle("none", !counts[o]);
    });
    for (const { all, members, group } of this.families ?? []) {
      const chosen = members.filter((o) => this.filters.operators[o]).length;
      all.checked = chosen === members.length;
      all.indeterminate = chosen > 0 && chosen < members.length;
      group.classList.toggle("chosen", chosen > 0);
    }
  }
}
