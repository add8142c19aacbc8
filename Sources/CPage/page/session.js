// What keeps a stream on the screen: picks a way, keeps near the newest picture, and goes on after whatever happens.

import { pathOf, readJSON } from "./api.js";
import { rangeAt } from "./buffer.js";
import { HLSWay } from "./hls-way.js";
import { LiveWay } from "./live-way.js";
import { NativeWay } from "./native-way.js";
import { Pace } from "./pace.js";

/** Every way, the best first. */
export const ways = [LiveWay, NativeWay, HLSWay];

/** Milliseconds between two looks at the play head. */
const tickEvery = 200;
/** The waits between attempts to connect, in milliseconds. */
const firstWait = 250, longestWait = 5000;
/** Milliseconds without anything new, after which the server is asked why. */
const silence = 1500;
/** Milliseconds within which something must have come for the play head to be moved back to it. */
const freshness = 400;
/**
 * Seconds behind the play head from which a picture is late. Firefox shows pictures half a second late on some systems: that
 * much is in hand already, and need not be buffered ahead of the play head as well.
 */
const lateFrom = 0.25;
/** A pause of so many milliseconds lets go of the connection; playing again begins at the newest picture. */
const pauseMax = 8000;
/** Attempts of a way that never showed a picture, before the next one is tried. */
const attemptsMax = 4;

