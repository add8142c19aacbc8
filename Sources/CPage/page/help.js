// What to type elsewhere: how to publish to this very server, and every address a stream can be watched at.

import { pathOf } from "./api.js";
import { copyButton, make } from "./dom.js";
import { qrPicture } from "./qr.js";

/** A line to copy. */
function row(label, text, note = null) {
  const code = make("code", { tabindex: "0" }, text);
  return make("div", { class: "copy-row" },
    make("dt", {}, label, note ? make("small", {}, note) : null),
    make("dd", {}, code, copyButton(label, () => text, code)));
}

const section = (title, ...children) => make("section", { class: "help-section" }, make("h3", {}, title), ...children);

/** Brackets around a literal IPv6 address are in `hostname` already. */
export function rtmpBase(server) {
  return server.rtmpPort ? `rtmp://${location.hostname}${server.rtmpPort === 1935 ? "" : `:${server.rtmpPort}`}` : null;
}

const quoted = (text) => /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function publishing(base, name) {
  if (!base) return section("Publish", make("p", {}, "RTMP is turned off on this server."));
  const slash = name.indexOf("/"), app = name.slice(0, slash), key = name.slice(slash + 1), target = quoted(`${base}/${name}`);
  const encoding = "-c:v libx264 -preset veryfast -tune zerolatency -g 60 -pix_fmt yuv420p -c:a aac";
  const test = "-f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440";
  const pattern = "videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1 ! x264enc tune=zerolatency "
    + "key-int-max=60 ! h264parse ! mux. audiotestsrc is-live=true ! avenc_aac ! aacparse ! mux.";
  return section("Publish",
    make("h4", {}, "OBS Studio"),
    make("p", { class: "quiet" }, "Settings → Stream → Service: Custom. A keyframe interval of 1 or 2 s lets people join quickly."),
    make("dl", {}, row("Server", `${base}/${app}`), row("Stream key", key)),
    make("h4", {}, "From a terminal"),
    make("dl", {},
      row("FFmpeg, a test picture", `ffmpeg -re ${test} ${encoding} -f flv ${target}`),
      row("FFmpeg, a file", `ffmpeg -re -stream_loop -1 -i FILE ${encoding} -f flv ${target}`),
      row("GStreamer", `gst-launch-1.0 ${pattern} flvmux name=mux streamable=true ! rtmp2sink location=${target}`)));
}

function watching(base, name) {
  const path = `/${pathOf(name)}`, web = location.origin + path, socket = web.replace(/^http/, "ws");
  const addresses = [
    ["HLS", `${web}.m3u8`, "any browser, phones, televisions; low latency where the player can"],
    ["DASH", `${web}.mpd`, "the same segments for DASH players"],
    base && ["RTMP", `${base}/${name}`, "ffplay, mpv, VLC"],
    ["HTTP-FLV", `${web}.flv`, "about half a second behind"],
    ["WebSocket-FLV", `${socket}.flv`, "flv.js and the like"],
    ["Fragmented MP4", `${web}.mp4`, "endless, also over WebSocket"],
    ["MPEG-TS", `${web}.ts`, "endless"],
    ["Sound alone", `${web}.aac`, "endless, for AAC"],
  ];
  return section("Watch", make("dl", {}, ...addresses.filter(Boolean).map(([label, text, note]) => row(label, text, note))));
}

function sharing(name) {
  const path = pathOf(name), page = `${location.origin}/watch/${path}`;
  const line = `<iframe src="${location.origin}/embed/${path}" width="640" height="360" `
    + 'allow="autoplay; fullscreen; picture-in-picture" style="border:0"></iframe>';
  const code = qrPicture(page);
  return section("Share",
    make("div", { class: "share" },
      code && make("figure", {}, code, make("figcaption", { class: "quiet" }, "Opens this stream on a phone")),
      make("dl", {}, row("This page", page), row("Embed in a page", line))));
}

/** The whole panel for one stream. */
export function helpPanel(server, name, { withShare = true } = {}) {
  const base = rtmpBase(server);
  return make("div", { class: "help" }, publishing(base, name), watching(base, name), withShare && sharing(name));
}
