// Columns of items: numbers as typed arrays, names as lists. Item k is position k of every column.

const NUMBERS = { i16: Int16Array, u32: Uint32Array, f32: Float32Array };

/** Decode base64 text of little-endian numbers. */
function decodeNumbers({ type, data }) {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new NUMBERS[type](bytes.buffer);
}

class Items {
  constructor(data) {
    this.subsets = data.subsets;
    this.operators = data.operators;
    this.stems = data.stems;
    this.photos = data.photos;
    this.details = data.details;
    this.dropped = data.dropped;
    this.photo = decodeNumbers(data.photo);
    this.calls = decodeNumbers(data.calls);
    this.severities = decodeNumbers(data.severities);
    this.ends = decodeNumbers(data.ends);
    this.labellings = data.labellings.map(({ name, shares, votes }) => ({
      name, shares: decodeNumbers(shares), votes: decodeNumbers(votes),
    }));
    this.metrics = data.metrics.map(({ name, d0, d1 }) => ({ name, d0: decodeNumbers(d0), d1: decodeNumbers(d1) }));
    this.count = this.stems.length;
    this.subset = new Int16Array(this.count);
    this.subsets.forEach((subset, s) => this.subset.fill(s, subset.start, subset.start + subset.count));
    this.severity = new Float32Array(this.count);
    this.gap = new Float32Array(this.count);
    for (let k = 0; k < this.count; k++) {
      const [p0, p1] = [this.total(k, 0), this.total(k, 1)];
      this.severity[k] = Math.max(p0, p1);
      this.gap[k] = Math.abs(p1 - p0);
    }
  }

  subsetOf(k) {
    return this.subsets[this.subset[k]];
  }

  /** First and last + 1 position, among all calls, of the chain of one side: 0 or 1. */
  span(k, side) {
    const chain = 2 * k + side;
    return [chain ? this.ends[chain - 1] : 0, this.ends[chain]];
  }

  total(k, side) {
    const [first, end] = this.span(k, side);
    let sum = 0;
    for (let c = first; c < end; c++) sum += this.severities[c];
    return sum;
  }

  /** Operators with severities, such as "gaussian blur 0.43 + jpeg 0.20". */
  chain(k, side) {
    const [first, end] = this.span(k, side);
    if (first === end) return this.subsetOf(k).origin ? "as the reference" : "";
    const texts = [];
    for (let c = first; c < end; c++) texts.push(`${words(this.operators[this.calls[c]].name)} ${this.severities[c].toFixed(2)}`);
    return texts.join(" + ");
  }

  /** What judges item by item: labellings first, then metrics. */
  get judges() {
    return [...this.labellings.map((l) => l.name), ...this.metrics.map((m) => m.name)];
  }

  /**
   * How far another judge is from a labelling, per item, in [0, 1]; NaN where either is unknown. A metric votes for the
   * patch that is nearer; in JND its vote for "the same" is the share of items of the subset that are farther apart.
   */
  disagreement(labelling, judge) {
    const shares = this.labellings[labelling].shares;
    const votes = this.votesOf(judge);
    return shares.map((share, k) => Math.abs(share - votes[k]));
  }

  votesOf(judge) {
    if (judge < this.labellings.length) return this.labellings[judge].shares;
    const { d0, d1 } = this.metrics[judge - this.labellings.length];
    const votes = d1.map((d, k) => (d < d0[k] ? 1 : d > d0[k] ? 0 : d === d0[k] ? 0.5 : NaN));
    for (const { kind, start, count } of this.subsets.filter((subset) => subset.kind === "jnd")) {
      const order = Array.from({ length: count }, (_, i) => start + i).sort((a, b) => d1[b] - d1[a]);
      order.forEach((k, rank) => { votes[k] = count > 1 ? rank / (count - 1) : NaN; });
    }
    return votes;
  }

  /** The loss of a metric's vote times the difference of its distances: the order of its worst mistakes. */
  mistakes(labelling, judge) {
    const metric = this.metrics[judge - this.labellings.length];
    const shares = this.labellings[labelling].shares;
    const votes = this.votesOf(judge);
    return shares.map((share, k) => {
      if (this.subsetOf(k).kind !== "2afc") return NaN;
      const lost = Math.max(share, 1 - share) - (votes[k] * share + (1 - votes[k]) * (1 - share));
      return lost * (metric ? Math.abs(metric.d1[k] - metric.d0[k]) : 1);
    });
  }
}

function words(name) {
  return name.replaceAll("_", " ");
}
