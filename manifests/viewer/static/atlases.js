// Pictures: atlases hold the patches of some items, one item a row. They are decoded when an item of theirs is shown.

const KEPT_PIXELS = 48e6; // decoded, about 190 MB

class Atlases {
  /** `folder` is where the files are; null: blocks of this page hold them. */
  constructor(items, folder) {
    this.items = items;
    this.folder = folder;
    this.images = new Map();
    this.pixels = 0;
  }

  /** Draw one patch of an item on a canvas of its size, now or when its atlas has come. */
  draw(canvas, k, column) {
    const { start, side, atlas, per } = this.items.subsetOf(k);
    const row = (k - start) % per;
    const number = atlas + Math.floor((k - start) / per);
    const token = `${k} ${column}`;
    if (canvas.dataset.shows === token) return;
    canvas.dataset.shows = token;
    delete canvas.dataset.drawn;
    if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const image = this.load(number);
    const paint = () => {
      if (canvas.dataset.shows !== token) return;
      context.drawImage(image, column * side, row * side, side, side, 0, 0, side, side);
      canvas.dataset.drawn = "";
      if (!this.first) {
        this.first = true;
        performance.mark("bappsmith-first-picture");
      }
    };
    if (image.complete && image.naturalWidth) return paint();
    context.clearRect(0, 0, side, side);
    image.addEventListener("load", paint, { once: true });
    image.addEventListener("error", () => { canvas.dataset.missing = ""; }, { once: true });
  }

  load(number) {
    let image = this.images.get(number);
    if (image) {
      this.images.delete(number); // the latest used stands last
      this.images.set(number, image);
      return image;
    }
    image = new Image();
    image.decoding = "async";
    image.addEventListener("load", () => this.keep(image), { once: true });
    this.images.set(number, image);
    if (this.folder !== null) image.src = `${this.folder}/${String(number).padStart(6, "0")}.webp`;
    else this.fromBlock(image, number);
    return image;
  }

  /** Read a block of this page. While the page still loads, wait for the block. */
  fromBlock(image, number) {
    const block = document.getElementById(`atlas-${number}`);
    const whole = block && (block.nextSibling || document.readyState !== "loading");
    if (whole) image.src = `data:image/webp;base64,${block.textContent}`;
    else if (document.readyState === "loading") setTimeout(() => this.fromBlock(image, number), 20);
    else image.dispatchEvent(new Event("error"));
  }

  keep(image) {
    this.pixels += image.naturalWidth * image.naturalHeight;
    for (const [number, old] of this.images) {
      if (this.pixels <= KEPT_PIXELS) break;
      if (!old.naturalWidth || old === image) continue;
      this.images.delete(number);
      this.pixels -= old.naturalWidth * old.naturalHeight;
    }
  }
}
