// The page at "/": every stream, as it is now.

import { Events, serverReport } from "./api.js";
import { Card } from "./card.js";
import { $, setText } from "./dom.js";
import { helpPanel } from "./help.js";
import * as words from "./words.js";

/** From so many streams on there is a box to filter them. */
const filterFrom = 7;

const cards = new Map();
const byElement = new WeakMap();
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) byElement.get(entry.target)?.setVisible(entry.isIntersecting && !document.hidden);
}, { rootMargin: "80px" });
let streams = [];

/** Whether a stream has all words of the filter, in its name or its tracks. */
function matches(stream, wanted) {
  if (!wanted.length) return true;
  const text = [stream.name, ...stream.tracks.map(words.track), stream.publisher?.encoder ?? ""].join(" ").toLowerCase();
  return wanted.every((word) => text.includes(word));
}

function hide(card) {
  if (!card.element.isConnected) return;
  seen.unobserve(card.element);
  card.setVisible(false);
  card.element.remove();
}

function show() {
  const now = performance.now();
  const wanted = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const names = new Set(streams.map((stream) => stream.name));
  for (const [name, card] of cards) {
    if (names.has(name)) continue;
    hide(card);
    cards.delete(name);
  }
  for (const stream of streams) {
    if (!cards.has(stream.name)) {
      const card = new Card(stream.name);
      cards.set(stream.name, card);
      byElement.set(card.element, card);
    }
    cards.get(stream.name).update(stream, now);
  }
  const shown = streams.filter((stream) => matches(stream, wanted));
  for (const stream of streams) if (!matches(stream, wanted)) hide(cards.get(stream.name));
  shown.forEach((stream, index) => {
    const card = cards.get(stream.name);
    const place = $("streams").children[index];
    if (place !== card.element) {
      $("streams").insertBefore(card.element, place ?? null);
      seen.observe(card.element);
    }
  });
  $("filter-box").hidden = streams.length < filterFrom && !wanted.length;
  setText($("filter-count"), wanted.length ? `${shown.length} of ${streams.length}` : "");
  const isEmpty = streams.length === 0;
  $("empty").hidden = !isEmpty;
  if (isEmpty && !$("empty").dataset.opened) {
    $("empty").dataset.opened = "yes";
    $("help").open = true;
  }
  summarise();
}

function summarise() {
  const live = streams.filter((stream) => stream.state === "live");
  const viewers = streams.reduce((sum, stream) => sum + stream.viewers.total, 0);
  const kbps = live.reduce((sum, stream) => sum + (cards.get(stream.name)?.rate.kbps ?? 0), 0);
  const parts = [`${live.length} live`, words.plural(viewers, "viewer")];
  if (kbps) parts.push(`${words.rate(kbps)} in`);
  setText($("summary"), streams.length ? parts.join(" · ") : "");
  document.title = live.length ? `(${live.length}) Sluice` : "Sluice";
}

const stateWords = { connecting: "Connecting…", open: "Up to date", lost: "Server lost, trying again…" };

const events = new Events("/api/v1/events", {
  streams(list) {
    streams = list.streams;
    show();
  },
}, (state) => {
  $("connection").dataset.state = state;
  setText($("connection"), stateWords[state]);
});

async function showHelp() {
  const server = await serverReport();
  setText($("version"), `Sluice ${server.version}`);
  const input = $("help-name");
  const fill = () => {
    const typed = input.value.trim().replace(/^\/+|\/+$/g, "");
    const isWhole = typed.includes("/");
    $("help-hint").hidden = isWhole;
    $("help-body").replaceChildren(helpPanel(server, isWhole ? typed : `live/${typed || "show"}`));
  };
  input.addEventListener("input", fill);
  fill();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    events.pause();
    for (const card of cards.values()) card.setVisible(false);
  } else {
    events.resume();
    for (const card of cards.values()) {
      seen.unobserve(card.element);
      seen.observe(card.element);
    }
  }
});
$("filter").addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target !== document.body || $("filter-box").hidden) return;
  event.preventDefault();
  $("filter").focus();
});
// What stands still is told apart from what has no news: silence grows without events, too.
setInterval(() => { if (!document.hidden) for (const card of cards.values()) if (card.isVisible) card.draw(performance.now()); }, 2000);
events.resume();
showHelp();
if (location.hash === "#help") $("help").open = true;
$("skeleton").remove();