/** The state machine around a video element. `onChange` is told of every change of `state` or `words`. */
export class Session {
  constructor(video, name, clock, onChange) {
    Object.assign(this, {
      video, name, clock, onChange, path: `/${pathOf(name)}`, way: null, kind: null, chosen: null, state: "connecting",
      words: "Connecting…", attempts: 0, hasPlayed: false, isFollowing: true, wantsToPlay: true, refused: new Set(),
      waitingSince: null, pausedSince: null, askedAt: -Infinity, trimmedAt: 0, reconnect: null, pace: null, isAsking: false, shown: null, lag: 0,
    });
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    video.addEventListener("waiting", () => { this.waitingSince ??= performance.now(); }, { signal });
    video.addEventListener("playing", () => this.#plays(), { signal });
    // Media keys and picture in picture have buttons of their own.
    video.addEventListener("pause", () => { if (this.state === "playing" && !video.error) this.wantsToPlay = false; }, { signal });
    video.addEventListener("play", () => { this.wantsToPlay = true; }, { signal });
    this.#watchPictures();
    this.ticker = setInterval(() => this.#tick(), tickEvery);
  }

  /** Starts with a way by its id, or with the best that works. */
  start(id = null, options = {}) {
    this.chosen = id;
    const kind = ways.find((one) => (id ? one.id === id : !this.refused.has(one.id)) && one.isPossible());
    if (!kind) {
      this.#say("unsupported", this.refusal ?? "This browser has no way to play live video from this server.");
      return;
    }
    this.#stopWay();
    this.kind = kind;
    this.attempts = 0;
    this.hasPlayed = false;
    this.isFollowing = options.behind === undefined;
    this.#say("connecting", "Connecting…");
    const way = this.way = new kind(this.video, this.path, this.#ownerOf(() => way), options);
    this.pace = way.least === null ? null : new Pace(way.least, way.most);
    way.start().catch((error) => this.#failed(error));
    this.play();
  }

  stop() {
    clearInterval(this.ticker);
    this.listeners.abort();
    this.#stopWay();
  }

  async play() {
    this.wantsToPlay = true;
    if (this.pausedSince !== null) {
      this.pausedSince = null;
      if (this.way && !this.way.isConnected) this.#connectIn(0);
    }
    try {
      await this.video.play();
    } catch (error) {
      if (error.name !== "NotAllowedError") return;
      if (!this.video.muted) {
        this.video.muted = true;
        this.play();
        return;
      }
      this.wantsToPlay = false;
      this.#say("blocked", "Press play to start.");
    }
  }

  pause() {
    this.wantsToPlay = false;
    this.video.pause();
    if (!this.way?.window) return;
    this.isFollowing = false;
  }

  /** Goes to the newest picture. */
  goLive() {
    this.isFollowing = true;
    if (this.returnTo !== undefined) {
      const id = this.returnTo;
      this.returnTo = undefined;
      this.start(id);
      return;
    }
    const edge = this.way?.window?.end ?? this.way?.range?.end;
    if (edge !== undefined) this.video.currentTime = edge - (this.pace?.target ?? 3);
    if (!this.wantsToPlay) this.play();
  }

  /** Moves by seconds; ways that cannot go back give place to one that can. */
  seekBy(seconds) {
    const window = this.way?.window;
    if (window) this.seekTo(this.video.currentTime + seconds);
    else if (seconds < 0 && HLSWay.isPossible() && this.hasPlayed) {
      this.returnTo = this.chosen;
      this.start(HLSWay.id, { behind: (this.behind ?? 1) - seconds });
    }
  }

  seekTo(time) {
    const window = this.way?.window;
    if (!window) return;
    const edge = window.end - (this.pace?.target ?? 1);
    this.isFollowing = time >= edge - 0.5;
    this.video.currentTime = Math.max(window.start + 0.2, Math.min(time, edge));
  }

  /** Seconds between the play head and the newest picture there is; null when unknown. */
  get behind() {
    const edge = this.way?.window?.end ?? this.way?.range?.end;
    return edge === undefined ? null : Math.max(0, edge - this.video.currentTime);
  }

  /** Milliseconds from the server's receipt of the picture to its showing; null when the way does not tell. */
  get latency() {
    const { media, since } = this.#picture(), now = this.clock.now();
    const wall = this.video.readyState >= 2 ? this.way?.wallAt(media) : null;
    return now === null || wall === null || wall === undefined ? null : now - since - wall;
  }

  /** The media time on the screen and the milliseconds since it came there; a browser may say one time and show another. */
  #picture() {
    const { shown, video } = this, now = performance.now();
    const isNew = shown && now - shown.at < 1000 && Math.abs(shown.media - video.currentTime) < 5;
    return isNew ? { media: shown.media, since: now - shown.at } : { media: video.currentTime, since: 0 };
  }

  #watchPictures() {
    const note = (_, { mediaTime, expectedDisplayTime }) => {
      this.shown = { media: mediaTime, at: expectedDisplayTime };
      const lag = this.video.currentTime - mediaTime;
      // After a jump the two are of different places.
      if (Math.abs(lag) < 2) this.lag += (lag - this.lag) / 16;
      if (!this.listeners.signal.aborted) this.video.requestVideoFrameCallback(note);
    };
    this.video.requestVideoFrameCallback?.(note);
  }

  /** Everything the numbers beside a player show. */
  get figures() {
    const quality = this.video.getVideoPlaybackQuality?.();
    const range = rangeAt(this.video.buffered, this.video.currentTime);
    return {
      way: this.kind?.id ?? null, words: this.kind?.words ?? "", latency: this.latency, behind: this.behind,
      buffered: range ? Math.max(0, range.end - this.video.currentTime) : 0, target: this.pace?.target ?? null,
      rate: this.video.playbackRate, dropped: quality?.droppedVideoFrames ?? 0, frames: quality?.totalVideoFrames ?? 0,
      width: this.video.videoWidth, height: this.video.videoHeight, uncertainty: this.clock.uncertainty,
    };
  }

  /** What a way may tell; a way that was left is no longer heard. */
  #ownerOf(wayNow) {
    const ifCurrent = (act) => (...arguments_) => { if (this.way === wayNow()) act(...arguments_); };
    return {
      learnedTarget: ifCurrent((least) => { this.pace = new Pace(least, this.way.most); }),
      opened: ifCurrent(() => this.#say(this.state === "playing" ? "playing" : "connecting", "Waiting for the first picture…")),
      closed: ifCurrent((status) => this.#closed(status)),
      restart: ifCurrent(() => this.start(this.chosen)),
      unsupported: ifCurrent((what) => this.#unsupported(what)),
      failed: ifCurrent((error) => this.#failed(error)),
    };
  }

  #stopWay() {
    clearTimeout(this.reconnect);
    this.reconnect = null;
    const way = this.way;
    this.way = null;
    way?.stop();
    this.video.playbackRate = 1;
  }

  #plays() {
    const stood = this.waitingSince === null ? null : performance.now() - this.waitingSince;
    this.waitingSince = null;
    // A long standstill is a publisher or a network that was gone, and no larger buffer would have helped.
    if (this.hasPlayed && stood !== null && stood > 60 && stood < 3000 && this.isFollowing) this.pace?.stalled(performance.now());
    this.hasPlayed = true;
    this.attempts = 0;
    this.#say("playing", "");
  }

  #closed(status) {
    if (this.pausedSince !== null) return;
    // A server that keeps nothing to go back to is no reason to stop looking at what is live.
    if (this.returnTo !== undefined && status === 404 && !this.hasPlayed) {
      this.goLive();
      return;
    }
    // Words that tell more than that stay: an attempt that fails is no news then.
    if (this.state !== "absent" && this.state !== "interrupted") this.#say("reconnecting", "Connection lost, trying again…");
    this.#ask();
    this.#connectIn(Math.min(longestWait, firstWait * 2 ** this.attempts));
  }

  #connectIn(ms) {
    if (this.reconnect !== null) return;
    this.reconnect = setTimeout(() => {
      this.reconnect = null;
      if (!this.way || this.way.isConnected) return;
      // Asking the server costs less than an attempt, after many of which Firefox makes a page wait for a minute.
      if (this.state === "absent") {
        this.#ask();
        this.#connectIn(firstWait);
        return;
      }
      this.attempts += 1;
      // A stream that is not there is waited for; one that is there but does not come this way is tried another way.
      if (!this.hasPlayed && this.attempts > attemptsMax && !this.chosen) {
        this.refused.add(this.kind.id);
        this.start();
        return;
      }
      this.way.connect();
      if (this.wantsToPlay) this.play();
    }, ms);
  }

  /** The browser gave the media up: the same way once more from the beginning, later another one. */
  #failed(error) {
    console.warn("sluice:", error);
    const { kind, chosen, attempts, hasPlayed } = this;
    this.#stopWay();
    this.#say("reconnecting", "The browser stumbled over the stream, trying again…");
    if (!hasPlayed && !chosen && attempts >= attemptsMax) this.refused.add(kind.id);
    this.reconnect = setTimeout(() => {
      this.start(chosen);
      this.attempts = hasPlayed ? 0 : attempts + 1;
    }, Math.min(longestWait, firstWait * 2 ** attempts));
  }

