// What the X-ray has seen, as much of it as fits, and what follows from it.

/** Frames that are kept: more than a minute of picture and sound together. */
const framesMax = 9000;
/** Milliseconds by which no timeline goes back. */
const leap = 20_000;
/** Messages that are kept besides the conversation's opening. */
const messagesMax = 1500;
/** Messages of the opening that are kept for good. */
const openingMax = 80;

/** The middle of some numbers. */
function median(values) {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** A bounded record of one stream. */
export class History {
  constructor() {
    Object.assign(this, { stream: null, handshake: null, opening: [], messages: [], skipped: 0, serial: 0 });
    this.clearFrames();
  }

  clearFrames() {
    Object.assign(this, { frames: [], lateness: null, keys: [], newest: new Map() });
  }

  /**
   * Frames in the order of their arrival. A connection numbers its frames from one, and begins with what is past: what a
   * connection before it told already is not taken twice, and a timeline that begins anew ends the record of the old.
   */
  addFrames(batch) {
    this.skipped += batch.skipped ?? 0;
    for (const frame of batch.frames) {
      const track = `${frame.kind} ${frame.track}`, newest = this.newest.get(track);
      if (newest !== undefined && frame.past && frame.dts <= newest && frame.dts > newest - leap) continue;
      if (newest !== undefined && frame.dts < newest - leap) this.clearFrames();
      this.newest.set(track, frame.dts);
      this.serial += 1;
      frame.n = this.serial;
      this.frames.push(frame);
      if (frame.kind === "video" && frame.role === "key") this.#addKey(frame);
    }
    if (this.frames.length > framesMax) {
      this.frames.splice(0, this.frames.length - framesMax);
      const first = this.frames[0].n;
      this.keys = this.keys.filter((key) => key.n >= first);
    }
    this.#measureLateness();
  }

  /** Messages since the page looked, after those that the server kept of the beginning. */
  addMessages(batch) {
    for (const message of batch.messages) {
      const newest = this.messages[this.messages.length - 1] ?? this.opening[this.opening.length - 1];
      if (newest && message.n <= newest.n) continue;
      const isOpening = this.opening.length < openingMax && !this.messages.length && message.typeID !== 8 && message.typeID !== 9;
      (isOpening ? this.opening : this.messages).push(message);
    }
    if (this.messages.length > messagesMax) this.messages.splice(0, this.messages.length - messagesMax);
  }

  /** A publisher's new connection has a new conversation. */
  setHandshake(handshake) {
    const isSame = this.handshake && this.handshake.peer === handshake.peer
      && this.handshake.steps[0]?.at === handshake.steps[0]?.at;
    this.handshake = handshake;
    if (isSame) return;
    this.opening = [];
    this.messages = [];
  }

  #addKey(frame) {
    const last = this.keys[this.keys.length - 1];
    let count = 0;
    if (last) {
      for (let index = this.frames.length - 1; index >= 0 && this.frames[index].n >= last.n; index -= 1) {
        const one = this.frames[index];
        if (one.kind === "video" && (one.role === "key" || one.role === "delta") && one.n < frame.n) count += 1;
      }
    }
    this.keys.push({ n: frame.n, dts: frame.dts, interval: last ? frame.dts - last.dts : null, frames: last ? count : null });
  }

  /** How far arrival lies behind the timestamp as a rule. Only deviations from that are jitter. */
  #measureLateness() {
    const some = this.frames.slice(-300).filter(({ past, arrival }) => !past && arrival !== undefined);
    this.lateness = median(some.map(({ arrival, dts }) => arrival - dts));
  }

  /** Milliseconds that a frame came later than frames do as a rule; null for what came before the page looked. */
  jitter(frame) {
    return frame.past || this.lateness === null || frame.arrival === undefined ? null : frame.arrival - frame.dts - this.lateness;
  }

  /** Frames from one time to another, in milliseconds of the stream's timeline. */
  between(from, to) {
    const { frames } = this;
    let low = 0, high = frames.length;
    // Decode times of picture and sound are not one sequence, but never more than seconds apart.
    while (low < high) {
      const middle = low + high >> 1;
      if (frames[middle].dts < from - 2000) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (let index = low; index < frames.length; index += 1) {
      const { dts } = frames[index];
      if (dts >= from && dts <= to) found.push(frames[index]);
      else if (dts > to + 2000) break;
    }
    return found;
  }

  /** The last ten seconds in numbers. */
  get summary() {
    const newest = this.frames[this.frames.length - 1];
    if (!newest) return null;
    const recent = this.between(newest.dts - 10_000, newest.dts);
    const pictures = recent.filter(({ kind, role }) => kind === "video" && (role === "key" || role === "delta"));
    const sound = recent.filter(({ kind, role }) => kind === "audio" && role !== "configuration");
    const mean = (list) => list.length ? list.reduce((sum, { bytes }) => sum + bytes, 0) / list.length : null;
    const times = pictures.map(({ dts }) => dts), span = times.length > 1 ? times[times.length - 1] - times[0] : 0;
    const spread = recent.map((frame) => this.jitter(frame)).filter((value) => value !== null).map(Math.abs).sort((a, b) => a - b);
    const between = (list) => list.length > 1 ? list[list.length - 1].dts - list[0].dts : 0;
    const all = recent.reduce((sum, { bytes }) => sum + bytes, 0), seconds = between(recent) / 1000;
    return {
      key: this.keys[this.keys.length - 1] ?? null, fps: span ? (times.length - 1) * 1000 / span : null,
      mean: Object.fromEntries(["I", "P", "B"].map((type) => [type, mean(pictures.filter(({ picture }) => picture === type))])),
      audioPerSecond: between(sound) ? (sound.length - 1) * 1000 / between(sound) : null,
      jitter: spread.length ? spread[Math.floor(spread.length * 0.95)] : null, kbps: seconds ? all * 8 / seconds / 1000 : null,
      repairs: this.frames.filter(({ repair }) => repair).length,
    };
  }
}
