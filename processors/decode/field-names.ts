import { Generations } from './generations.ts';
import { hashText } from './hash.ts';
import { quote, refuse, type Refusal } from './refusal.ts';

/** Characters of a field, tag or device name. */
export const nameCharsMax = 256;

/** Names that mean something to JavaScript objects: refused, so that no map anywhere can be confused by them. */
const reservedNames = new Set(['__proto__', 'constructor', 'prototype']);

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const badNameText = /[\u0000-\u001f\u007f-\u009f\ufffd]/;

/** What is wrong with a field, tag or device name; null when nothing is. */
export function nameProblem(name: string): Refusal | null {
  if (name === '') return refuse('bad-key', 'name is empty');
  if (name.length > nameCharsMax) {
    return refuse('bad-key', `${quote(name)} has ${name.length} characters, at most ${nameCharsMax} are taken`);
  }
  if (reservedNames.has(name)) return refuse('bad-key', `${quote(name)} is a reserved name`);
  if (badNameText.test(name) || !name.isWellFormed()) {
    return refuse('bad-text', `${quote(name)} holds control characters or is not valid UTF-8`);
  }
  return null;
}

/** Names remembered in each of two generations; a forgotten one is checked again. */
const namesKept = 8_192;

/** Checks field names and gives each a hash. Names repeat in every reading, so both are remembered. */
export class FieldNames {
  readonly #hashes = new Generations<number>(namesKept);

  /** The name's hash of 45 bit, or what is wrong with it. Up to 256 of them add up exactly, in any order. */
  hashOf(name: string): number | Refusal {
    const known = this.#hashes.get(name);
    if (known !== undefined) return known;
    const problem = nameProblem(name);
    if (problem !== null) return problem;
    const hash = hashText(name) * 2 ** 13 + (hashText(name, 1) >>> 19);
    this.#hashes.set(name, hash);
    return hash;
  }
}
