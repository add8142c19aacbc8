// A stream in the list.

import { pathOf } from "./api.js";
import { make, setText } from "./dom.js";
import { Preview } from "./preview.js";
import { Sparkline } from "./sparkline.js";
import { StreamRate } from "./stream-rate.js";
import * as words from "./words.js";

/** A card stays the same element while its stream lives, so that focus and selection in it survive. */
export class Card {
  constructor(name) {
    this.name = name;
    this.rate = new StreamRate();
    this.spark = new Sparkline();
    this.isVisible = false;
    const href = `/watch/${pathOf(name)}`;
    const video = make("video", { muted: true, playsinline: true, "aria-hidden": "true", tabindex: "-1" });
    video.muted = true;
    this.preview = new Preview(video, name);
    this.state = make("span", { class: "state" });
    this.size = make("span", { class: "size" });
    this.tracks = make("ul", { class: "tracks" });
    this.kbps = make("span", { class: "kbps" });
    this.viewers = make("span", {});
    this.uptime = make("span", {});
    this.health = make("ul", { class: "health" });
    this.element = make("article", { class: "card" },
      make("div", { class: "preview" }, video, this.state, this.size),
      make("div", { class: "card-body" },
        make("h3", {}, make("a", { href }, name)),
        this.tracks,
        make("div", { class: "card-rate" }, this.spark.element, this.kbps),
        make("p", { class: "card-facts" }, this.viewers, this.uptime),
        this.health));
  }

  /** Takes a report in; draws it only where somebody sees it. */
  update(stream, now) {
    this.stream = stream;
    if (this.rate.learn(stream, now)) this.spark.push(stream.state === "live" ? this.rate.kbps : 0);
    if (this.isVisible) this.draw(now);
  }

  setVisible(isVisible) {
    this.isVisible = isVisible;
    if (isVisible) this.draw(performance.now());
    this.#updatePreview();
  }

  draw(now) {
    const { stream } = this;
    if (!stream) return;
    this.element.dataset.state = stream.state;
    setText(this.state, words.state[stream.state] ?? stream.state);
    const video = stream.tracks.find((one) => one.kind === "video");
    setText(this.size, video?.height ? `${video.height}p` : video ? "" : stream.tracks.length ? "sound only" : "");
    this.#list(this.tracks, stream.tracks.map((one) => ({ text: words.track(one) })));
    setText(this.kbps, stream.state !== "live" || this.rate.kbps === null ? "" : words.rate(this.rate.kbps));
    this.spark.draw();
    setText(this.viewers, words.viewers(stream.viewers));
    setText(this.uptime, `up ${words.duration(stream.uptimeSeconds)}`);
    const health = words.health(stream, this.rate.silence(now));
    this.#list(this.health, health.length ? health : [{ text: "Healthy", isGood: true }]);
    this.#updatePreview();
  }

  #updatePreview() {
    const isWanted = this.isVisible && this.stream?.state === "live" && this.stream.tracks.some((one) => one.kind === "video");
    if (isWanted) this.preview.show();
    else this.preview.hide();
  }

  #list(list, items) {
    const key = items.map(({ text, isBad }) => `${isBad ? "!" : ""}${text}`).join("\n");
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...items.map(({ text, isBad, isGood }) =>
      make("li", { class: isBad ? "bad" : isGood ? "good" : null }, text)));
  }
}
