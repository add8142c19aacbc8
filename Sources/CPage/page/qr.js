// QR codes: byte mode, versions 1 to 10, error correction level M. Specification: ISO/IEC 18004:2015.

import { makeSVG } from "./dom.js";

/** By version: error correction codewords of a block, then the data codewords of each block. Table 9. */
const blocksOf = [
  null, [10, [16]], [16, [28]], [26, [44]], [18, [32, 32]], [24, [43, 43]], [16, [27, 27, 27, 27]], [18, [31, 31, 31, 31]],
  [22, [38, 38, 39, 39]], [22, [36, 36, 36, 37, 37]], [26, [43, 43, 43, 43, 44]],
];
/** Centres of the alignment patterns. Annex E. */
const alignmentOf = [
  null, [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
];
/** Conditions under which a mask inverts a module. Table 10. */
const masks = [
  (y, x) => (y + x) % 2 === 0, (y) => y % 2 === 0, (y, x) => x % 3 === 0, (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0, (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0, (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
];

// GF(256) with the polynomial x⁸ + x⁴ + x³ + x² + 1. 7.5.2.
const power = new Uint8Array(255), logarithm = new Uint8Array(256);
for (let exponent = 0, value = 1; exponent < 255; exponent += 1) {
  power[exponent] = value;
  logarithm[value] = exponent;
  value = value << 1 ^ (value & 0x80 ? 0x11d : 0);
}
const times = (a, b) => a && b ? power[(logarithm[a] + logarithm[b]) % 255] : 0;

/** The generator polynomial for so many codewords, highest power first, without its leading 1. Annex A. */
function generator(count) {
  let polynomial = [1];
  for (let root = 0; root < count; root += 1) {
    const next = [...polynomial, 0];
    polynomial.forEach((coefficient, index) => { next[index + 1] ^= times(coefficient, power[root]); });
    polynomial = next;
  }
  return polynomial.slice(1);
}

/** The remainder of the data's division by the generator. */
function correction(data, count) {
  const divisor = generator(count), rest = new Array(count).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((coefficient, index) => { rest[index] ^= times(coefficient, factor); });
  }
  return rest;
}

/** The codewords in the order in which they are placed; null when the text is too long. 7.4.5, 7.4.10, 7.6. */
function codewords(bytes) {
  const version = blocksOf.findIndex((entry, index) => {
    if (!entry) return false;
    const capacity = entry[1].reduce((sum, size) => sum + size, 0);
    return bytes.length + (index < 10 ? 2 : 3) <= capacity;
  });
  if (version < 0) return null;
  const [correctionCount, sizes] = blocksOf[version], total = sizes.reduce((sum, size) => sum + size, 0);
  const bits = [];
  const put = (value, count) => { for (let bit = count - 1; bit >= 0; bit -= 1) bits.push(value >> bit & 1); };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => put(byte, 8));
  put(0, Math.min(4, total * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(bits.slice(at, at + 8).reduce((byte, bit) => byte << 1 | bit, 0));
  for (let pad = 0xec; data.length < total; pad ^= 0xec ^ 0x11) data.push(pad);
  let at = 0;
  const blocks = sizes.map((size) => data.slice(at, at += size));
  const corrections = blocks.map((block) => correction(block, correctionCount));
  const interleave = (lists) => Array.from({ length: Math.max(...lists.map((list) => list.length)) })
    .flatMap((_, index) => lists.filter((list) => index < list.length).map((list) => list[index]));
  return { version, words: [...interleave(blocks), ...interleave(corrections)] };
}

/** A square of modules: `dark` tells the colour, `fixed` what is not data. */
class Matrix {
  constructor(version) {
    this.version = version;
    this.size = 17 + 4 * version;
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.fixed = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.#placePatterns();
  }

  set(y, x, isDark) {
    if (y < 0 || x < 0 || y >= this.size || x >= this.size) return;
    this.dark[y][x] = isDark;
    this.fixed[y][x] = true;
  }

  /** Finders with their separators, timing, alignment, the dark module, and room for the two informations. 6.3. */
  #placePatterns() {
    const { size, version } = this;
    for (let at = 0; at < size; at += 1) {
      this.set(6, at, at % 2 === 0);
      this.set(at, 6, at % 2 === 0);
    }
    for (const [top, left] of [[0, 0], [0, size - 7], [size - 7, 0]]) {
      for (let y = -1; y <= 7; y += 1) {
        for (let x = -1; x <= 7; x += 1) {
          const ring = Math.max(Math.abs(y - 3), Math.abs(x - 3));
          this.set(top + y, left + x, ring !== 2 && ring !== 4);
        }
      }
    }
    const centres = alignmentOf[version], last = centres[centres.length - 1];
    for (const y of centres) {
      for (const x of centres) {
        if ((y === 6 && (x === 6 || x === last)) || (y === last && x === 6)) continue;
        for (let dy = -2; dy <= 2; dy += 1) {
          for (let dx = -2; dx <= 2; dx += 1) this.set(y + dy, x + dx, Math.max(Math.abs(dy), Math.abs(dx)) !== 1);
        }
      }
    }
    this.placeFormat(0);
    if (version >= 7) this.#placeVersion();
  }

  /** 7.10. Level M is 00. */
  #placeVersion() {
    let rest = this.version << 12;
    for (let bit = 17; bit >= 12; bit -= 1) if (rest >> bit & 1) rest ^= 0x1f25 << bit - 12;
    const bits = this.version << 12 | rest;
    for (let bit = 0; bit < 18; bit += 1) {
      const a = Math.floor(bit / 3), b = this.size - 11 + bit % 3, isDark = (bits >> bit & 1) === 1;
      this.set(a, b, isDark);
      this.set(b, a, isDark);
    }
  }

  /** 7.9. */
  placeFormat(mask) {
    let rest = mask << 10;
    for (let bit = 14; bit >= 10; bit -= 1) if (rest >> bit & 1) rest ^= 0x537 << bit - 10;
    const bits = (mask << 10 | rest) ^ 0x5412, { size } = this;
    for (let bit = 0; bit < 15; bit += 1) {
      const isDark = (bits >> bit & 1) === 1;
      const along = bit < 6 ? bit : bit < 8 ? bit + 1 : size - 15 + bit;
      this.set(along, 8, isDark);
      this.set(8, bit < 8 ? size - 1 - bit : bit === 8 ? 7 : 14 - bit, isDark);
    }
    this.set(size - 8, 8, true);
  }

  /** In columns of two, upwards and downwards, from the right. 7.7.3. */
  placeData(words) {
    let at = 0, isUpward = true;
    for (let right = this.size - 1; right > 0; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) {
        const y = isUpward ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y][x]) continue;
          this.dark[y][x] = (words[at >> 3] >> 7 - (at & 7) & 1) === 1;
          at += 1;
        }
      }
      isUpward = !isUpward;
    }
  }

  applyMask(mask) {
    for (let y = 0; y < this.size; y += 1) {
      for (let x = 0; x < this.size; x += 1) if (!this.fixed[y][x] && masks[mask](y, x)) this.dark[y][x] = !this.dark[y][x];
    }
  }

  /** How hard the symbol is to read. 7.8.3. */
  get penalty() {
    const { size, dark } = this;
    let points = 0, count = 0;
    for (let line = 0; line < size; line += 1) {
      points += linePenalty((at) => dark[line][at], size) + linePenalty((at) => dark[at][line], size);
      for (let at = 0; at < size; at += 1) {
        count += dark[line][at];
        if (line && at && dark[line][at] === dark[line - 1][at] && dark[line][at] === dark[line][at - 1]
            && dark[line][at] === dark[line - 1][at - 1]) points += 3;
      }
    }
    return points + 10 * Math.floor(Math.abs(count / size / size - 0.5) * 20);
  }
}

