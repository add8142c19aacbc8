// Live fragmented MP4 over a WebSocket into Media Source: the shortest way from the server to the screen.

import { webSocketURL } from "./api.js";
import { AppendQueue, MediaSourceClass, lastRange, openMediaSource, rangeAt } from "./buffer.js";
import { isInit, readFragment, readInit } from "./mp4.js";

/** Pairs of media time and wall clock that are kept; more than a buffer holds. */
const clocksMax = 512;
/** Seconds of picture kept behind the play head, to be able to look at the last moment again. */
const keptBehind = 10;
/** A timeline that leaps further than this many seconds is another one: what is buffered belongs to the old one. */
const leap = 3;
/**
 * Seconds that a fragment's last picture is said to last. The server cannot know how long it will, and Media Source waits
 * for the next keyframe after a distance of more than twice the last duration: one dropped picture would freeze the rest
 * of its group. Source: Media Source Extensions, Coded Frame Processing.
 */
const stretch = 1;

const trackCount = (type) => type.split(",").length;

/** One connection and its media source. Whoever owns it decides about the play head and about trying again. */
export class LiveWay {
  static id = "live";
  static words = "Live fMP4 over WebSocket";
  static isPossible() {
    return MediaSourceClass !== null && "WebSocket" in window;
  }

  /**
   * @param video the element.
   * @param path "/live/show", encoded.
   * @param owner told `opened()`, `closed()`, `restart()`, `unsupported(words)` and `failed(error)`.
   */
  constructor(video, path, owner, { query = "" } = {}) {
    Object.assign(this, {
      video, owner, url: webSocketURL(`${path}.mp4${query}`), socket: null, source: null, queue: null,
      tracks: new Map(), clocks: [], newest: null, end: null, isStopped: false, receivedAt: null,
    });
  }

  least = 0.25;
  /** The same where pictures are shown later than the play head says. */
  leastWhenLate = 0.1;
  most = 3;

  async start() {
    this.source = await openMediaSource(this.video);
    if (!this.isStopped) this.connect();
  }

  /** Opens the socket, again after it was closed: the picture stays meanwhile. */
  connect() {
    const socket = this.socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.owner.opened());
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.socket) return;
      this.receivedAt = performance.now();
      if (typeof data === "string") this.#announced(JSON.parse(data).type);
      else this.#received(data);
    });
    socket.addEventListener("close", () => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.owner.closed();
    });
  }

  disconnect() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  stop() {
    this.isStopped = true;
    this.disconnect();
    this.queue?.clearQueue();
  }

  get isConnected() {
    return this.socket !== null;
  }

  /** What is buffered around the newest fragment: the part of the timeline that counts. */
  get range() {
    const ranges = this.queue?.ranges;
    if (this.newest === null || !ranges?.length) return null;
    const around = rangeAt(ranges, this.newest, 1);
    const range = around && this.newest >= around.start - 1 ? around : lastRange(ranges);
    return { start: range.start, end: Math.max(range.start, Math.min(range.end, this.end)) };
  }

  /** Unix milliseconds at which the server got what lies at a media time; null when that is not known. */
  wallAt(media) {
    let best = null;
    for (const clock of this.clocks) {
      if (!best || Math.abs(clock.media - media) < Math.abs(best.media - media)) best = clock;
    }
    return best && Math.abs(best.media - media) < 30 ? best.wall + (media - best.media) * 1000 : null;
  }

  /** There is no going back on this way. */
  get window() {
    return null;
  }

  trim() {
    this.queue?.trim(this.video.currentTime - keptBehind);
  }

  #announced(type) {
    if (!MediaSourceClass.isTypeSupported(type)) {
      this.owner.unsupported(type);
      return;
    }
    // Another number of tracks is more than a source buffer takes, such as sound that begins late.
    if (this.queue && trackCount(type) !== trackCount(this.queue.type)) {
      this.owner.restart();
      return;
    }
    try {
      if (this.queue) this.queue.changeType(type);
      else this.queue = new AppendQueue(this.source, type, (error) => this.owner.failed(error));
    } catch (error) {
      this.owner.failed(error);
    }
  }

  #received(data) {
    if (!this.queue) return;
    if (isInit(data)) {
      this.tracks = readInit(data);
    } else {
      const { start, end, clock } = readFragment(data, this.tracks, stretch);
      if (start !== null) {
        this.#follow(start);
        this.end = Math.max(end, start);
      }
      if (clock) {
        this.clocks.push(clock);
        if (this.clocks.length > clocksMax) this.clocks.splice(0, this.clocks.length - clocksMax);
      }
    }
    this.queue.append(data);
  }

  /** Another timeline begins when a fragment lies neither in nor next to what is buffered. */
  #follow(start) {
    const ranges = this.queue.ranges;
    if (this.newest !== null && Math.abs(start - this.newest) > leap && ranges?.length) {
      const isNear = start > ranges.start(0) - leap && start < ranges.end(ranges.length - 1) + leap;
      if (!isNear) {
        this.queue.remove(0, Infinity);
        this.clocks = [];
      }
    }
    this.newest = start;
  }
}
