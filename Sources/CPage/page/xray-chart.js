// The stream's anatomy, drawn: frames as bars, sound beneath, how punctually they came, and the bitrate.

import { rate } from "./words.js";

/** Lanes from top to bottom: their share of the height. */
const lanes = [["video", 0.5], ["audio", 0.14], ["jitter", 0.18], ["bitrate", 0.18]];
/** Pixels left of the lanes for their names and scales, above them for keyframe intervals, below them for the time. */
const gutter = 64, head = 20, foot = 20, between = 10;
/** Milliseconds of the stream over which the bitrate is taken, and from one value to the next. */
const rateOver = 1000, rateStep = 200;
/** Pictures further apart than so many usual distances have a gap between them. */
const gapFactor = 3.5;

const roundTop = (value) => {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 3, 5, 10].map((step) => step * power).find((top) => top >= value);
};

/** Draws a history onto a canvas. Colours come from the page's style, so that they follow the scheme. */
export class Chart {
  constructor(canvas, history) {
    Object.assign(this, { canvas, history, spots: [], selected: null, colours: {}, width: 0, height: 0 });
    this.context = canvas.getContext("2d");
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => this.#readColours());
    this.#readColours();
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
  }

  #readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["text", "quiet", "line", "card", "i", "p", "b", "audio", "mark", "accent", "sunk"]) {
      this.colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
    this.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  }

  #resize() {
    const scale = devicePixelRatio || 1, { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.round(clientWidth * scale);
    this.canvas.height = Math.round(clientHeight * scale);
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.width = clientWidth;
    this.height = clientHeight;
  }

  /** Draws `span` milliseconds that end at `edge`. */
  draw(edge, span) {
    const { context, width, height } = this;
    if (!width) return;
    context.clearRect(0, 0, width, height);
    context.font = this.font;
    this.edge = edge;
    this.span = span;
    this.spots = [];
    const frames = this.history.between(edge - span - 1500, edge);
    const usable = height - head - foot - between * (lanes.length - 1);
    let top = head;
    for (const [name, share] of lanes) {
      const lane = { top, bottom: top + usable * share };
      this.#frame(lane);
      this[`draw${name}`](lane, frames);
      top = lane.bottom + between;
    }
    this.#drawTime();
    this.#drawMarks(frames);
    this.#drawSelection();
  }

  x(dts) {
    return gutter + (dts - this.edge + this.span) / this.span * (this.width - gutter - 6);
  }

  #frame({ top, bottom }) {
    const { context } = this;
    context.fillStyle = this.colours.sunk;
    context.fillRect(gutter, top, this.width - gutter - 6, bottom - top);
  }

  #label({ top, bottom }, name, scale) {
    const { context } = this;
    context.textAlign = "right";
    context.fillStyle = this.colours.text;
    context.textBaseline = "top";
    context.fillText(name, gutter - 8, top);
    context.fillStyle = this.colours.quiet;
    if (bottom - top > 26) context.fillText(scale, gutter - 8, top + 14);
  }

  /** The height is the square root of the size: beside a keyframe, the others would be flat lines otherwise. */
  #bars(lane, frames, colourOf, most) {
    const { context } = this, height = lane.bottom - lane.top, distance = usualDistance(frames);
    const slot = distance / this.span * (this.width - gutter - 6), bar = Math.max(1, Math.min(14, slot * 0.78));
    context.save();
    context.beginPath();
    context.rect(gutter, lane.top - head, this.width - gutter - 6, height + head);
    context.clip();
    for (const frame of frames) {
      const x = this.x(frame.dts), tall = Math.max(1.5, Math.sqrt(frame.bytes / most) * (height - 2));
      context.fillStyle = colourOf(frame);
      context.globalAlpha = frame.past ? 0.55 : 1;
      context.fillRect(x - bar / 2, lane.bottom - tall, bar, tall);
      if (x >= gutter) this.spots.push({ x, frame, lane });
    }
    context.restore();
    return { distance, slot };
  }

  drawvideo(lane, all) {
    const frames = all.filter(({ kind, role }) => kind === "video" && (role === "key" || role === "delta"));
    const most = roundTop(Math.max(1000, ...frames.map(({ bytes }) => bytes)));
    this.#label(lane, "Video", `${most / 1000} KB`);
    const { i, p, b } = this.colours;
    const { distance } = this.#bars(lane, frames, ({ role, picture }) =>
      role === "key" || picture === "I" ? i : picture === "B" ? b : p, most);
    this.#drawGaps(lane, frames, distance);
    this.#drawKeys(lane);
  }

  drawaudio(lane, all) {
    const frames = all.filter(({ kind, role }) => kind === "audio" && role !== "configuration");
    const most = roundTop(Math.max(100, ...frames.map(({ bytes }) => bytes)));
    this.#label(lane, "Audio", `${most} B`);
    this.#bars(lane, frames, () => this.colours.audio, most);
  }

  /** Where nothing lies between two pictures that are far apart. */
  #drawGaps(lane, frames, distance) {
    const { context } = this;
    for (let index = 1; index < frames.length; index += 1) {
      const from = frames[index - 1].dts, missing = frames[index].dts - from;
      if (missing < distance * gapFactor || missing < 100) continue;
      const left = Math.max(gutter, this.x(from)), right = this.x(frames[index].dts);
      if (right - left < 3) continue;
      context.fillStyle = this.colours.mark;
      context.globalAlpha = 0.14;
      context.fillRect(left, lane.top, right - left, lane.bottom - lane.top);
      context.globalAlpha = 1;
      context.textAlign = "center";
      context.textBaseline = "middle";
      if (right - left > 70) context.fillText(`gap ${Math.round(missing)} ms`, (left + right) / 2, (lane.top + lane.bottom) / 2);
    }
  }

  /** A line at each keyframe, and the measured interval above it. */
  #drawKeys(lane) {
    const { context } = this;
    let free = gutter;
    for (const { dts, interval, frames } of this.history.keys) {
      const x = this.x(dts);
      if (x < gutter || x > this.width - 6) continue;
      context.strokeStyle = this.colours.i;
      context.globalAlpha = 0.4;
      context.beginPath();
      context.moveTo(x, head - 4);
      context.lineTo(x, lane.bottom);
      context.stroke();
      context.globalAlpha = 1;
      if (interval === null) continue;
      const text = `${(interval / 1000).toFixed(2)} s, ${frames} frames`, wide = context.measureText(text).width;
      if (x - wide - 6 < free) continue;
      context.textAlign = "right";
      context.textBaseline = "alphabetic";
      context.fillStyle = this.colours.quiet;
      context.fillText(text, x - 4, head - 7);
      free = x;
    }
  }

  drawjitter(lane, all) {
    const { context, history } = this, points = [];
    for (const frame of all) {
      const late = history.jitter(frame);
      if (late !== null && frame.kind !== "data" && this.x(frame.dts) >= gutter) points.push({ frame, late });
    }
    const most = roundTop(Math.max(10, ...points.map(({ late }) => Math.abs(late))));
    const middle = (lane.top + lane.bottom) / 2, scale = (lane.bottom - lane.top) / 2 / most;
    this.#label(lane, "Jitter", `±${most} ms`);
    context.strokeStyle = this.colours.line;
    context.beginPath();
    context.moveTo(gutter, middle);
    context.lineTo(this.width - 6, middle);
    context.stroke();
    for (const { frame, late } of points) {
      context.fillStyle = frame.kind === "audio" ? this.colours.audio : this.colours.p;
      context.fillRect(this.x(frame.dts) - 1, middle - late * scale - 1, 2.2, 2.2);
    }
  }

  drawbitrate(lane, all) {
    const { context } = this, counted = all.filter(({ role }) => role === "key" || role === "delta");
    const values = [];
    let from = 0, to = 0, sum = 0;
    const inOrder = [...counted].sort((a, b) => a.dts - b.dts);
    for (let at = Math.ceil((this.edge - this.span) / rateStep) * rateStep; at <= this.edge; at += rateStep) {
      while (to < inOrder.length && inOrder[to].dts <= at) sum += inOrder[to++].bytes;
      while (from < to && inOrder[from].dts <= at - rateOver) sum -= inOrder[from++].bytes;
      values.push([at, inOrder.length && at - rateOver >= inOrder[0].dts - 100 ? sum * 8 / rateOver : null]);
    }
    const known = values.filter(([, value]) => value !== null);
    const most = roundTop(Math.max(100, ...known.map(([, value]) => value)));
    this.#label(lane, "Bitrate", rate(most).replace("bit/s", "b/s"));
    if (known.length < 2) return;
    const y = (value) => lane.bottom - value / most * (lane.bottom - lane.top - 2);
    context.strokeStyle = this.colours.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    known.forEach(([at, value], index) => context[index ? "lineTo" : "moveTo"](this.x(at), y(value)));
    context.stroke();
    context.lineWidth = 1;
    context.fillStyle = this.colours.accent;
    context.globalAlpha = 0.12;
    context.lineTo(this.x(known[known.length - 1][0]), lane.bottom);
    context.lineTo(this.x(known[0][0]), lane.bottom);
    context.fill();
    context.globalAlpha = 1;
  }

  #drawTime() {
    const { context } = this, seconds = this.span / 1000;
    const step = [0.2, 0.5, 1, 2, 5, 10].find((one) => (this.width - gutter) * one / seconds > 70) ?? 20;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    for (let at = Math.ceil((this.edge - this.span) / 1000 / step) * step; at * 1000 <= this.edge; at += step) {
      const x = this.x(at * 1000);
      context.fillStyle = this.colours.line;
      context.fillRect(x, head, 1, this.height - head - foot);
      context.fillStyle = this.colours.quiet;
      if (x > gutter + 14 && x < this.width - 24) context.fillText(`${step < 1 ? at.toFixed(1) : Math.round(at)} s`, x, this.height - 3);
    }
  }

  /** Mended timestamps and frames that hold no media, as marks over the bars. */
  #drawMarks(frames) {
    const { context } = this;
    for (const frame of frames) {
      const isNews = frame.role === "configuration" || frame.role === "metadata" || frame.role === "end";
      const x = this.x(frame.dts);
      if ((!frame.repair && !isNews) || x < gutter) continue;
      context.fillStyle = frame.repair ? this.colours.mark : this.colours.accent;
      context.beginPath();
      context.moveTo(x - 4.5, head - 2);
      context.lineTo(x + 4.5, head - 2);
      context.lineTo(x, head + 6);
      context.fill();
      this.spots.push({ x, frame, lane: { top: 0, bottom: head + 8 } });
    }
  }

  #drawSelection() {
    const { context, selected } = this;
    if (!selected) return;
    const x = this.x(selected.dts);
    if (x < gutter || x > this.width - 6) return;
    context.strokeStyle = this.colours.text;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(x, head);
    context.lineTo(x, this.height - foot);
    context.stroke();
    context.setLineDash([]);
  }

  /** The frame that is drawn nearest to a point. */
  frameAt(x, y) {
    let best = null;
    for (const spot of this.spots) {
      const apart = Math.abs(spot.x - x) + (y < spot.lane.top || y > spot.lane.bottom ? 40 : 0);
      if (apart < 60 && (!best || apart < best.apart)) best = { apart, frame: spot.frame };
    }
    return best?.frame ?? null;
  }
}

/** The middle distance between two neighbours, in milliseconds. */
function usualDistance(frames) {
  const apart = frames.slice(1).map((frame, index) => frame.dts - frames[index].dts).filter((one) => one > 0).sort((a, b) => a - b);
  return apart[apart.length >> 1] ?? 33;
}
