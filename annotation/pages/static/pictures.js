// Pictures of the coming showings, fetched and decoded before their time.

import { get, insist } from "./server.js";

export class Pictures {
  #decoded = new Map();

  /** Fetch and decode all pictures of a showing; resolves with {name: ImageBitmap}. */
  prepare(showing) {
    if (!this.#decoded.has(showing.id)) {
      const pictures = decode(showing.pictures);
      pictures.catch(() => this.#decoded.delete(showing.id));
      this.#decoded.set(showing.id, pictures);
    }
    return this.#decoded.get(showing.id);
  }

  /** Free the memory of a showing that is over. */
  async release(showing) {
    const pictures = this.#decoded.get(showing.id);
    this.#decoded.delete(showing.id);
    if (pictures) for (const bitmap of Object.values(await pictures)) bitmap.close();
  }
}

async function decode(addresses) {
  const named = Object.entries(addresses).map(async ([name, address]) => {
    const blob = await insist(() => get(address));
    return [name, await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" })];
  });
  return Object.fromEntries(await Promise.all(named));
}
