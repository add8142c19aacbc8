// Media Source as the player uses it: one operation at a time, and never more in memory than needed.

/** What a browser offers: Safari on phones has the managed kind alone. */
export const MediaSourceClass = window.MediaSource ?? window.ManagedMediaSource ?? null;

/** Bytes that wait to be appended. More means that the browser does not keep up at all. */
const queuedBytesMax = 32 * 1024 * 1024;

/** Attaches a media source to a video element, and resolves once it takes source buffers. */
export async function openMediaSource(video) {
  const source = new MediaSourceClass();
  const url = URL.createObjectURL(source);
  if (MediaSourceClass !== window.MediaSource) video.disableRemotePlayback = true;
  const opened = new Promise((resolve) => { source.addEventListener("sourceopen", resolve, { once: true }); });
  video.src = url;
  await opened;
  URL.revokeObjectURL(url);
  return source;
}

/** A source buffer with the operations that wait for it. */
export class AppendQueue {
  /**
   * @param source an open media source.
   * @param type such as `video/mp4; codecs="avc1.64001f"`.
   * @param onError told an error after which nothing more can be appended.
   */
  constructor(source, type, onError) {
    this.buffer = source.addSourceBuffer(type);
    this.source = source;
    this.type = type;
    this.onError = onError;
    this.operations = [];
    this.queuedBytes = 0;
    this.keepFrom = 0;
    this.buffer.addEventListener("updateend", () => this.#next());
    this.buffer.addEventListener("error", () => this.onError(new Error("the browser could not read the media")));
  }

  /** The ranges that can be played; none once the source is gone. */
  get ranges() {
    try {
      return this.buffer.buffered;
    } catch {
      return null;
    }
  }

  /** Appends bytes, then calls `done`. */
  append(bytes, done) {
    this.queuedBytes += bytes.byteLength;
    if (this.queuedBytes > queuedBytesMax) {
      this.onError(new Error("the browser does not keep up"));
      return;
    }
    this.#push({ bytes, done });
  }

  /** Removes what lies between two times. */
  remove(from, to) {
    this.#push({ remove: [from, to] });
  }

  /** Goes on with another codec. A type that is the same costs nothing. */
  changeType(type) {
    if (type === this.type) return;
    this.type = type;
    this.#push({ type });
  }

  /** Shifts what is appended from here on by so many seconds. */
  setOffset(seconds) {
    this.#push({ offset: seconds });
  }

  /** Lets go of everything before a time, unless it has hardly grown since. */
  trim(before) {
    const ranges = this.ranges;
    if (!ranges?.length || before - ranges.start(0) < 2) return;
    this.keepFrom = before;
    this.remove(0, before);
  }

  clearQueue() {
    this.operations = [];
    this.queuedBytes = 0;
  }

  #push(operation) {
    this.operations.push(operation);
    if (!this.buffer.updating) this.#next();
  }

  #next() {
    while (this.operations.length && !this.buffer.updating) {
      if (this.source.readyState === "closed") {
        this.clearQueue();
        return;
      }
      const operation = this.operations[0];
      try {
        this.#perform(operation);
      } catch (error) {
        if (error.name === "QuotaExceededError" && this.#makeRoom()) return;
        this.clearQueue();
        this.onError(error);
        return;
      }
      this.operations.shift();
      if (operation.bytes) this.queuedBytes -= operation.bytes.byteLength;
      if (operation.done) this.#afterUpdate(operation.done);
    }
  }

  #perform(operation) {
    if (operation.bytes) this.buffer.appendBuffer(operation.bytes);
    else if (operation.remove) this.buffer.remove(...operation.remove);
    else if (operation.type) this.buffer.changeType(operation.type);
    else if (operation.offset !== undefined && this.buffer.timestampOffset !== operation.offset) {
      this.buffer.timestampOffset = operation.offset;
    }
  }

  #afterUpdate(done) {
    this.buffer.addEventListener("updateend", done, { once: true });
  }

  /** Removes half of what lies before the wanted part; false when there is nothing to give up. */
  #makeRoom() {
    const ranges = this.ranges;
    if (!ranges?.length) return false;
    const start = ranges.start(0), end = Math.max(this.keepFrom, start + (ranges.end(ranges.length - 1) - start) / 2);
    if (end - start < 0.5) return false;
    this.buffer.remove(0, end);
    return true;
  }
}

/** The range around a time, or the first one after it; null when there is none. */
export function rangeAt(ranges, time, slack = 0.1) {
  for (let index = 0; ranges && index < ranges.length; index += 1) {
    if (time <= ranges.end(index) + slack) return { start: ranges.start(index), end: ranges.end(index) };
  }
  return null;
}

/** The newest range; null when there is none. */
export const lastRange = (ranges) => ranges?.length
  ? { start: ranges.start(ranges.length - 1), end: ranges.end(ranges.length - 1) } : null;
