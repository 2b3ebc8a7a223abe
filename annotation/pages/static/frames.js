// Time by the frame. All times are those that requestAnimationFrame gives: every drawing in a frame bears the same one.

const REMEMBERED = 120;
const intervals = [];

/** Resolve within the next frame, before it is painted, with its time. */
export function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Estimate how long one frame lasts: the median of the last intervals. 60 Hz until something was measured. */
export function frameMs() {
  if (intervals.length === 0) return 1000 / 60;
  const sorted = [...intervals].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Measure some frames ahead of the first showing. */
export async function measureFrames(count = 20) {
  let before = await nextFrame();
  for (let frame = 0; frame < count; frame += 1) before = await tick(before);
}

async function tick(before) {
  const now = await nextFrame();
  const interval = now - before;
  if (interval > 0 && interval < 250) {
    intervals.push(interval);
    if (intervals.length > REMEMBERED) intervals.shift();
  }
  return now;
}

/**
 * Play steps one after the other. The frame that ends a step draws the next one, so nothing lies between them.
 *
 * @param {{draw: () => void, askedMs: number}[]} steps askedMs 0: until `ended` says so.
 * @param {() => boolean} ended asked in every frame; true ends the whole sequence.
 * @param {(step: number, time: number) => void} began told in the frame that draws a step.
 * @returns {Promise<{askedMs: number, shownMs: number, frames: number}[]>} of the steps that were drawn. It resolves
 *   within the frame that must erase the last one.
 */
export async function play(steps, ended, began) {
  const shown = [];
  let now = await nextFrame();
  for (const [number, step] of steps.entries()) {
    const start = now;
    let frames = 0;
    step.draw();
    began(number, start);
    do {
      now = await tick(now);
      frames += 1;
    } while (!ended() && (step.askedMs === 0 || now - start < step.askedMs - frameMs() / 2));
    shown.push({ askedMs: step.askedMs, shownMs: now - start, frames });
    if (ended()) break;
  }
  return shown;
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
