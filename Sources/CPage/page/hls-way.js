// HLS with CMAF segments over Media Source, with low latency where the server offers it, and the way to rewind.

import { MediaSourceClass, openMediaSource, rangeAt } from "./buffer.js";
import { parseMultivariant } from "./playlist.js";
import { Rendition } from "./rendition.js";

/** The window asked for, in seconds; a server that keeps less says so in its playlist. */
const dvrAsked = 6 * 3600;
/** Seconds of picture kept behind the play head. */
const keptBehind = 60;
/** Media time begins so many seconds before the first segment, so that no sample lies before zero. */
const lead = 10;

const isVideoCodec = (codec) => /^(avc|hvc|hev|vvc|vvi|av01|vp0|dvh)/.test(codec);

/** Media time on this way is the server's wall clock, less `epoch`. */
export class HLSWay {
  static id = "hls";
  static words = "HLS over Media Source";
  static isPossible() {
    return MediaSourceClass !== null;
  }

  /** @param behind start so many seconds behind the newest picture; null starts as near as the playlist allows. */
  constructor(video, path, owner, { behind = null } = {}) {
    Object.assign(this, {
      video, owner, behind, url: new URL(`${path}.m3u8?dvr=${dvrAsked}`, location.href).href, source: null, renditions: [],
      epoch: null, startTime: null, offsets: new Map(), isStopped: false, isConnected: false, receivedAt: null,
    });
    this.onSeeking = () => this.#sought();
  }

  least = 0.6;
  most = 30;

  async start() {
    this.source = await openMediaSource(this.video);
    if (this.isStopped) return;
    this.video.addEventListener("seeking", this.onSeeking);
    this.connect();
  }

  async connect() {
    this.isConnected = true;
    try {
      const choice = await this.#choose();
      if (this.isStopped) return;
      if (choice.unsupported) {
        this.owner.unsupported(choice.unsupported);
        return;
      }
      if (this.renditions.length) {
        this.renditions.forEach((rendition, index) => rendition.restart(choice.media[index] ?? null));
      } else {
        this.renditions = choice.media.map((media) => new Rendition(this, media));
      }
      this.owner.opened();
    } catch (error) {
      this.#fail(error);
    }
  }

  disconnect() {
    this.isConnected = false;
    this.renditions.forEach((rendition) => rendition.pause());
  }

  stop() {
    this.isStopped = true;
    this.disconnect();
    this.video.removeEventListener("seeking", this.onSeeking);
    this.renditions.forEach((rendition) => rendition.queue.clearQueue());
  }

  get range() {
    return rangeAt(this.video.buffered, this.video.currentTime);
  }

  /** From the oldest segment that the server keeps to the newest. */
  get window() {
    const playlist = this.renditions[0]?.playlist;
    if (!playlist?.segments.length || this.epoch === null) return null;
    const first = playlist.segments[0], last = playlist.segments[playlist.segments.length - 1];
    return { start: first.start - this.epoch, end: last.start + last.duration - this.epoch };
  }

  wallAt(media) {
    return this.epoch === null ? null : (this.epoch + media) * 1000;
  }

  trim() {
    this.renditions.forEach((rendition) => rendition.queue.trim(this.video.currentTime - keptBehind));
  }

  // What renditions ask and tell.

  /** Called with each playlist; the first one decides where time and playback begin. */
  learned(playlist) {
    this.receivedAt = performance.now();
    if (this.startTime !== null || !playlist.segments.length) return;
    const first = playlist.segments[0], last = playlist.segments[playlist.segments.length - 1];
    this.epoch = first.start - lead;
    const holdBack = playlist.holdBack ?? 3 * playlist.target;
    // At most so much is ever ahead: a smaller target would only run into the end of the playlist.
    this.owner.learnedTarget(holdBack);
    this.startTime = Math.max(first.start, last.start + last.duration - Math.max(this.behind ?? 0, holdBack));
  }

  /** Where a discontinuity's media lies: what to add to its timestamps. Picture and sound share a timeline. */
  offsetOf(item, mediaStart) {
    if (!this.offsets.has(item.discontinuity)) this.offsets.set(item.discontinuity, item.start - this.epoch - mediaStart);
    return this.offsets.get(item.discontinuity);
  }

  appended(item) {
    this.receivedAt = performance.now();
    const { video } = this;
    if (this.startTime !== null && video.readyState >= 1 && video.currentTime < this.startTime - this.epoch - 0.01
        && video.currentTime < lead / 2) {
      video.currentTime = Math.max(this.startTime, item.start) - this.epoch;
    }
  }

  /** The types of the renditions, read again: after a discontinuity they may be others. */
  async typesNow() {
    const choice = await this.#choose();
    return choice.media ?? [];
  }

  failed(error) {
    this.#fail(error);
  }

  async #choose() {
    const answer = await fetch(this.url, { cache: "no-cache" });
    if (!answer.ok) throw Object.assign(new Error(`playlist: ${answer.status}`), { status: answer.status });
    const playlist = parseMultivariant(await answer.text(), answer.url);
    if (!playlist) throw new Error("no multivariant playlist");
    for (const variant of [...playlist.variants].sort((a, b) => b.bandwidth - a.bandwidth)) {
      const media = this.#mediaOf(variant, playlist.renditions);
      if (media.every(({ type }) => MediaSourceClass.isTypeSupported(type))) return { media };
    }
    return { unsupported: playlist.variants[0].codecs };
  }

  /** Muxed, or picture and sound apart. */
  #mediaOf(variant, renditions) {
    const codecs = variant.codecs.split(",").map((codec) => codec.trim()).filter(Boolean);
    const group = renditions.filter(({ group }) => group === variant.group);
    const sound = group.find(({ isDefault }) => isDefault) ?? group[0];
    const typeOf = (kind, list) => `${kind}/mp4; codecs="${list.join(",")}"`;
    if (!sound || sound.url === variant.url) {
      return [{ url: variant.url, type: typeOf(codecs.some(isVideoCodec) ? "video" : "audio", codecs) }];
    }
    return [
      { url: variant.url, type: typeOf("video", codecs.filter(isVideoCodec)) },
      { url: sound.url, type: typeOf("audio", codecs.filter((codec) => !isVideoCodec(codec))) },
    ];
  }

  #sought() {
    if (this.epoch === null) return;
    const { currentTime, buffered } = this.video;
    const range = rangeAt(buffered, currentTime, 0);
    if (range && currentTime >= range.start) return;
    this.renditions.forEach((rendition) => rendition.seek(this.epoch + currentTime));
  }

  #fail(error) {
    if (this.isStopped || !this.isConnected) return;
    this.disconnect();
    this.owner.closed(error.status);
  }
}
