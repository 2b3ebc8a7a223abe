// The viewer: builds itself inside the element with the id "viewer", from the block of data beside it.

const KEYS = [
  ["← ↑ → ↓", "go from item to item; also page up, page down, home and end"], ["Enter", "look at one item"],
  ["R 0 1", "show the reference, p0 or p1: of all items, or of the one that is open"], ["A", "show all pictures side by side"],
  ["Space", "flip to the next picture of the open item"], ["+ −", "zoom"], ["C", "copy the command that makes the open item again"],
  ["/", "find an operator"], ["Escape", "close"],
];

const MEANINGS = [
  "Judgment: the share of votes for p1; of JND pairs, for “the same”. The blue line marks the patch that was judged closer.",
  "Disagreement (“differs”): how far the judgment is from that of another labelling or of a metric, 0 to 1. A metric votes for the nearer patch; of JND pairs, its vote for “the same” is the share of pairs that are farther apart.",
  "Worst mistakes: the votes lost by the other judge, times the difference of its distances.",
  "Severity: the sum over the operators of a side. Bars are drawn by their square root.",
];

function mount(root) {
  const data = JSON.parse(document.getElementById("viewer-data").textContent);
  const items = new Items(data);
  const filters = new Filters(items);
  const atlases = new Atlases(items, data.folder);
  const count = element("p", { className: "shown", role: "status" });
  const grid = new Grid(items, atlases, filters, () => inspector.open());
  const inspector = new Inspector(items, atlases, grid, filters);
  const update = () => {
    const began = performance.now();
    const result = filters.apply();
    const total = items.subsets.reduce((sum, subset) => sum + subset.total, 0);
    const shown = `${result.order.length.toLocaleString("en")} of ${items.count.toLocaleString("en")} items`;
    count.textContent = total > items.count ? `${shown}, chosen from ${total.toLocaleString("en")}` : shown;
    done.textContent = `Show ${result.order.length.toLocaleString("en")} items`;
    panel.draw(result);
    grid.show(result.order);
    performance.measure("bappsmith-filter", { start: began, end: performance.now() });
  };
  const panel = new Panel(items, filters, update);

  const sorts = [["order", "order in the dataset"], ["judgment", "judgment"]];
  if (items.operators.length) sorts.push(["severity", "severity"], ["gap", "severity gap"]);
  if (filters.judge >= 0) sorts.push(["disagreement", "disagreement"], ["mistake", "worst mistakes"]);
  const direction = element("button", { type: "button", onclick: () => { filters.descending = !filters.descending; resort(); } });
  const resort = () => {
    direction.textContent = filters.descending ? "↓" : "↑";
    direction.title = filters.descending ? "Largest first" : "Smallest first";
    direction.setAttribute("aria-label", direction.title);
    update();
  };
  const sort = choice("Sort by", sorts, (value) => {
    filters.sort = value;
    filters.descending = value === "mistake" || value === "disagreement";
    resort();
  });
  if (sorts.some(([name]) => name === data.sort)) {
    sort.select.value = filters.sort = data.sort;
    filters.descending = data.sort === "mistake";
  }
  const modes = segments("Pictures", [["all", "All", "Key A"], ["ref", "ref", "Key R"], ["p0", "p0", "Key 0"], ["p1", "p1", "Key 1"]], (mode) => look(mode));
  const look = (mode) => { modes.show(mode); grid.setMode(mode); };
  const zoom = (step) => grid.setZoom(step);
  const help = element("dialog", { className: "help", "aria-label": "Keys and meaning" }, element("h2", { textContent: "Keys and meaning" }),
    element("dl", {}, ...KEYS.flatMap(([key, what]) => [element("dt", { textContent: key }), element("dd", { textContent: what })])),
    ...[...MEANINGS, ...data.notes].map((text) => element("p", { textContent: text })),
    element("button", { type: "button", textContent: "Close", onclick: () => help.close() }));
  const tool = (text, label, onclick, className = "") => element("button", { type: "button", className, textContent: text, title: label, "aria-label": label, onclick });
  const unfold = (open) => {
    root.classList.toggle("filtering", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  const toggle = tool("Filter", "Filters", () => unfold(!root.classList.contains("filtering")), "toggle");
  const done = element("button", { type: "button", className: "done", onclick: () => unfold(false) });
  panel.element.append(done);
  const bar = element("div", { className: "bar" }, toggle, count,
    element("div", { className: "tools" }, sort.field, direction, modes.group, tool("−", "Smaller, key −", () => zoom(-1), "zoom"),
      tool("+", "Larger, key +", () => zoom(1), "zoom")), tool("?", "Keys and meaning", () => help.showModal()));
  root.append(panel.element, element("div", { className: "main" }, bar, grid.element), inspector.element, help);
  modes.show("all");
  resort();

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || inspector.element.open || help.open) return;
    if (["INPUT", "SELECT"].includes(event.target.tagName)) {
      if (event.key === "Escape") grid.element.focus();
      return;
    }
    const actions = {
      a: () => look("all"), r: () => look("ref"), 0: () => look("p0"), 1: () => look("p1"),
      "+": () => zoom(1), "=": () => zoom(1), "-": () => zoom(-1), "?": () => help.showModal(),
      "/": () => { unfold(true); panel.search?.focus(); }, Escape: () => { unfold(false); grid.element.focus(); },
    };
    const action = actions[event.key.toLowerCase()] ?? actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  if (root.classList.contains("whole")) grid.element.focus({ preventScroll: true });
}

mount(document.getElementById("viewer"));
