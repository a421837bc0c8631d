/** Levels of arrays, maps and tags that CBOR may nest; a SenML pack has three, with a number as a decimal fraction five. */
const depthMax = 16;

/**
 * What is wrong with bytes before a decoder that recurses sees them: how deep CBOR nests (RFC 8949, section 3), looked at
 * without recursion. Null when it is shallow, or not CBOR at all: the decoder says that.
 */
export function cborDepthProblem(bytes: Uint8Array): string | null {
  /** Items that are left of each level; Infinity where a break ends it. */
  const left: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = bytes[at++]!;
    if (head === 0xff) {
      left.pop();
      close(left);
      continue;
    }
    const major = head >> 5;
    const minor = head & 31;
    const isIndefinite = minor === 31;
    let argument = minor;
    if (minor >= 24 && minor <= 27) {
      const size = 1 << (minor - 24);
      argument = 0;
      for (let i = 0; i < size; i++) argument = argument * 256 + (bytes[at + i] ?? 0);
      at += size;
    }
    if (major === 2 || major === 3) {
      if (!isIndefinite) at += argument;
      else left.push(Number.POSITIVE_INFINITY);
    } else if (major === 4 || major === 5) left.push(isIndefinite ? Number.POSITIVE_INFINITY : argument * (major - 3));
    else if (major === 6) left.push(1);
    if (left.length > depthMax) return `it is nested deeper than ${depthMax}`;
    const opened = (major >= 4 && major <= 6) || ((major === 2 || major === 3) && isIndefinite);
    if (opened && left.at(-1) !== 0) continue;
    if (opened) left.pop();
    close(left);
  }
  return null;
}

/** An item has ended: so have the levels that it was the last of. */
function close(left: number[]): void {
  while (left.length > 0) {
    const rest = left.pop()! - 1;
    if (rest > 0) {
      left.push(rest);
      return;
    }
  }
}
