// A small moving picture for the list: a keyframe now and then, only while somebody can see it.

import { pathOf } from "./api.js";
import { LiveWay } from "./live-way.js";

/** Previews that move at once. A browser has only so many decoders, and a list may show hundreds of streams. */
const movingMax = 12;
/** Milliseconds between two looks at a preview. */
const lookEvery = 1000;
/** The longest wait before a preview that failed is tried again, in milliseconds. */
const waitMax = 30_000;

const moving = new Set();

/** Shows the newest keyframe of a stream in a video element, from `show` to `hide`. */
export class Preview {
  constructor(video, name) {
    Object.assign(this, { video, name, way: null, timer: null, retryAt: 0, wait: 2000, isShown: false });
    video.addEventListener("loadeddata", () => video.classList.add("has-picture"));
  }

  show() {
    if (this.isShown) return;
    this.isShown = true;
    this.timer = setInterval(() => this.#look(), lookEvery);
    this.#look();
  }

  hide() {
    if (!this.isShown) return;
    this.isShown = false;
    clearInterval(this.timer);
    this.#stop();
  }

  #look() {
    if (!this.way) {
      this.#start();
      return;
    }
    const { range } = this.way, { video } = this;
    if (range && video.readyState >= 1 && !video.seeking) {
      // Keyframes alone do not play: each one is looked at for itself.
      const newest = Math.max(range.start, range.end - 0.05);
      if (Math.abs(newest - video.currentTime) > 0.2) video.currentTime = newest;
    }
    this.way.trim();
  }

  #start() {
    if (performance.now() < this.retryAt || moving.size >= movingMax || !LiveWay.isPossible()) return;
    moving.add(this);
    const again = () => {
      if (this.way !== way) return;
      this.retryAt = performance.now() + this.wait;
      this.wait = Math.min(2 * this.wait, waitMax);
      this.#stop();
    };
    const owner = { opened: () => { this.wait = 2000; }, closed: again, restart: again, failed: again, unsupported: again };
    const way = this.way = new LiveWay(this.video, `/${pathOf(this.name)}`, owner,
      { query: "?onlyVideo=1&keyframesOnly=1" });
    way.start().catch(again);
  }

  #stop() {
    this.way?.stop();
    this.way = null;
    moving.delete(this);
  }
}
