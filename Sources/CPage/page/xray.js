// The stream X-ray: everything the server sees of a stream, while somebody looks.

import { Events } from "./api.js";
import { download, make, setText } from "./dom.js";
import { ConversationView } from "./xray-conversation.js";
import { FramesView } from "./xray-frames.js";
import { History } from "./xray-history.js";
import { ParametersView } from "./xray-parameters.js";

const stateWords = { connecting: "Connecting…", open: "Live", lost: "Server lost, trying again…" };
const endWords = { unpublished: "The publisher ended the stream.", gone: "The publisher is gone." };

/** Builds the panel. Between `pause` and `resume` it asks nothing of the server. */
export class XRay {
  constructor(panel, url, name) {
    this.history = new History();
    this.frames = new FramesView(this.history);
    this.parameters = new ParametersView();
    this.conversation = new ConversationView(this.history);
    this.state = make("p", { class: "quiet", role: "status" });
    const save = make("button", { type: "button", onclick: () => this.#download(name) }, "Download as JSON");
    panel.replaceChildren(make("div", { class: "xray-head" }, this.state, save), this.frames.element,
      make("div", { class: "xray-columns" }, this.conversation.element, this.parameters.element));
    this.events = new Events(url, {
      stream: (stream) => { this.history.stream = stream; this.parameters.show(stream); },
      frames: (batch) => { this.history.addFrames(batch); if (this.isOpen) setText(this.state, stateWords.open); },
      handshake: (handshake) => { this.history.setHandshake(handshake); this.conversation.update(); },
      messages: (batch) => { this.history.addMessages(batch); this.conversation.update(); },
      end: ({ reason }) => {
        setText(this.state, `${endWords[reason] ?? "The stream has ended."} Its return shows here.`);
      },
    }, (state) => {
      this.isOpen = state === "open";
      setText(this.state, stateWords[state]);
    });
  }

  resume() {
    this.events.resume();
    this.frames.run();
  }

  pause() {
    this.events.pause();
    this.frames.rest();
  }

  #download(name) {
    const { stream, handshake, opening, messages, frames } = this.history;
    const text = JSON.stringify({ name, saved: new Date().toISOString(), stream, handshake, messages: [...opening, ...messages], frames }, null, 1);
    download(`${name.replace(/[^\w.-]+/g, "-")}-xray.json`, "application/json", text);
  }
}