  #unsupported(what) {
    this.refusal = `This browser cannot play ${what}.`;
    this.refused.add(this.kind.id);
    if (this.returnTo !== undefined) {
      this.goLive();
    } else if (this.chosen) {
      this.#stopWay();
      this.#say("unsupported", this.refusal);
    } else {
      this.start();
    }
  }

  #tick() {
    const now = performance.now(), { way, video } = this;
    if (!way) return;
    this.#keepNear(way, now);
    if (now - this.trimmedAt > 5000) {
      this.trimmedAt = now;
      way.trim();
    }
    if (video.paused && !this.wantsToPlay) {
      this.pausedSince ??= now;
      if (now - this.pausedSince > pauseMax && way.isConnected && !way.window) way.disconnect();
    }
    const isSilent = way.receivedAt !== undefined && (way.receivedAt === null || now - way.receivedAt > silence);
    const stands = video.readyState < 3 && this.wantsToPlay;
    if (video.paused && this.wantsToPlay && video.readyState >= 3 && !video.error && this.state !== "blocked") this.play();
    if (stands && (isSilent || !way.isConnected)) this.#ask();
    if (this.state !== "playing" && !stands && this.hasPlayed && !video.paused && way.isConnected) this.#say("playing", "");
    if (stands && this.state === "playing" && this.waitingSince !== null && now - this.waitingSince > 700) {
      this.#say("buffering", "Waiting for more…");
    }
    this.onChange();
  }

  /** Moves the play head into what is there, and toward the newest of it. */
  #keepNear(way, now) {
    const { video } = this, range = way.range;
    if (!range || video.readyState < 1 || video.seeking) return;
    if (!this.pace) return;
    if (way.leastWhenLate) this.pace.allow(this.lag > lateFrom ? way.leastWhenLate : way.least);
    const { target } = this.pace, length = range.end - range.start;
    const isAhead = video.currentTime > range.end + 0.3 && now - way.receivedAt < freshness;
    if (way.window === null && (video.currentTime < range.start - 0.05 || isAhead)) {
      // Nobody wants to see again what was there before the standstill: the larger target is met from here on.
      if (isAhead && this.hasPlayed) this.pace.stalled(now);
      video.currentTime = Math.max(range.start, range.end - (isAhead ? 0.1 : target));
      return;
    }
    if (way.window && video.currentTime < range.start && video.currentTime > range.start - 30) {
      video.currentTime = range.start + 0.01;
      return;
    }
    if (!this.isFollowing || video.paused || length < target / 2) {
      if (video.playbackRate !== 1) video.playbackRate = 1;
      return;
    }
    const step = this.pace.step(range.end - video.currentTime, now);
    if (step.jump) video.currentTime += step.jump;
    else if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
  }

  /** Asks the server what has become of the stream, so that people read why nothing moves. */
  async #ask() {
    const now = performance.now();
    if (this.isAsking || now - this.askedAt < 1000) return;
    this.isAsking = true;
    this.askedAt = now;
    let found;
    try {
      found = (await readJSON(`/api/v1/streams${this.path}`)).state;
    } catch (error) {
      found = error.status === 404 ? "absent" : "unreachable";
    }
    this.isAsking = false;
    const isStill = this.video.readyState < 3 || !this.way?.isConnected;
    if (!this.listeners.signal.aborted && isStill) this.#explain(found);
  }

  #explain(found) {
    const explanations = {
      absent: ["absent", "Nobody is publishing this stream. It starts here as soon as somebody does."],
      waitingForPublisher: ["absent", "Nobody is publishing this stream. It starts here as soon as somebody does."],
      waitingForReturn: ["interrupted", "The publisher is gone. Waiting for its return…"],
      unreachable: ["reconnecting", "The server does not answer. Trying again…"],
    };
    const explanation = explanations[found];
    if (explanation) {
      this.#say(...explanation);
      if (explanation[0] === "absent") this.attempts = 0;
    } else if (this.state === "absent" || this.state === "interrupted") {
      this.#say("connecting", "The stream is back…");
    }
  }

  #say(state, words) {
    if (state === this.state && words === this.words) return;
    this.state = state;
    this.words = words;
    this.onChange();
  }
}
