// How the page reaches its server.

/** "live/my cam" as it stands in a URL: "live/my%20cam". A slash within the stream's part is encoded, too. */
export function pathOf(name) {
  const slash = name.indexOf("/");
  return `${encodeURIComponent(name.slice(0, slash))}/${encodeURIComponent(name.slice(slash + 1))}`;
}

/** The stream that a page's address names, as in "/watch/live/show"; null when it names none. */
export function streamOfPage() {
  const [, , app, ...rest] = location.pathname.split("/");
  if (!app || !rest.length || !rest.join("")) return null;
  try {
    return `${decodeURIComponent(app)}/${decodeURIComponent(rest.join("/"))}`;
  } catch {
    return null;
  }
}

/** A WebSocket's address on this server. */
export const webSocketURL = (path) => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;

/** Reads JSON; throws an error with the answer's `status`. */
export async function readJSON(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
  return answer.json();
}

/** The server's report, asked for until it comes. */
export async function serverReport() {
  for (let wait = 500; ; wait = Math.min(2 * wait, 8000)) {
    try {
      return await readJSON("/api/v1/server");
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, wait); });
    }
  }
}

/** The longest wait between two attempts to reach the server again, in milliseconds. */
const waitMax = 10_000;

/**
 * Server-sent events that come back by themselves. A browser gives up on an answer that is no event stream, as a proxy
 * gives while its server restarts; this does not. Hidden pages may let go of it with `pause` and come back with `resume`.
 */
export class Events {
  /**
   * @param url where the events are.
   * @param handlers by event name; each is given the parsed data.
   * @param onState told "connecting", "open" or "lost".
   */
  constructor(url, handlers, onState) {
    Object.assign(this, { url, handlers, onState, wait: 500, source: null, timer: null, isWanted: false });
  }

  resume() {
    if (this.isWanted) return;
    this.isWanted = true;
    this.#open();
  }

  pause() {
    this.isWanted = false;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  #open() {
    this.onState("connecting");
    const source = this.source = new EventSource(this.url);
    source.addEventListener("open", () => {
      this.wait = 500;
      this.onState("open");
    });
    for (const [name, handler] of Object.entries(this.handlers)) {
      source.addEventListener(name, (event) => handler(JSON.parse(event.data)));
    }
    source.addEventListener("error", () => {
      if (source !== this.source) return;
      this.onState("lost");
      source.close();
      this.timer = setTimeout(() => this.#open(), this.wait);
      this.wait = Math.min(2 * this.wait, waitMax);
    });
  }
}
