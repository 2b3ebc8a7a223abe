// Thousands of cards by a few dozen elements: only what is visible exists, and elements are used again.

const GAP = 10;
const FOLDERS = { "2afc": ["ref", "p0", "p1"], jnd: ["p0", "p1"] };
const MIN_CARD = 190; // px, so that captions are legible
const TEXT = 62; // px: three lines of caption

class Grid {
  constructor(items, atlases, filters, onopen) {
    Object.assign(this, { items, atlases, filters, onopen });
    this.order = new Uint32Array(0);
    this.active = 0; // position in the order
    this.mode = "all";
    this.zoom = null; // device pixels per pixel; null: what suits the width
    this.cards = [];
    this.side = Math.max(...items.subsets.map((subset) => subset.side));
    this.most = Math.max(...items.subsets.map((subset) => FOLDERS[subset.kind].length));
    this.sheet = element("div", { className: "sheet" });
    this.empty = element("p", { className: "empty", textContent: "No item passes these filters.", hidden: true });
    this.element = element(
      "div",
      {
        className: "grid", tabIndex: 0, role: "listbox", "aria-label": "Items", onscroll: () => this.schedule(),
        onclick: (event) => this.clicked(event), onkeydown: (event) => this.key(event),
      },
      this.sheet, this.empty,
    );
    new ResizeObserver(() => this.layout()).observe(this.element);
  }

  show(order) {
    this.order = order;
    this.active = 0;
    this.empty.hidden = order.length > 0;
    this.element.scrollTop = 0;
    this.layout();
  }

  setMode(mode) {
    this.mode = mode;
    this.layout();
    this.reveal();
  }

  setZoom(step) {
    this.zoom = Math.min(16, Math.max(1, this.factor + step));
    this.layout();
    this.reveal();
  }

