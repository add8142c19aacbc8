// One rendition of an HLS stream: follows its media playlist and appends what comes next.

import { AppendQueue, rangeAt } from "./buffer.js";
import { readFragment, readInit } from "./mp4.js";
import { parseMedia } from "./playlist.js";

/** Seconds to load ahead of the play head when the viewer is behind the newest picture. */
const loadAhead = 12;
/** A blocking request is given up after so many target durations. RFC 8216bis, 6.2.5.2 lets a server hold it for three. */
const patience = 4;

const wait = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

/** Runs until it is paused; `position` is the segment and the part that come next. */
export class Rendition {
  /** @param way the HLSWay; @param media `{ url, type }`. */
  constructor(way, { url, type }) {
    Object.assign(this, {
      way, url, playlist: null, loadedAt: 0, position: null, map: null, tracks: new Map(), discontinuity: null, abort: null,
    });
    this.queue = new AppendQueue(way.source, type, (error) => way.failed(error));
    this.#run();
  }

  restart(media) {
    if (media) {
      this.url = media.url;
      this.queue.changeType(media.type);
    }
    this.playlist = null;
    this.map = null;
    this.#run();
  }

  pause() {
    this.abort?.abort();
    this.abort = null;
  }

  /** Goes on from a wall clock time. */
  seek(time) {
    if (!this.abort) return;
    this.pause();
    this.position = this.#positionAt(time);
    this.#run();
  }

  async #run() {
    const abort = this.abort = new AbortController();
    const { signal } = abort;
    try {
      while (!signal.aborted) await this.#step(signal);
    } catch (error) {
      if (!signal.aborted) this.way.failed(error);
    }
  }

  async #step(signal) {
    const age = performance.now() - this.loadedAt;
    if (!this.playlist || age > 2000 * this.playlist.target) {
      await this.#load(this.url, signal);
      return;
    }
    if (this.way.startTime === null) {
      await wait(50, signal);
      return;
    }
    this.position ??= this.#positionAt(this.way.startTime);
    const item = this.#next();
    if (!item) {
      await this.#awaitMore(signal);
    } else if (this.#ahead() > loadAhead && item.start < this.#edge() - loadAhead) {
      await wait(250, signal);
    } else {
      await this.#append(item, signal);
    }
  }

  /** What is at the position, if it is there; skips what is a gap or no longer kept. */
  #next() {
    const { segments } = this.playlist;
    if (!segments.length) return null;
    const last = segments[segments.length - 1];
    if (this.position.number < segments[0].number) this.position = { number: segments[0].number, part: 0 };
    // A server that begins anew must not leave its viewers waiting for a number that will not come.
    if (this.position.number > last.number + 2) this.position = { number: last.number, part: 0 };
    for (;;) {
      const { number, part } = this.position;
      const segment = segments.find((one) => one.number === number);
      if (!segment) return null;
      const rest = segment.parts[part];
      const isWhole = segment.url !== null && (part === 0 || !segment.parts.length);
      if (!segment.isGap && isWhole) return { ...segment, after: { number: number + 1, part: 0 } };
      if (!segment.isGap && rest && !rest.isGap) {
        return { ...segment, url: rest.url, start: rest.start, duration: rest.duration, after: { number, part: part + 1 } };
      }
      if (segment.url === null && !rest) return null;
      this.position = rest?.isGap ? { number, part: part + 1 } : { number: number + 1, part: 0 };
    }
  }

  /** A segment begins with a keyframe; of the parts of the newest one only some do. */
  #positionAt(time) {
    const segments = this.playlist?.segments ?? [];
    const segment = segments.findLast((one) => one.start <= time + 0.001) ?? segments[0];
    if (!segment) return null;
    const isUnfinished = segment.url === null;
    const part = isUnfinished ? segment.parts.findLastIndex((one) => one.isIndependent && one.start <= time + 0.001) : 0;
    return { number: segment.number, part: Math.max(0, part) };
  }

  #edge() {
    const last = this.playlist.segments[this.playlist.segments.length - 1];
    return last.start + last.duration;
  }

  #ahead() {
    const { currentTime } = this.way.video;
    const range = rangeAt(this.queue.ranges, currentTime, 0.3);
    return range && range.start <= currentTime + 0.3 ? range.end - currentTime : 0;
  }

  /** Blocks at the server until the next part is there, or waits for the next segment as the RFC asks. 6.2.5.2, 6.3.4. */
  async #awaitMore(signal) {
    const { playlist } = this, last = playlist.segments[playlist.segments.length - 1];
    if (playlist.hasEnded || !last || !playlist.canBlock) {
      await wait(playlist.hasEnded ? 2000 : Math.max(200, playlist.target * 500), signal);
      await this.#load(this.url, signal);
      return;
    }
    const url = new URL(this.url);
    const isUnfinished = last.url === null;
    url.searchParams.set("_HLS_msn", isUnfinished ? last.number : last.number + 1);
    if (playlist.partTarget) url.searchParams.set("_HLS_part", isUnfinished ? last.parts.length : 0);
    await this.#load(url.href, signal);
  }

  async #load(url, signal) {
    const answer = await this.#fetch(url, signal, (this.playlist?.target ?? 5) * patience * 1000);
    // 503 answers a blocking request that waited too long: nothing new came.
    if (answer.status === 503 && this.playlist) {
      await wait(500, signal);
      return;
    }
    if (!answer.ok) throw Object.assign(new Error(`playlist: ${answer.status}`), { status: answer.status });
    const playlist = parseMedia(await answer.text(), answer.url);
    if (playlist.segments.some((segment) => segment.start === null)) throw new Error("the playlist tells no times");
    if (signal.aborted) return;
    this.playlist = playlist;
    this.loadedAt = performance.now();
    if (this === this.way.renditions[0] || !this.way.renditions.length) this.way.learned(playlist);
  }

  async #append(item, signal) {
    if (item.map !== this.map) await this.#begin(item, signal);
    const answer = await this.#fetch(item.url, signal, 20_000);
    // Gone while we were about to ask: the playlist tells what is left.
    if (answer.status === 404 || answer.status === 410) {
      this.position = item.after;
      await this.#load(this.url, signal);
      return;
    }
    if (!answer.ok) throw Object.assign(new Error(`segment: ${answer.status}`), { status: answer.status });
    const bytes = await answer.arrayBuffer();
    if (signal.aborted) return;
    const { start } = readFragment(bytes, this.tracks);
    if (start !== null) this.queue.setOffset(this.way.offsetOf(item, start));
    this.queue.append(bytes, () => this.way.appended(item));
    this.position = item.after;
  }

  /** A new initialisation segment, and behind a discontinuity perhaps another codec. */
  async #begin(item, signal) {
    if (!item.map) throw new Error("the segments are not CMAF");
    const answer = await this.#fetch(item.map, signal, 20_000);
    if (!answer.ok) throw Object.assign(new Error(`init: ${answer.status}`), { status: answer.status });
    const bytes = await answer.arrayBuffer();
    if (this.discontinuity !== null && this.discontinuity !== item.discontinuity) {
      const media = (await this.way.typesNow())[this.way.renditions.indexOf(this)];
      if (media) this.queue.changeType(media.type);
    }
    if (signal.aborted) return;
    this.tracks = readInit(bytes);
    this.queue.append(bytes);
    this.map = item.map;
    this.discontinuity = item.discontinuity;
  }

  #fetch(url, signal, timeout) {
    return fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]) });
  }
}
