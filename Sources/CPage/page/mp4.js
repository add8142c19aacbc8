// As much of ISO/IEC 14496-12 as the player needs: where a fragment lies in time, and when its picture was taken.

/** Between 1900, where NTP begins, and 1970. */
const ntpToUnixSeconds = 2_208_988_800;

function* boxes(view, from, to) {
  let at = from;
  while (at + 8 <= to) {
    let size = view.getUint32(at), header = 8;
    const type = String.fromCharCode(
      view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    if (size === 1 && at + 16 <= to) {
      size = Number(view.getBigUint64(at + 8));
      header = 16;
    } else if (size === 0) {
      size = to - at;
    }
    if (size < header || at + size > to) return;
    yield { type, start: at + header, end: at + size };
    at += size;
  }
}

const viewOf = (bytes) => bytes instanceof ArrayBuffer
  ? new DataView(bytes) : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function child(view, box, ...path) {
  let found = box;
  for (const type of path) {
    let next = null;
    for (const one of boxes(view, found.start, found.end)) {
      if (one.type === type) { next = one; break; }
    }
    if (!next) return null;
    found = next;
  }
  return found;
}

/** Whether these bytes begin with an initialisation segment rather than a fragment. */
export function isInit(bytes) {
  const first = boxes(viewOf(bytes), 0, bytes.byteLength).next().value;
  return first?.type === "ftyp" || first?.type === "moov";
}

/** Each track's timescale and kind, by track number. ISO/IEC 14496-12, 8.3.2, 8.4.2, 8.4.3. */
export function readInit(bytes) {
  const view = viewOf(bytes), tracks = new Map();
  const moov = child(view, { start: 0, end: view.byteLength }, "moov");
  if (!moov) return tracks;
  for (const trak of boxes(view, moov.start, moov.end)) {
    if (trak.type !== "trak") continue;
    const tkhd = child(view, trak, "tkhd"), mdhd = child(view, trak, "mdia", "mdhd"), hdlr = child(view, trak, "mdia", "hdlr");
    if (!tkhd || !mdhd || !hdlr) continue;
    const id = view.getUint32(tkhd.start + (view.getUint8(tkhd.start) === 1 ? 20 : 12));
    const timescale = view.getUint32(mdhd.start + (view.getUint8(mdhd.start) === 1 ? 20 : 12));
    const kind = view.getUint32(hdlr.start + 8) === 0x76696465 ? "video" : "audio";
    tracks.set(id, { timescale, kind });
  }
  return tracks;
}

/**
 * Where a fragment lies: `start` is the decode time of its first sample in seconds and `end` that of what follows, of the
 * video track when it has one; `clock` pairs a media time in seconds with the Unix milliseconds of the server at that
 * moment (8.8.12, 8.16.5).
 * @param stretch seconds that a last picture is said to last, written into the bytes; see `LiveWay`.
 */
export function readFragment(bytes, tracks, stretch = null) {
  const view = viewOf(bytes), found = { start: null, end: null, clock: null };
  let isVideo = false;
  for (const box of boxes(view, 0, view.byteLength)) {
    if (box.type === "prft") found.clock ??= readProducerTime(view, box, tracks);
    if (box.type !== "moof") continue;
    for (const traf of boxes(view, box.start, box.end)) {
      if (traf.type !== "traf") continue;
      const tfhd = child(view, traf, "tfhd"), tfdt = child(view, traf, "tfdt"), trun = child(view, traf, "trun");
      const track = tfhd && tracks.get(view.getUint32(tfhd.start + 4));
      if (!track || !tfdt) continue;
      const seconds = timeAt(view, tfdt.start + 4, view.getUint8(tfdt.start)) / track.timescale;
      if (found.start === null || (track.kind === "video" && !isVideo)) found.start = seconds;
      const isPicture = track.kind === "video";
      const length = trun ? runLength(view, tfhd, trun, isPicture && stretch ? stretch * track.timescale : null) : 0;
      if (isPicture || !isVideo) found.end = seconds + length / track.timescale;
      isVideo ||= isPicture;
    }
  }
  return found;
}

/**
 * What a run's samples last together, in the track's timescale. With `stretch` the last one's duration is raised to that.
 * ISO/IEC 14496-12, 8.8.7 and 8.8.8.
 */
function runLength(view, tfhd, trun, stretch) {
  const flags = view.getUint32(trun.start) & 0xffffff, count = view.getUint32(trun.start + 4);
  const stretchAt = (at) => { if (stretch && view.getUint32(at) < stretch) view.setUint32(at, stretch); };
  if (!(flags & 0x100)) {
    const defaults = view.getUint32(tfhd.start) & 0xffffff;
    if (!(defaults & 0x8)) return 0;
    const at = tfhd.start + 8 + (defaults & 0x1 ? 8 : 0) + (defaults & 0x2 ? 4 : 0), length = count * view.getUint32(at);
    if (count === 1) stretchAt(at);
    return length;
  }
  const stride = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
  let at = trun.start + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0), length = 0;
  for (let index = 0; index < count && at + 4 <= trun.end; index += 1, at += stride) length += view.getUint32(at);
  if (count && at <= trun.end) stretchAt(at - stride);
  return length;
}

const timeAt = (view, at, version) => version === 1 ? Number(view.getBigUint64(at)) : view.getUint32(at);

function readProducerTime(view, box, tracks) {
  const track = tracks.get(view.getUint32(box.start + 4));
  if (!track) return null;
  const seconds = view.getUint32(box.start + 8) - ntpToUnixSeconds + view.getUint32(box.start + 12) / 2 ** 32;
  const media = timeAt(view, box.start + 16, view.getUint8(box.start)) / track.timescale;
  return { media, wall: seconds * 1000 };
}
