// Where pictures stand and how much they are enlarged. All lengths are whole device pixels unless they say CSS.

// Longer side of a picture. 256 as in the published BAPPS experiments: 64 pixels, four times enlarged. Whole photographs
// come with 512 pixels at most.
const LARGEST_CSS = { "2afc": 256, jnd: 256, similar: 512 };
const GAP_CSS = 18;
const CAPTION_CSS = 32;

// Rows of cells, each with what it holds. The one that enlarges more is taken, the first of equals.
const ARRANGEMENTS = {
  "2afc": [[["left", "ref", "right"]], [["ref"], ["left", "right"]]],
  jnd: [[["patch"]]],
  similar: [[["query", "candidate"]], [["query"], ["candidate"]]],
};

/**
 * @param {string} task
 * @param {{width: number, height: number}} size of the largest picture, in its own pixels.
 * @param {{width: number, height: number}} room
 * @param {number} ratio device pixels in a CSS pixel.
 * @returns {{factor: number, boxes: Object<string, {x: number, y: number, width: number, height: number}>}} A factor
 *   below one means that the room is too small.
 */
export function arrange(task, size, room, ratio) {
  const gap = Math.round(GAP_CSS * ratio);
  const caption = task === "2afc" ? Math.round(CAPTION_CSS * ratio) : 0;
  const most = Math.max(1, Math.floor((LARGEST_CSS[task] * ratio) / Math.max(size.width, size.height)));
  let best = null;
  for (const rows of ARRANGEMENTS[task]) {
    const columns = Math.max(...rows.map((row) => row.length));
    const fit = Math.min(
      (room.width - gap * (columns - 1)) / (columns * size.width),
      (room.height - caption - gap * (rows.length - 1)) / (rows.length * size.height),
    );
    const factor = fit >= 1 ? Math.min(most, Math.floor(fit)) : Math.max(fit, 0.05);
    if (best === null || factor > best.factor) best = { factor, rows };
  }
  const { factor, rows } = best;
  const width = Math.floor(size.width * factor);
  const height = Math.floor(size.height * factor);
  const top = Math.round((room.height - caption - rows.length * height - gap * (rows.length - 1)) / 2) + caption;
  const boxes = {};
  for (const [line, row] of rows.entries()) {
    const left = Math.round((room.width - row.length * width - gap * (row.length - 1)) / 2);
    for (const [column, name] of row.entries()) {
      boxes[name] = { x: left + column * (width + gap), y: top + line * (height + gap), width, height };
    }
  }
  return { factor, boxes };
}

const FINEST = 16;

/**
 * The shortest length that is whole in CSS pixels and in device pixels. Browsers round places and sizes to the one or
 * the other; what is a multiple of this length, none of them rounds.
 *
 * @param {number} ratio device pixels in a CSS pixel, such as 1.5: then every second CSS pixel is a whole device pixel.
 * @returns {number} in CSS pixels. One device pixel where a ratio has no such length.
 */
export function wholeStep(ratio) {
  for (let step = 1; step <= FINEST; step += 1) {
    if (Math.abs(step * ratio - Math.round(step * ratio)) < 0.001 * step) return step;
  }
  return 1 / ratio;
}
