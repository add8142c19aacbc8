// What the reports of a stream say about its bitrate and its silence, since a report alone says neither.

/** Follows one stream's `bytesIn` from report to report. */
export class StreamRate {
  constructor() {
    Object.assign(this, { bytes: null, at: null, changedAt: null, kbps: null });
  }

  /** @param now in milliseconds. @returns whether there is a new value. */
  learn(stream, now) {
    const { bytesIn } = stream.counters;
    if (this.bytes !== null && now - this.at < 500) return false;
    const isLater = this.bytes !== null && bytesIn >= this.bytes && now > this.at;
    if (isLater) this.kbps = (bytesIn - this.bytes) * 8 / (now - this.at);
    if (this.bytes !== bytesIn) this.changedAt = now;
    this.bytes = bytesIn;
    this.at = now;
    return isLater;
  }

  /** Seconds since the last byte that the page has seen coming in. */
  silence(now) {
    return this.changedAt === null ? 0 : (now - this.changedAt) / 1000;
  }
}
