// A line of the last minute's bitrate.

import { makeSVG } from "./dom.js";

/** Points that are shown: one a second. */
const pointsMax = 60;

/** Keeps what it is given, and draws it from zero to the highest of it. */
export class Sparkline {
  constructor() {
    this.values = [];
    this.area = makeSVG("path", { class: "spark-area" });
    this.line = makeSVG("path", { class: "spark-line", "vector-effect": "non-scaling-stroke" });
    this.element = makeSVG("svg", { class: "spark", viewBox: `0 0 ${pointsMax - 1} 20`, preserveAspectRatio: "none",
      "aria-hidden": "true" }, this.area, this.line);
  }

  push(value) {
    this.values.push(value);
    if (this.values.length > pointsMax) this.values.shift();
  }

  draw() {
    const { values } = this, top = Math.max(...values, 1) * 1.15, first = pointsMax - values.length;
    if (values.length < 2) return;
    const points = values.map((value, index) => `${first + index} ${(19.5 - 19 * value / top).toFixed(2)}`);
    this.line.setAttribute("d", `M${points.join("L")}`);
    this.area.setAttribute("d", `M${points.join("L")}L${pointsMax - 1} 20L${first} 20Z`);
  }
}
