// The page at "/embed/app/stream": the player and nothing else.

import { streamOfPage } from "./api.js";
import { $, make } from "./dom.js";
import { Player } from "./player.js";

const name = streamOfPage();
if (name) {
  document.title = name;
  const player = new Player($("player"), name);
  addEventListener("pagehide", () => player.stop());
} else {
  $("player").append(make("p", { class: "empty" }, "This address names no stream."));
}
