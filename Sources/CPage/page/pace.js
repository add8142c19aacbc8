// How far behind the newest picture to stay: as near as the network allows, and back there without a visible jump.

/** Seconds added to the target by a stall. */
const stallStep = 0.3;
/** Without stalls the target shrinks by a tenth so often, in milliseconds. */
const shrinkEvery = 20_000;
/** Further behind than this many seconds beyond the target, playing faster would take too long. */
const jumpBeyond = 5;
/** Nearer to the target than this many seconds, the rate is left alone: chasing it would only be heard. */
const tolerance = 0.12;

/** Decides about rate and jumps; has no clock and touches no element. */
export class Pace {
  /** @param least, most: the target's limits in seconds. */
  constructor(least, most) {
    Object.assign(this, { least, most, target: least, rate: 1, calmSince: null });
  }

  /** Changes the least target. One that no stall has raised goes along. */
  allow(least) {
    if (this.target <= this.least) this.target = least;
    this.least = least;
  }

  /** The picture stood still for lack of data. */
  stalled(now) {
    this.target = Math.min(this.target + stallStep, this.most);
    this.calmSince = now;
  }

  /**
   * @param ahead seconds between the play head and the end of what is buffered.
   * @param now in milliseconds.
   * @returns `{ jump }` with the seconds to skip, or `{ rate }` to play at.
   */
  step(ahead, now) {
    this.calmSince ??= now;
    if (now - this.calmSince > shrinkEvery) {
      this.target = Math.max(this.least, this.target * 0.9);
      this.calmSince = now;
    }
    const excess = ahead - this.target;
    if (excess > jumpBeyond) {
      this.rate = 1;
      return { jump: excess };
    }
    // Once on the way it goes on until the target is met, so that the rate does not flicker around the tolerance.
    if (excess > tolerance || (this.rate > 1 && excess > 0.02)) {
      this.rate = Math.min(1.2, Math.max(1.05, 1 + excess / 8));
    } else {
      this.rate = 1;
    }
    return { rate: this.rate };
  }
}