/** Runs of five and more, and what looks like a finder. */
function linePenalty(at, size) {
  let points = 0, run = 0, text = "";
  for (let index = 0; index < size; index += 1) {
    text += at(index) ? "1" : "0";
    run = index && at(index) === at(index - 1) ? run + 1 : 1;
    if (run === 5) points += 3;
    else if (run > 5) points += 1;
  }
  for (const pattern of ["10111010000", "00001011101"]) {
    for (let found = text.indexOf(pattern); found >= 0; found = text.indexOf(pattern, found + 1)) points += 40;
  }
  return points;
}

/** The modules for a text, rows of booleans where true is dark; null when it needs more than version 10. */
export function qrModules(text) {
  const encoded = codewords([...new TextEncoder().encode(text)]);
  if (!encoded) return null;
  let best = null;
  for (let mask = 0; mask < masks.length; mask += 1) {
    const symbol = new Matrix(encoded.version);
    symbol.placeData(encoded.words);
    symbol.applyMask(mask);
    symbol.placeFormat(mask);
    const { penalty } = symbol;
    if (!best || penalty < best.penalty) best = { penalty, dark: symbol.dark };
  }
  return best.dark;
}

/** The code as a picture with its quiet zone, black on white in every colour scheme: scanners want it so. */
export function qrPicture(text) {
  const modules = qrModules(text);
  if (!modules) return null;
  const size = modules.length + 8;
  const path = modules.flatMap((row, y) => row.map((isDark, x) => isDark ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join("");
  return makeSVG("svg", { viewBox: `0 0 ${size} ${size}`, class: "qr", role: "img", "aria-label": `QR code of ${text}`,
    "shape-rendering": "crispEdges" },
  makeSVG("rect", { width: size, height: size, fill: "#fff" }), makeSVG("path", { d: path, fill: "#000" }));
}