  /** Set sizes anew: whole numbers of device pixels per pixel, so that no pixel is wider than another. */
  layout() {
    const width = this.element.clientWidth - GAP;
    if (width <= 0) return;
    const density = window.devicePixelRatio || 1;
    const pictures = this.mode === "all" ? this.most : 1;
    const room = (width - 3 * GAP) / pictures - 4;
    const limit = this.mode === "all" ? 128 : width < 600 ? 360 : 192;
    const suited = Math.max(1, Math.floor((Math.min(room, limit) * density) / this.side));
    this.factor = this.zoom ?? suited;
    this.scale = this.factor / density;
    const tile = this.side * this.scale;
    const card = Math.min(Math.max(MIN_CARD, pictures * (tile + 4) + 2 * GAP), Math.max(width - GAP, 0));
    this.columns = Math.max(1, Math.floor(width / (card + GAP)));
    const stretched = this.columns > 1 ? card + 32 : Infinity;
    this.cardWidth = Math.floor(Math.min(width / this.columns - GAP, stretched));
    this.left = Math.floor((width + 2 * GAP - this.columns * (this.cardWidth + GAP)) / 2); // so that cards stand in the middle
    this.rowHeight = Math.ceil(tile) + TEXT + 26 + GAP;
    this.sheet.style.height = `${Math.ceil(this.order.length / this.columns) * this.rowHeight + GAP}px`;
    this.element.style.setProperty("--tile", `${tile}px`);
    this.render();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.render();
    });
  }

  render() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / this.rowHeight) - 1) * this.columns;
    const rows = Math.ceil(clientHeight / this.rowHeight) + 3;
    const end = Math.min(this.order.length, first + rows * this.columns);
    const needed = rows * this.columns;
    while (this.cards.length < needed) this.cards.push(this.makeCard());
    while (this.cards.length > needed) this.cards.pop().element.remove();
    this.cards.forEach((card) => { card.used = false; });
    for (let position = first; position < end; position++) this.fill(this.cards[position % needed], position);
    this.cards.forEach((card) => { card.element.hidden = !card.used; });
    if (this.order.length) this.element.setAttribute("aria-activedescendant", `item-${this.order[this.active]}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  makeCard() {
    const pictures = [0, 1, 2].map(() => ({ canvas: element("canvas"), name: element("span") }));
    const figures = pictures.map(({ canvas, name }) => element("span", { className: "patch" }, canvas, name));
    const card = {
      pictures, figures, used: false,
      number: element("span", { className: "number" }), verdict: element("span"),
      chains: [element("div", { className: "chain" }), element("div", { className: "chain" })],
    };
    card.element = element(
      "div", { className: "card", role: "option" },
      element("div", { className: "patches" }, ...figures),
      element("div", { className: "caption" }, element("div", { className: "head" }, card.number, card.verdict), ...card.chains),
    );
    this.sheet.append(card.element);
    return card;
  }

  fill(card, position) {
    const { items, filters } = this;
    const k = this.order[position];
    const subset = items.subsetOf(k);
    const folders = FOLDERS[subset.kind];
    const share = filters.values.judgment[k];
    const [x, y] = [position % this.columns, Math.floor(position / this.columns)];
    card.used = true;
    card.element.style.transform = `translate(${this.left + x * (this.cardWidth + GAP)}px, ${GAP + y * this.rowHeight}px)`;
    card.element.style.width = `${this.cardWidth}px`;
    card.element.style.height = `${this.rowHeight - GAP}px`;
    card.element.id = `item-${k}`;
    card.element.dataset.position = position;
    card.element.classList.toggle("active", position === this.active);
    card.element.setAttribute("aria-selected", String(position === this.active));
    card.element.setAttribute("aria-posinset", position + 1);
    card.element.setAttribute("aria-setsize", this.order.length);
    const columns = this.mode === "all" ? folders.map((_, column) => column) : [columnOf(subset.kind, this.mode)];
    card.figures.forEach((figure, i) => {
      figure.hidden = i >= columns.length;
      if (figure.hidden) return;
      const folder = folders[columns[i]];
      this.atlases.draw(card.pictures[i].canvas, k, columns[i]);
      const closer = subset.kind === "2afc" && ((folder === "p1" && share > 0.5) || (folder === "p0" && share < 0.5));
      figure.classList.toggle("closer", closer);
      card.pictures[i].name.textContent = closer ? `${folder} closer` : folder;
    });
    card.number.textContent = items.stems[k];
    card.verdict.textContent = verdict(subset.kind, share) + disagreementText(filters, k);
    card.chains.forEach((chain, side) => {
      const text = items.chain(k, side);
      chain.textContent = text && `p${side}  ${text}`;
      chain.title = text;
    });
    const described = [0, 1].map((side) => `p${side} ${items.chain(k, side)}`).join(", ");
    card.element.setAttribute("aria-label", `${subset.name} ${items.stems[k]}, ${verdict(subset.kind, share)}, ${described}`);
  }

  clicked(event) {
    const card = event.target.closest(".card");
    if (!card) return;
    this.move(Number(card.dataset.position));
    this.onopen(this.active);
  }

  move(position) {
    if (!this.order.length) return;
    this.active = Math.min(this.order.length - 1, Math.max(0, position));
    this.reveal();
  }

  reveal() {
    const top = GAP + Math.floor(this.active / this.columns) * this.rowHeight;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top - GAP;
    else if (top + this.rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + this.rowHeight - clientHeight;
    this.render();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = this.columns * Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight));
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns,
      PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity,
    };
    if (event.key in steps) this.move(this.active + steps[event.key]);
    else if (event.key === "Enter" && this.order.length) this.onopen(this.active);
    else return;
    event.preventDefault();
  }
}

/** The column of the picture to show; a JND pair's reference is p0. */
function columnOf(kind, folder) {
  return Math.max(0, FOLDERS[kind].indexOf(folder));
}

function verdict(kind, share) {
  return share === share ? `${share.toFixed(2)} ${kind === "2afc" ? "for p1" : "same"}` : "not judged";
}

function disagreementText(filters, k) {
  const value = filters.values.disagreement?.[k];
  return value === value && value !== undefined ? ` · differs ${value.toFixed(2)}` : "";
}
