// The server's wall clock, as well as a browser can know it.

const local = () => performance.timeOrigin + performance.now();

/** Requests in one measurement: the first opens a connection, the quickest of the rest tells most. */
const samplesInOne = 5;
/** Between two measurements, in milliseconds: quartz drifts some milliseconds an hour. */
const every = 120_000;

/**
 * Measures what to add to this machine's clock: the server's time in an answer, plus half of the round trip. The error
 * is at most half of the quickest round trip. Uses the monotonic clock, which nobody sets while the page is open.
 */
export class ServerClock {
  constructor() {
    this.offset = null;
    this.uncertainty = null;
    this.timer = null;
  }

  /** Starts to measure now and again. */
  start() {
    if (this.timer !== null) return;
    this.timer = setInterval(() => this.measure(), every);
    this.measure();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
  }

  /** The server's time in Unix milliseconds, or null before the first measurement. */
  now() {
    return this.offset === null ? null : local() + this.offset;
  }

  async measure() {
    let best = null;
    for (let sample = 0; sample < samplesInOne; sample += 1) {
      try {
        const sent = local();
        const answer = await fetch("/api/v1/server", { cache: "no-store" });
        const received = local();
        const { time } = await answer.json();
        if (typeof time !== "number") return;
        const roundTrip = received - sent;
        if (!best || roundTrip < best.roundTrip) best = { roundTrip, offset: time + roundTrip / 2 - received };
      } catch {
        break;
      }
    }
    if (!best) return;
    this.offset = best.offset;
    this.uncertainty = best.roundTrip / 2;
  }
}
