// HLS as the browser itself plays it.

/** The browser does everything; the player only watches. */
export class NativeWay {
  static id = "native";
  static words = "HLS by the browser";
  static isPossible() {
    return document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "";
  }

  constructor(video, path, owner) {
    Object.assign(this, { video, owner, url: `${path}.m3u8`, listeners: null });
  }

  /** The browser keeps the distance itself. */
  least = null;
  most = null;

  async start() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.video.addEventListener("loadedmetadata", () => this.owner.opened(), { signal });
    // Also when it says that it cannot read the stream: Chromium says so of playlists that have only just begun.
    this.video.addEventListener("error", () => this.owner.closed(), { signal });
    this.connect();
  }

  connect() {
    this.video.src = this.url;
    this.video.load();
  }

  disconnect() {}

  stop() {
    this.listeners?.abort();
    this.video.removeAttribute("src");
    this.video.load();
  }

  get isConnected() {
    return this.video.error === null;
  }

  get range() {
    const ranges = this.video.buffered;
    return ranges.length ? { start: ranges.start(ranges.length - 1), end: ranges.end(ranges.length - 1) } : null;
  }

  get window() {
    const ranges = this.video.seekable;
    return ranges.length ? { start: ranges.start(0), end: ranges.end(ranges.length - 1) } : null;
  }

  /** From EXT-X-PROGRAM-DATE-TIME, where the browser tells it. */
  wallAt(media) {
    const began = this.video.getStartDate?.().getTime();
    return began > 0 ? began + media * 1000 : null;
  }

  trim() {}
}
