// HLS playlists, read as far as the player needs them. Specification: RFC 8216bis.

/** Attributes of a tag. 4.2. */
function attributes(text) {
  const found = {};
  for (const [, name, quoted, bare] of text.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g)) found[name] = quoted ?? bare;
  return found;
}

/** The variants and the audio renditions of a multivariant playlist; null when it is a media playlist. 4.4.6. */
export function parseMultivariant(text, base) {
  const variants = [], renditions = [];
  let pending = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#EXT-X-STREAM-INF:")) {
      pending = attributes(line.slice(18));
    } else if (line.startsWith("#EXT-X-MEDIA:")) {
      const media = attributes(line.slice(13));
      if (media.TYPE === "AUDIO" && media.URI) {
        renditions.push({ group: media["GROUP-ID"], isDefault: media.DEFAULT === "YES", url: new URL(media.URI, base).href });
      }
    } else if (line && !line.startsWith("#") && pending) {
      variants.push({
        url: new URL(line, base).href, codecs: pending.CODECS ?? "", bandwidth: Number(pending.BANDWIDTH) || 0,
        group: pending.AUDIO ?? null,
      });
      pending = null;
    }
  }
  return variants.length ? { variants, renditions } : null;
}

/**
 * A media playlist as segments with the parts of the newest ones. `start` is the time of a segment's or part's beginning
 * by EXT-X-PROGRAM-DATE-TIME in Unix seconds; null when the playlist tells none. 4.4.3, 4.4.4.
 */
export function parseMedia(text, base) {
  const playlist = {
    sequence: 0, target: 4, partTarget: null, holdBack: null, canBlock: false, hasEnded: false, segments: [],
  };
  const reader = new MediaReader(playlist, base);
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (line.startsWith("#EXT")) reader.tag(colon < 0 ? line : line.slice(0, colon), colon < 0 ? "" : line.slice(colon + 1));
    else if (line && !line.startsWith("#")) reader.segment(line);
  }
  reader.finish();
  return playlist;
}

class MediaReader {
  constructor(playlist, base) {
    Object.assign(this, {
      playlist, base, discontinuity: 0, number: 0, map: null, clock: null, isGap: false, duration: 0, parts: [],
      partsDuration: 0, isOpen: false,
    });
  }

  tag(name, value) {
    const { playlist } = this;
    switch (name) {
    case "#EXT-X-TARGETDURATION": playlist.target = Number(value); break;
    case "#EXT-X-MEDIA-SEQUENCE": playlist.sequence = this.number = Number(value); break;
    case "#EXT-X-DISCONTINUITY-SEQUENCE": this.discontinuity = Number(value); break;
    case "#EXT-X-DISCONTINUITY": this.discontinuity += 1; break;
    case "#EXT-X-PROGRAM-DATE-TIME": this.clock = Date.parse(value) / 1000; break;
    case "#EXT-X-GAP": this.isGap = true; break;
    case "#EXT-X-ENDLIST": playlist.hasEnded = true; break;
    case "#EXT-X-PART-INF": playlist.partTarget = Number(attributes(value)["PART-TARGET"]); break;
    case "#EXTINF": this.duration = Number.parseFloat(value); break;
    case "#EXT-X-MAP": this.map = new URL(attributes(value).URI, this.base).href; break;
    case "#EXT-X-PART": this.#part(attributes(value)); break;
    case "#EXT-X-SERVER-CONTROL": {
      const control = attributes(value);
      playlist.canBlock = control["CAN-BLOCK-RELOAD"] === "YES";
      playlist.holdBack = Number(control["PART-HOLD-BACK"] ?? control["HOLD-BACK"]) || null;
      break;
    }
    default: break;
    }
  }

  segment(uri) {
    this.#add(new URL(uri, this.base).href, this.duration);
    this.isOpen = false;
  }

  /** The parts after the last whole segment are the beginning of the next. */
  finish() {
    if (this.isOpen) this.#add(null, this.partsDuration);
  }

  #part(part) {
    this.parts.push({
      url: new URL(part.URI, this.base).href, duration: Number(part.DURATION), isIndependent: part.INDEPENDENT === "YES",
      isGap: part.GAP === "YES", start: this.clock === null ? null : this.clock + this.partsDuration,
    });
    this.partsDuration += Number(part.DURATION);
    this.isOpen = true;
  }

  #add(url, duration) {
    this.playlist.segments.push({
      number: this.number, url, duration, start: this.clock, map: this.map, discontinuity: this.discontinuity,
      isGap: this.isGap, parts: this.parts,
    });
    this.number += 1;
    if (this.clock !== null) this.clock += duration;
    this.parts = [];
    this.partsDuration = 0;
    this.isGap = false;
  }
}
