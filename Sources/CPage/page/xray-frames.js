// The frames of the X-ray: the chart with its numbers, what one frame is in words, and all of it as a table.

import { make, setText } from "./dom.js";
import * as words from "./words.js";
import { Chart } from "./xray-chart.js";

/** Seconds that the chart may show. */
const spans = [1, 2, 5, 10, 20, 40];
/** Frames in the table. */
const tableMax = 40;
/** Milliseconds between two drawings where a reader wants little motion. */
const calmEvery = 1000;

const repairWords = {
  gap: "the timestamps leapt ahead; the timeline goes on without the leap", backward: "the timestamps leapt back; the timeline goes on",
  disorder: "it came out of order; its time was moved up to its predecessor's", wrap: "the 32-bit timestamps began anew at zero",
  apart: "picture and sound were on different timelines; this one was moved",
};

/** A frame in one sentence. */
function describe(frame, jitter) {
  const kind = { video: "Video", audio: "Audio", data: "Data" }[frame.kind] ?? frame.kind;
  const role = { key: "keyframe", delta: "frame", configuration: "configuration", metadata: "metadata", end: "end of sequence" }[frame.role];
  const parts = [`${kind} ${role ?? frame.role}${frame.picture ? ` (${frame.picture})` : ""}`, words.bytes(frame.bytes)];
  parts.push(`decoded at ${(frame.dts / 1000).toFixed(3)} s`);
  if (frame.cts) parts.push(`shown ${frame.cts} ms later`);
  if (jitter !== null) parts.push(`came ${Math.abs(jitter).toFixed(0)} ms ${jitter < 0 ? "early" : "late"}`);
  if (frame.wire !== undefined) parts.push(`timestamp on the wire ${frame.wire}`);
  if (frame.nal) parts.push(frame.nal);
  if (frame.repair) parts.push(`mended: ${repairWords[frame.repair] ?? frame.repair}`);
  return parts.join(" · ");
}

/** The chart's part of the panel. `attend` starts and stops the drawing. */
export class FramesView {
  constructor(history) {
    Object.assign(this, { history, span: 10, isPaused: false, edge: null, drawnAt: 0, isRunning: false, tableAt: 0, shownAt: 0 });
    this.#build();
    this.chart = new Chart(this.canvas, history);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  #build() {
    this.numbers = make("dl", { class: "xray-numbers" });
    this.canvas = make("canvas", { class: "xray-canvas", tabindex: "0", role: "img", "data-keys": true,
      "aria-label": "Frames of the stream over time. Left and right arrows go from picture to picture.",
      "aria-describedby": "xray-detail" });
    this.detail = make("p", { class: "xray-detail", id: "xray-detail" }, "Point at a frame, or go through them with the arrow keys.");
    this.pauseButton = make("button", { type: "button", "aria-pressed": "false", onclick: () => this.togglePause() }, "Pause");
    this.spanWords = make("span", { class: "quiet", role: "status" });
    const legend = make("ul", { class: "legend", "aria-label": "Colours" },
      ...[["i", "I, keyframe"], ["p", "P"], ["b", "B"], ["audio", "audio"], ["mark", "mended, gap"]]
        .map(([colour, name]) => make("li", { class: `key-${colour}` }, name)));
    this.toolbar = make("div", { class: "toolbar" }, this.pauseButton,
      make("span", { class: "group" },
        make("button", { type: "button", "aria-label": "Show a shorter time", onclick: () => this.#zoom(-1) }, "+"),
        make("button", { type: "button", "aria-label": "Show a longer time", onclick: () => this.#zoom(1) }, "−"), this.spanWords),
      legend);
    this.body = make("tbody");
    this.table = make("details", { class: "as-table" }, make("summary", {}, "The last frames as a table"),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Last frames" }, make("table", {},
        make("thead", {}, make("tr", {}, ...["Number", "Kind", "Role", "Picture", "Bytes", "DTS ms", "CTS ms", "Jitter ms", "NAL units", "Mended"]
          .map((name) => make("th", { scope: "col" }, name)))), this.body)));
    this.table.addEventListener("toggle", () => this.#fillTable());
    this.element = make("section", { "aria-labelledby": "xray-frames-title" },
      make("h2", { id: "xray-frames-title" }, "Frames"), this.numbers, this.toolbar, this.canvas, this.detail, this.table);
    this.#listen();
    this.#zoom(0);
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => this.#select(this.chart.frameAt(offsetX, offsetY)));
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === " ") this.togglePause();
      else if (event.key === "+" || event.key === "-") this.#zoom(event.key === "+" ? -1 : 1);
      else if (step) this.#step(step);
      else return;
      event.preventDefault();
    });
  }

  togglePause() {
    this.isPaused = !this.isPaused;
    this.pauseButton.setAttribute("aria-pressed", this.isPaused);
    setText(this.pauseButton, this.isPaused ? "Go on" : "Pause");
  }

  run() {
    if (this.isRunning) return;
    this.isRunning = true;
    const draw = (now) => {
      if (!this.isRunning) return;
      if (!this.calm.matches || now - this.drawnAt >= calmEvery) this.#draw(now);
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  rest() {
    this.isRunning = false;
  }

  #draw(now) {
    const { frames } = this.history, newest = frames[frames.length - 1];
    const passed = Math.min(1000, now - this.drawnAt);
    this.drawnAt = now;
    if (!newest) return;
    if (!this.isPaused) {
      // Batches come ten times a second; the edge glides after them instead of leaping.
      const wanted = newest.dts;
      if (this.edge === null || Math.abs(wanted - this.edge) > 1500 || this.calm.matches) this.edge = wanted;
      else this.edge = Math.min(wanted + 150, this.edge + passed + (wanted - this.edge - 60) * Math.min(1, passed / 800));
    }
    if (now - this.shownAt > 500) {
      this.shownAt = now;
      this.#showNumbers();
      if (this.table.open && !this.isPaused && now - this.tableAt > 1000) this.#fillTable();
    }
    this.chart.draw(this.edge, this.span * 1000);
  }

  #zoom(by) {
    const at = Math.max(0, Math.min(spans.length - 1, spans.indexOf(this.span) + by));
    this.span = spans[at];
    setText(this.spanWords, `${this.span} s`);
    if (this.isPaused && this.edge !== null) this.chart.draw(this.edge, this.span * 1000);
  }

  #select(frame) {
    if (!frame) return;
    this.chart.selected = frame;
    setText(this.detail, describe(frame, this.history.jitter(frame)));
  }

