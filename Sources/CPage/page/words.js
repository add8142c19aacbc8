// Numbers and states as people say them.

/** "03:07", "1:20:45", "2 d 4 h". */
export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds)), two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const clock = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return hours ? `${hours}:${clock}` : clock;
}

/** "640 kbit/s", "4.2 Mbit/s". */
export function rate(kbps) {
  if (kbps >= 1_000_000) return `${(kbps / 1_000_000).toFixed(2)} Gbit/s`;
  if (kbps >= 10_000) return `${(kbps / 1000).toFixed(0)} Mbit/s`;
  return kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`;
}

/** "512 B", "14.2 KB", "3.1 MB". */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} KB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** "1 viewer", "3 viewers". */
export const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

/** "840 ms", "2.4 s". */
export const latency = (ms) => Math.abs(ms) < 1000 ? `${Math.round(ms / 10) * 10} ms` : `${(ms / 1000).toFixed(1)} s`;

const channelWords = { 1: "mono", 2: "stereo", 6: "5.1", 8: "7.1" };

/** "H.264 High 3.1 · 1280×720 · 30 fps" or "AAC LC · 48 kHz stereo". */
export function track(one) {
  const parts = [[one.codec, one.profile, one.level].filter(Boolean).join(" ")];
  if (one.width) parts.push(`${one.width}×${one.height}`);
  if (one.frameRate) parts.push(`${Math.round(one.frameRate * 100) / 100} fps`);
  const sound = [];
  if (one.sampleRate) sound.push(`${one.sampleRate / 1000} kHz`);
  if (one.channels) sound.push(channelWords[one.channels] ?? `${one.channels} channels`);
  if (sound.length) parts.push(sound.join(" "));
  return parts.join(" · ");
}

/** The protocols as people write them. */
const protocolNames = {
  rtmp: "RTMP", rtmps: "RTMPS", "http-flv": "HTTP-FLV", "ws-flv": "WS-FLV", "http-mp4": "fMP4", "ws-mp4": "WS-fMP4",
  "http-ts": "TS", "http-aac": "AAC", hls: "HLS",
};

/** "3 viewers: 2 RTMP, 1 HLS". */
export function viewers(report) {
  const by = Object.entries(report.protocols).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1])
    .map(([name, n]) => `${n} ${protocolNames[name] ?? name}`);
  return plural(report.total, "viewer") + (by.length ? `: ${by.join(", ")}` : "");
}

/** What a stream's state is called. */
export const state = {
  live: "Live", waitingForPublisher: "Awaited", waitingForReturn: "Interrupted",
};

/** A keyframe interval from which on joining takes noticeably long. */
const longInterval = 6;

/**
 * How a stream does, in sentences, worst first; none when all is well. Colour only underlines `isBad`.
 * @param silentSeconds how long nothing has come in, as far as the page has seen.
 */
export function health(stream, silentSeconds) {
  const found = [], say = (text, isBad) => found.push({ text, isBad });
  const { timestampRepairs, viewerSkips, viewersStuck } = stream.counters;
  if (stream.state === "waitingForReturn") say("Publisher lost, waiting for its return", true);
  if (stream.state === "waitingForPublisher") say("Nobody publishes it yet", false);
  if (stream.state === "live") {
    if (silentSeconds > 3) say(`Nothing has come in for ${Math.round(silentSeconds)} s`, true);
    const hasVideo = stream.tracks.some((one) => one.kind === "video");
    if (hasVideo && stream.gop && stream.gop.seconds > longInterval) {
      say(`Keyframes only every ${stream.gop.seconds.toFixed(1)} s: joining is slow`, true);
    }
    if (hasVideo && !stream.gop && stream.uptimeSeconds > 2 * longInterval) {
      say("No second keyframe so far: nobody can join well", true);
    }
  }
  if (viewersStuck) say(`${plural(viewersStuck, "viewer")} closed for taking nothing`, true);
  if (timestampRepairs) say(`${plural(timestampRepairs, "timestamp")} mended`, false);
  if (viewerSkips) say(`Slow viewers skipped ${plural(viewerSkips, "time")}`, false);
  return found;
}
