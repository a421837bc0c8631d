/**
 * MurmurHash3, 32 bit (Austin Appleby, public domain). Not for secrets: a sender who makes two of its own packets
 * collide only harms itself. Two seeds give two independent halves of a 64-bit identity.
 */
export function hashBytes(bytes: Uint8Array, seed: number): number {
  const whole = bytes.length & ~3;
  let hash = seed | 0;
  for (let i = 0; i < whole; i += 4) {
    hash = mixWord(hash, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8) | bytes[i]!;
  if (whole < bytes.length) hash ^= scramble(tail);
  return finish(hash ^ bytes.length);
}

const encoder = new TextEncoder();

/** Hash of a text's UTF-8. */
export function hashText(text: string, seed = 0): number {
  return hashBytes(encoder.encode(text), seed);
}

/** Mixes an integer below 2^53 into a running hash; `finish` ends it. */
export function mixInteger(hash: number, value: number): number {
  return mixWord(mixWord(hash, value | 0), Math.floor(value / 0x1_0000_0000) | 0);
}

/** Ends a running hash: unsigned 32 bit. */
export function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function mixWord(hash: number, word: number): number {
  const mixed = hash ^ scramble(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  return Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
}