  #step(by) {
    const pictures = this.history.frames.filter(({ kind, dts }) => kind === "video" && dts <= this.edge);
    if (!pictures.length) return;
    const at = pictures.indexOf(this.chart.selected);
    const to = at < 0 ? pictures.length - 1 : Math.max(0, Math.min(pictures.length - 1, at + by));
    if (!this.isPaused) this.togglePause();
    this.#select(pictures[to]);
    const { dts } = pictures[to];
    if (dts < this.edge - this.span * 1000) this.edge = dts + this.span * 500;
  }

  #showNumbers() {
    const { summary, skipped } = this.history;
    if (!summary) return;
    const { key, fps, mean, jitter, kbps, repairs } = summary;
    const sizes = Object.entries(mean).filter(([, value]) => value).map(([type, value]) => `${type} ${words.bytes(Math.round(value))}`);
    const rows = [
      ["Keyframes", key?.interval ? `every ${(key.interval / 1000).toFixed(2)} s, ${key.frames} frames` : "one so far"],
      ["Pictures", fps === null ? "none" : `${fps.toFixed(2)} per second`], ["Mean size", sizes.join(", ") || "unknown"],
      ["Bitrate", kbps === null ? "unknown" : words.rate(kbps)],
      ["Jitter", jitter === null ? "measuring" : `95 % within ${jitter.toFixed(0)} ms`],
      ["Mended", repairs ? words.plural(repairs, "timestamp") : "nothing"],
    ];
    if (skipped) rows.push(["Not shown", `${words.plural(skipped, "frame")}: this browser was too slow`]);
    this.numbers.replaceChildren(...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
  }

  #fillTable() {
    if (!this.table.open) return;
    this.tableAt = performance.now();
    const last = this.history.frames.slice(-tableMax).reverse();
    this.body.replaceChildren(...last.map((frame) => {
      const jitter = this.history.jitter(frame);
      const cells = [frame.n, frame.kind, frame.role, frame.picture ?? "", frame.bytes, Math.round(frame.dts), frame.cts ?? 0,
        jitter === null ? "" : jitter.toFixed(1), frame.nal ?? "", frame.repair ?? ""];
      return make("tr", {}, ...cells.map((cell) => make("td", {}, String(cell))));
    }));
  }
}
