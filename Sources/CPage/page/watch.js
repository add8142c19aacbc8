// The page at "/watch/app/stream": the player, what is known of the stream, its X-ray, and how to share it.

import { Events, pathOf, serverReport, streamOfPage } from "./api.js";
import { $, make, setText, tabs } from "./dom.js";
import { helpPanel } from "./help.js";
import { Player, figureRows } from "./player.js";
import { Sparkline } from "./sparkline.js";
import { StreamRate } from "./stream-rate.js";
import * as words from "./words.js";
import { XRay } from "./xray.js";

const name = streamOfPage();
const rate = new StreamRate();
const spark = new Sparkline();
let xray = null;

const rows = (list, entries) => {
  const key = entries.flat().join("\n");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...entries.flatMap(([term, value]) => [make("dt", {}, term), make("dd", {}, value)]));
};

function showStream(stream) {
  const now = performance.now();
  const state = stream?.state ?? "absent";
  $("state").dataset.state = state;
  setText($("state"), words.state[state] ?? "Not live");
  if (!stream) {
    setText($("uptime"), "");
    setText($("kbps"), "");
    rows($("facts"), [["Stream", "nobody publishes it"]]);
    return;
  }
  if (rate.learn(stream, now)) spark.push(state === "live" ? rate.kbps : 0);
  spark.draw();
  setText($("uptime"), `up ${words.duration(stream.uptimeSeconds)}`);
  setText($("kbps"), state === "live" && rate.kbps !== null ? words.rate(rate.kbps) : "");
  const { publisher } = stream, health = words.health(stream, rate.silence(now));
  const entries = stream.tracks.map((one) =>
    [`${one.kind === "video" ? "Video" : "Audio"}${one.track ? ` ${one.track}` : ""}`,
      words.track(one) + (one.bitrateKbps ? ` · ${words.rate(one.bitrateKbps)}` : "")]);
  if (stream.gop) entries.push(["Keyframes", `every ${stream.gop.seconds.toFixed(2)} s, ${words.plural(stream.gop.frames, "frame")}`]);
  entries.push(["Viewers", words.viewers(stream.viewers)]);
  if (publisher) {
    entries.push(["Publisher", [publisher.encoder, publisher.protocol.toUpperCase(), publisher.address].filter(Boolean).join(" · ")]);
  }
  entries.push(["Health", health.length ? health.map(({ text }) => text).join("; ") : "Healthy"]);
  rows($("facts"), entries);
}

const stateWords = { connecting: "Connecting…", open: "Up to date", lost: "Server lost, trying again…" };

function start() {
  document.title = `${name} · Sluice`;
  $("title").textContent = name;
  document.querySelector(".side-rate").prepend(spark.element);
  const player = new Player($("player"), name, { onFigures: (figures) => rows($("playback"), figureRows(figures)) });
  addEventListener("pagehide", () => player.stop());

  const events = new Events("/api/v1/events", {
    streams: (list) => showStream(list.streams.find((stream) => stream.name === name)),
  }, (state) => {
    $("connection").dataset.state = state;
    setText($("connection"), stateWords[state]);
  });
  let shownTab = null;
  const attend = () => {
    if (document.hidden) events.pause();
    else events.resume();
    if (shownTab === "tab-xray" && !document.hidden) {
      xray ??= new XRay($("panel-xray"), `/api/v1/streams/${pathOf(name)}/xray`, name);
      xray.resume();
    } else {
      xray?.pause();
    }
  };
  const show = tabs($("tabs"), (id) => {
    shownTab = id;
    history.replaceState(null, "", id === "tab-share" ? location.pathname + location.search : `#${id.slice(4)}`);
    attend();
  });
  const showAddressed = () => show(`tab-${location.hash.slice(1) || "share"}`);
  if (location.hash) showAddressed();
  addEventListener("hashchange", showAddressed);
  document.addEventListener("visibilitychange", attend);
  attend();
  serverReport().then((server) => $("panel-share").replaceChildren(helpPanel(server, name)));
}

if (name) start();
else {
  $("player").append(make("p", { class: "empty" }, "This address names no stream: it should be /watch/application/stream."));
  document.querySelector(".side").hidden = true;
}
