/** A piece of a body of line protocol: whole lines, as they stand in it. */
export interface LinePieces {
  readonly pieces: readonly Uint8Array[];
  /** Lines that may be points: they have a space and, after it, an `=`. */
  readonly candidates: number;
  /** The first line that is neither empty, nor a comment, nor a candidate; null when there is none. */
  readonly firstOther: string | null;
  /** The first line that is longer than a piece may be; null when there is none. Then there are no pieces. */
  readonly tooLong: { readonly line: number; readonly bytes: number } | null;
}

export interface PieceLimits {
  readonly bytesMax: number;
  readonly linesMax: number;
}

const [newline, space, quote, comma, equals, backslash, hash, tab, carriage] = [10, 32, 34, 44, 61, 92, 35, 9, 13];
const shownCharsMax = 100;

/**
 * Cuts line protocol at line ends into pieces within the limits. Together they are the body, byte for byte; nothing of it
 * is judged. A line ends where InfluxDB ends it: not within the quotes of a text field (`scanLine` in
 * `influxdata/influxdb` 1.8 `models/points.go`).
 */
export function cutLines(body: Uint8Array, { bytesMax, linesMax }: PieceLimits): LinePieces {
  const pieces: Uint8Array[] = [];
  let candidates = 0;
  let firstOther: string | null = null;
  let line = 0;
  let lines = 0;
  let begin = 0;
  for (let start = 0; start < body.length;) {
    const { end, isCandidate } = scanLine(body, start);
    line++;
    if (end - start > bytesMax) return { pieces: [], candidates, firstOther, tooLong: { line, bytes: end - start } };
    if (isCandidate) candidates++;
    else if (firstOther === null && !isIdle(body, start, end))
      firstOther = Buffer.from(body.subarray(start, Math.min(end, start + shownCharsMax)))
        .toString()
        .trim();
    if (lines === linesMax || end - begin > bytesMax) {
      pieces.push(body.subarray(begin, start));
      begin = start;
      lines = 0;
    }
    lines++;
    start = end;
  }
  if (begin < body.length) pieces.push(body.subarray(begin));
  return { pieces, candidates, firstOther, tooLong: null };
}

/** Where the line ends, its line feed included. */
function scanLine(body: Uint8Array, start: number): { end: number; isCandidate: boolean } {
  let isQuoted = false;
  let isInFields = false;
  let equalSigns = 0;
  let commas = 0;
  let at = start;
  while (at < body.length) {
    const byte = body[at]!;
    if (byte === backslash && at + 2 < body.length) {
      at += 2;
      continue;
    }
    if (byte === newline && !isQuoted) return { end: at + 1, isCandidate: equalSigns > 0 };
    if (byte === space) isInFields = true;
    else if (isInFields) {
      if (byte === equals && !isQuoted) equalSigns++;
      else if (byte === comma && !isQuoted) commas++;
      else if (byte === quote && equalSigns > commas) isQuoted = !isQuoted;
    }
    at++;
  }
  return { end: body.length, isCandidate: equalSigns > 0 };
}

/** Nothing is in it, or a comment. */
function isIdle(body: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && (body[at] === space || body[at] === tab || body[at] === carriage || body[at] === newline)) at++;
  return at === end || body[at] === hash;
}
