// Which items are shown, and in what order.

class Filters {
  constructor(items) {
    this.items = items;
    this.operators = new Uint8Array(items.operators.length); // 1: chosen; none chosen: all items
    this.subset = -1;
    this.labelling = 0;
    this.judge = items.metrics.length ? items.labellings.length : items.labellings.length > 1 ? 1 : -1;
    this.ranges = { severity: null, judgment: null, disagreement: null }; // [low, high], or null: all
    this.sort = "order";
    this.descending = false;
    this.refresh();
  }

  /** Compute again what depends on the labelling and on the judge to compare with. */
  refresh() {
    const { items, labelling, judge } = this;
    this.values = {
      severity: items.severity,
      judgment: items.labellings[labelling].shares,
      disagreement: judge < 0 ? null : items.disagreement(labelling, judge),
      mistake: judge < 0 ? null : items.mistakes(labelling, judge),
      gap: items.gap,
    };
  }

  /** Return the shown items in order, and for every operator how many items it would show. */
  apply() {
    const began = performance.now();
    const { items } = this;
    const ranges = Object.entries(this.ranges).filter(([name, range]) => range && this.values[name]);
    const anyOperator = !this.operators.includes(1);
    const counts = new Uint32Array(this.operators.length);
    const seen = new Int32Array(this.operators.length).fill(-1);
    const shown = new Uint32Array(items.count);
    let length = 0;
    for (let k = 0; k < items.count; k++) {
      if (this.subset >= 0 && items.subset[k] !== this.subset) continue;
      if (!ranges.every(([name, [low, high]]) => this.values[name][k] >= low && this.values[name][k] <= high)) continue;
      let chosen = anyOperator;
      const first = items.span(k, 0)[0];
      const end = items.span(k, 1)[1];
      for (let c = first; c < end; c++) {
        const operator = items.calls[c];
        if (this.operators[operator]) chosen = true;
        if (seen[operator] !== k) counts[operator]++;
        seen[operator] = k;
      }
      if (chosen) shown[length++] = k;
    }
    const order = this.sorted(shown.subarray(0, length));
    this.milliseconds = performance.now() - began;
    return { order, counts };
  }

  sorted(shown) {
    const keys = this.values[this.sort];
    const sign = this.descending ? -1 : 1;
    if (keys) {
      // Items without a value stand last.
      shown.sort((a, b) => {
        const [x, y] = [keys[a], keys[b]];
        if (x !== x || y !== y) return (x !== x) - (y !== y) || a - b;
        return sign * (x - y) || a - b;
      });
    } else if (this.descending) shown.reverse();
    return shown;
  }
}

const BARS = 20;

/** Count values in classes of equal width over [0, top]. */
function histogram(values, positions, top) {
  const counts = new Uint32Array(BARS);
  const count = positions ? positions.length : values.length;
  for (let i = 0; i < count; i++) {
    const value = values[positions ? positions[i] : i];
    if (value === value) counts[Math.min(BARS - 1, Math.floor((value / top) * BARS))]++;
  }
  return counts;
}
