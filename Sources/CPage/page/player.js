// The player: a picture, what one can do with it, and what it says.

import { ServerClock } from "./clock.js";
import { icon, iconButton, make, setText } from "./dom.js";
import { icons } from "./icons.js";
import { Session, ways } from "./session.js";
import { duration, latency as latencyWords } from "./words.js";

/** Milliseconds without a movement after which the controls leave the picture alone. */
const idleAfter = 2500;
/** A window shorter than this many seconds is no window to rewind in. */
const windowMin = 15;

/** Builds a player for a stream into a container; `onFigures` is given the session's figures now and then. */
export class Player {
  constructor(container, name, { onFigures = () => {} } = {}) {
    Object.assign(this, { container, name, onFigures, idleTimer: null, figuresAt: 0, isScrubbing: false });
    this.#build();
    this.clock = new ServerClock();
    this.clock.start();
    this.session = new Session(this.video, name, this.clock, () => this.#show());
    this.session.start();
    this.#listen();
    this.#show();
  }

  stop() {
    this.session.stop();
    this.clock.stop();
  }

  #build() {
    this.video = make("video", { playsinline: true, muted: true, "aria-label": `Live video of ${this.name}` });
    this.video.muted = true;
    this.playButton = iconButton("Play", icons.play, () => this.#togglePlay());
    this.muteButton = iconButton("Unmute", icons.muted, () => this.#toggleSound());
    this.volume = make("input", {
      type: "range", min: 0, max: 1, step: 0.05, value: 1, class: "volume", "aria-label": "Volume",
      oninput: () => { this.video.volume = Number(this.volume.value); this.video.muted = this.volume.value === "0"; },
    });
    this.liveButton = make("button", { type: "button", class: "live-button", onclick: () => this.session.goLive() }, "Live");
    this.figures = make("span", { class: "player-figures" });
    this.backButton = iconButton("Back 10 seconds", icons.back, () => this.session.seekBy(-10));
    this.timeline = make("input", {
      type: "range", class: "timeline", step: 0.1, hidden: true, "aria-label": "Position in the stream",
      oninput: () => this.#scrub(), onchange: () => { this.isScrubbing = false; },
    });
    this.menu = this.#buildMenu();
    this.menuButton = iconButton("How it is played", icons.settings, () => this.#toggleMenu(),
      { "aria-expanded": "false", "aria-controls": "player-menu" });
    const hasPicture = document.pictureInPictureEnabled;
    this.fullButton = iconButton("Full screen", icons.full, () => this.#toggleFull());
    this.controls = make("div", { class: "controls", role: "group", "aria-label": "Player" },
      this.timeline,
      make("div", { class: "control-row" }, this.playButton, this.backButton, this.muteButton, this.volume, this.liveButton,
        this.figures, make("span", { class: "spacer" }), this.menuButton,
        hasPicture && iconButton("Picture in picture", icons.picture, () => this.#togglePicture()),
        this.fullButton));
    this.unmute = make("button", { type: "button", class: "unmute", hidden: true, onclick: () => this.#toggleSound() },
      icon(icons.muted), "Turn the sound on");
    this.bigPlay = make("button", { type: "button", class: "big-play", "aria-label": "Play", hidden: true,
      onclick: () => this.session.play() }, icon(icons.play));
    this.words = make("p", { class: "player-words", role: "status" });
    this.frame = make("div", { class: "player", tabindex: "0", role: "region", "aria-label": `Player of ${this.name}` },
      this.video, this.words, this.bigPlay, this.unmute, this.controls, this.menu);
    this.container.replaceChildren(this.frame);
  }

  #buildMenu() {
    this.menuFigures = make("dl", { class: "player-table" });
    const choices = [["", "Best for this browser"], ...ways.map((way) => [way.id, way.words])].map(([id, words]) => {
      const isPossible = !id || ways.find((way) => way.id === id).isPossible();
      return make("label", { class: isPossible ? "choice" : "choice impossible" },
        make("input", { type: "radio", name: "way", value: id, checked: id === "", disabled: !isPossible,
          onchange: () => this.session.start(id || null) }),
        words, isPossible ? null : make("small", {}, " not in this browser"));
    });
    return make("div", { class: "player-menu", id: "player-menu", hidden: true },
      make("fieldset", {}, make("legend", {}, "Way to this screen"), ...choices), this.menuFigures);
  }

  #listen() {
    const { frame, video } = this;
    for (const type of ["play", "pause", "volumechange", "leavepictureinpicture"]) {
      video.addEventListener(type, () => this.#show());
    }
    video.addEventListener("click", () => this.#togglePlay());
    for (const type of ["pointermove", "pointerdown", "focusin", "keydown"]) frame.addEventListener(type, () => this.#wake());
    document.addEventListener("fullscreenchange", () => this.#show());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#wake();
  }

  /** Keys work wherever the focus is, unless it is where they mean something else. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event, isOurs = this.frame.contains(target);
    if (target.closest("input, textarea, select, [contenteditable], [role=tablist], [data-keys]")) return;
    if (event.key === " " && target.closest("button, a, summary")) return;
    if (!isOurs && target !== document.body && event.key.startsWith("Arrow")) return;
    const act = {
      " ": () => this.#togglePlay(), k: () => this.#togglePlay(), m: () => this.#toggleSound(), f: () => this.#toggleFull(),
      l: () => this.session.goLive(), ArrowLeft: () => this.session.seekBy(-10), ArrowRight: () => this.session.seekBy(10),
      ArrowUp: isOurs ? () => this.#turn(0.1) : null, ArrowDown: isOurs ? () => this.#turn(-0.1) : null,
      Escape: this.menu.hidden ? null : () => this.#toggleMenu(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #wake() {
    this.frame.classList.remove("idle");
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => {
      const isUsed = this.controls.contains(document.activeElement) && document.activeElement.matches(":focus-visible");
      if (!this.video.paused && this.menu.hidden && !isUsed) this.frame.classList.add("idle");
    }, idleAfter);
  }

  #togglePlay() {
    if (this.video.paused) this.session.play();
    else this.session.pause();
  }

  #toggleSound() {
    this.video.muted = !this.video.muted;
    if (!this.video.muted && this.video.volume === 0) this.video.volume = 0.5;
  }

  #turn(by) {
    this.video.volume = Math.max(0, Math.min(1, this.video.volume + by));
    this.video.muted = this.video.volume === 0;
  }

  #toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.frame.requestFullscreen) this.frame.requestFullscreen();
    else this.video.webkitEnterFullscreen?.();
  }

  async #togglePicture() {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.video.requestPictureInPicture();
    } catch (error) {
      console.warn("sluice: no picture in picture:", error);
    }
  }

  #toggleMenu() {
    this.menu.hidden = !this.menu.hidden;
    this.menuButton.setAttribute("aria-expanded", !this.menu.hidden);
    if (!this.menu.hidden) this.menu.querySelector("input:checked").focus();
    else this.menuButton.focus();
    this.#show();
  }

  #scrub() {
    this.isScrubbing = true;
    const window = this.session.way?.window;
    if (window) this.session.seekTo(window.end + Number(this.timeline.value));
  }

  #show() {
    const { session, video, frame } = this;
    if (!session) return;
    frame.dataset.state = session.state;
    const isOver = session.state !== "playing" && session.state !== "blocked";
    setText(this.words, isOver ? session.words : "");
    this.bigPlay.hidden = !(video.paused && !session.wantsToPlay);
    this.#name(this.playButton, video.paused ? "Play" : "Pause", video.paused ? icons.play : icons.pause);
    this.#name(this.muteButton, video.muted ? "Unmute" : "Mute", video.muted ? icons.muted : icons.sound);
    const isFull = document.fullscreenElement === frame;
    this.#name(this.fullButton, isFull ? "Leave full screen" : "Full screen", isFull ? icons.small : icons.full);
    if (!this.volume.matches(":active")) this.volume.value = video.muted ? 0 : video.volume;
    this.unmute.hidden = !(video.muted && session.state === "playing" && !this.wasHeard);
    this.wasHeard ||= !video.muted;
    const now = performance.now();
    if (now - this.figuresAt < 500) return;
    this.figuresAt = now;
    this.#showFigures(session.figures);
  }

  #name(button, label, path) {
    if (button.getAttribute("aria-label") === label) return;
    button.setAttribute("aria-label", label);
    button.title = label;
    button.replaceChildren(icon(path));
  }

  /** Numbers for whoever embeds or tests the player stand on its element, too. */
  #showFigures(figures) {
    this.frame.dataset.way = figures.way ?? "";
    this.frame.dataset.latency = figures.latency === null ? "" : Math.round(figures.latency);
    const { session } = this, window = session.way?.window;
    const isLive = session.isFollowing && !this.video.paused;
    const span = window ? window.end - window.start : 0;
    const behind = figures.behind ?? 0;
    this.liveButton.classList.toggle("on", isLive);
    setText(this.liveButton, isLive || behind < 2 ? "Live" : `−${duration(behind)}`);
    this.liveButton.setAttribute("aria-label", isLive ? "Live" : "Go to the newest picture");
    setText(this.figures, figures.latency === null ? "" : `${latencyWords(figures.latency)} behind`);
    this.timeline.hidden = span < windowMin;
    if (span >= windowMin && !this.isScrubbing) {
      this.timeline.min = -span;
      this.timeline.max = 0;
      this.timeline.value = -behind;
      this.timeline.style.setProperty("--played", `${100 * (1 - behind / span)}%`);
      this.timeline.setAttribute("aria-valuetext", isLive ? "live" : `${duration(behind)} before live`);
    }
    if (!this.menu.hidden) {
      const rows = figureRows(figures);
      this.menuFigures.replaceChildren(...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
    }
    this.onFigures(figures);
  }
}

/** A session's figures as names and words. */
export function figureRows(figures) {
  const known = figures.uncertainty === null ? "" : ` ± ${Math.max(1, Math.round(figures.uncertainty))} ms`;
  return [
    ["Way in use", figures.words],
    ["Latency", figures.latency === null ? "not told on this way" : `${latencyWords(figures.latency)}${known}`],
    ["Buffer", `${figures.buffered.toFixed(2)} s${figures.target === null ? "" : ` of ${figures.target.toFixed(2)} s`}`],
    ["Speed", `${figures.rate.toFixed(2)} ×`],
    ["Picture", figures.width ? `${figures.width}×${figures.height}` : "none yet"],
    ["Frames", `${figures.frames} shown, ${figures.dropped} dropped`],
  ];
}
