// Parameter sets, field by field.

import { make } from "./dom.js";

/** What a stream's tracks say about themselves; filled anew only when they say something else. */
export class ParametersView {
  constructor() {
    this.body = make("div", { class: "parameters" }, make("p", { class: "quiet" }, "Waiting for the stream…"));
    this.element = make("section", { "aria-labelledby": "xray-parameters-title" },
      make("h2", { id: "xray-parameters-title" }, "Parameters"), this.body);
    this.key = null;
  }

  show(stream) {
    const key = JSON.stringify(stream.tracks);
    if (key === this.key) return;
    this.key = key;
    const open = new Set([...this.body.querySelectorAll("details[open]")].map((one) => one.dataset.key));
    const isFirst = this.body.querySelector("details") === null;
    const sets = stream.tracks.flatMap((track) => (track.parameters ?? []).map((set) => [track, set]));
    if (!sets.length) {
      this.body.replaceChildren(make("p", { class: "quiet" }, "No configuration has come yet."));
      return;
    }
    this.body.replaceChildren(...sets.map(([track, set]) => {
      const id = `${track.kind} ${track.track ?? 0} ${set.name}`;
      return make("details", { "data-key": id, open: isFirst ? set.name !== "PPS" : open.has(id) },
        make("summary", {}, make("strong", {}, set.name), " ",
          make("span", { class: "quiet" }, `${track.codec}, ${track.kind}${track.track ? ` ${track.track}` : ""}`
            + (set.bytes ? `, ${set.bytes} bytes` : ""))),
        make("div", { class: "scroll" }, make("table", {},
          make("thead", {}, make("tr", {}, ...["Field", "Value", "Meaning"].map((name) => make("th", { scope: "col" }, name)))),
          make("tbody", {}, ...set.fields.map(([field, value, meaning]) => make("tr", {},
            make("th", { scope: "row" }, make("code", {}, field)), make("td", {}, String(value)), make("td", {}, meaning ?? "")))))));
    }));
  }
}
