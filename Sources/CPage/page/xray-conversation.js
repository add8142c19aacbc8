// What the publisher and the server say to each other: handshake steps and messages, and the chunks they came in.

import { make, setText } from "./dom.js";
import { bytes, plural } from "./words.js";

/** Lines on the page. What is older is in the download. */
const linesMax = 250;
const mediaTypes = new Set([8, 9, 22]);
const headerWords = ["a whole header", "no stream", "only a time", "no header of its own"];

/** One chunk as two blocks: its header, coloured by type, and its payload. */
function chunkBlock({ format, chunkStream, header, payload }) {
  const words = `type ${format} (${headerWords[format]}), ${header} bytes of header on chunk stream ${chunkStream}, ${payload} bytes of payload`;
  const body = make("span", { class: "payload" }, String(payload));
  body.style.flexBasis = `${Math.max(1.6, Math.min(12, payload / 24))}rem`;
  return make("li", { class: "chunk", title: words, "aria-label": words },
    make("span", { class: `header type-${format}` }, `${format}·${header}`), body);
}

function entryKey(entry) {
  return entry.n === undefined ? `step ${entry.name} ${entry.direction}` : `message ${entry.n}`;
}

/** The list with its search box. */
export class ConversationView {
  constructor(history) {
    Object.assign(this, { history, isPaused: false, lines: new Map(), query: "", withMedia: false });
    this.list = make("ol", { class: "conversation", tabindex: "0", "aria-label": "Messages, oldest first", "data-keys": true });
    this.pauseButton = make("button", { type: "button", "aria-pressed": "false", onclick: () => this.#togglePause() }, "Pause");
    this.count = make("span", { class: "quiet" });
    const search = make("input", { type: "search", "aria-label": "Search the messages", placeholder: "Search messages", spellcheck: "false",
      oninput: () => { this.query = search.value.toLowerCase(); this.update(); } });
    const media = make("input", { type: "checkbox", onchange: () => { this.withMedia = media.checked; this.update(); } });
    this.peer = make("p", { class: "quiet" }, "Waiting for the conversation…");
    this.element = make("section", { "aria-labelledby": "xray-conversation-title" },
      make("h2", { id: "xray-conversation-title" }, "RTMP conversation"), this.peer,
      make("div", { class: "toolbar" }, this.pauseButton, search, make("label", {}, media, " audio and video too"), this.count), this.list);
  }

  #togglePause() {
    this.isPaused = !this.isPaused;
    this.pauseButton.setAttribute("aria-pressed", this.isPaused);
    setText(this.pauseButton, this.isPaused ? "Go on" : "Pause");
    if (!this.isPaused) this.update();
  }

  #isWanted(entry) {
    if (entry.n === undefined) return !this.query || `${entry.name} ${entry.words}`.toLowerCase().includes(this.query);
    if (!this.withMedia && mediaTypes.has(entry.typeID) && !/sequence header|configuration/i.test(entry.words)) return false;
    return !this.query || `${entry.type} ${entry.words}`.toLowerCase().includes(this.query);
  }

  update() {
    const { history, list } = this;
    if (history.handshake) setText(this.peer, `With ${history.handshake.peer}. Secrets are replaced by “…”.`);
    const all = [...(history.handshake?.steps ?? []), ...history.opening, ...history.messages];
    const wanted = all.filter((entry) => this.#isWanted(entry));
    setText(this.count, `${wanted.length} of ${all.length}${wanted.length > linesMax ? `, the last ${linesMax} shown` : ""}`);
    if (this.isPaused && this.lines.size && !this.#asked) return;
    const isAtEnd = list.scrollTop + list.clientHeight > list.scrollHeight - 40;
    const began = all[0]?.at ?? 0, shown = wanted.slice(-linesMax), keys = new Set(shown.map(entryKey));
    for (const [key, line] of this.lines) {
      if (keys.has(key)) continue;
      line.remove();
      this.lines.delete(key);
    }
    shown.forEach((entry, index) => {
      const key = entryKey(entry);
      if (!this.lines.has(key)) this.lines.set(key, this.#line(entry, began));
      const line = this.lines.get(key), place = list.children[index];
      if (place !== line) list.insertBefore(line, place ?? null);
    });
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }

  /** A search looks through what is there even while the list stands still. */
  get #asked() {
    const asked = `${this.query} ${this.withMedia}`, isNew = asked !== this.lastAsked;
    this.lastAsked = asked;
    return isNew;
  }

  #line(entry, began) {
    const isIn = entry.direction === "in", isStep = entry.n === undefined;
    const head = [
      make("span", { class: "at" }, `${((entry.at - began) / 1000).toFixed(3)}`),
      make("span", { class: `way ${isIn ? "in" : "out"}` }, isIn ? "→ in" : "← out"),
      make("span", { class: "type" }, isStep ? `Handshake ${entry.name}` : entry.type),
      make("span", { class: "words" }, entry.words),
    ];
    if (isStep) return make("li", { class: "line step" }, ...head);
    const details = make("details", {}, make("summary", {}, ...head));
    details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(this.#chunks(entry)); });
    return make("li", { class: "line" }, details);
  }

  #chunks(entry) {
    const chunks = entry.chunks ?? [], count = chunks.length + (entry.moreChunks ?? 0);
    const headers = chunks.reduce((sum, { header }) => sum + header, 0);
    return make("div", { class: "chunks" },
      make("p", { class: "quiet" }, `Type ${entry.typeID}, message stream ${entry.messageStream}, timestamp ${entry.timestamp} ms, `
        + `${bytes(entry.bytes)} in ${plural(count, "chunk")}, ${headers} bytes of headers`),
      make("ol", { class: "chunk-row" }, ...chunks.map(chunkBlock),
        entry.moreChunks ? make("li", { class: "quiet" }, `and ${plural(entry.moreChunks, "chunk")} more`) : ""));
  }
}
