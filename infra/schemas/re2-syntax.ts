/** A pattern that cannot be run in time linear in the text, and why. */
export class NotLinear extends Error {
  override readonly name = 'NotLinear';
}

/** WhiteSpace and LineTerminator of ECMA-262: what `\s` stands for there, and not in RE2. */
const space =
  '\\t\\n\\x0b\\x0c\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const noSpace =
  '\\x00-\\x08\\x0e-\\x1f!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}' +
  '\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';
const anything = '\\x00-\\x{10ffff}';
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** A character, or a set of them as RE2 writes it within brackets. */
type Atom = { readonly point: number } | { readonly set: string };

/**
 * A regular expression of ECMA-262 with the flag `u` (JSON Schema's `pattern`) in the syntax of RE2
 * (https://github.com/google/re2/wiki/Syntax), meaning the same.
 * @throws SyntaxError when it is none; NotLinear when RE2 has nothing for it
 */
export function re2Syntax(pattern: string): string {
  // Never run: it says whether the pattern is one. What follows relies on it.
  void new RegExp(pattern, 'u');
  return new Translation(pattern).all();
}

class Translation {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  all(): string {
    let out = '';
    while (this.#at < this.#pattern.length) out += this.#one();
    return out;
  }

  #one(): string {
    const character = this.#take();
    switch (character) {
      case '.':
        return '[^\\n\\r\\x{2028}\\x{2029}]';
      case '[':
        return this.#brackets();
      case '(':
        return this.#group();
      case '\\': {
        if (/[bB]/.test(this.#peek())) return `\\${this.#take()}`;
        const atom = this.#escape();
        return 'set' in atom ? `[${atom.set}]` : literal(atom.point);
      }
      default:
        return character;
    }
  }

  #group(): string {
    if (this.#peek() !== '?') return '(';
    this.#take();
    const kind = this.#take();
    if (kind === ':') return '(?:';
    if (kind === '=' || kind === '!') throw new NotLinear(`it looks ahead, by (?${kind}`);
    if (kind !== '<') throw new NotLinear('it changes flags within itself');
    const next = this.#peek();
    if (next === '=' || next === '!') throw new NotLinear(`it looks behind, by (?<${next}`);
    // Nothing asks for a group by its name.
    this.#at = this.#pattern.indexOf('>', this.#at) + 1;
    return '(';
  }

  #brackets(): string {
    const isNegated = this.#peek() === '^';
    if (isNegated) this.#take();
    let out = '';
    while (this.#peek() !== ']') {
      const from = this.#atom();
      const isRange = this.#peek() === '-' && this.#pattern[this.#at + 1] !== ']';
      if ('set' in from) out += from.set;
      else if (!isRange) out += literal(from.point);
      else {
        this.#take();
        out += `${literal(from.point)}-${literal((this.#atom() as { point: number }).point)}`;
      }
    }
    this.#take();
    if (out === '') return isNegated ? `[${anything}]` : `[^${anything}]`;
    return isNegated ? `[^${out}]` : `[${out}]`;
  }

  #atom(): Atom {
    const point = this.#pattern.codePointAt(this.#at)!;
    this.#at += point > 0xffff ? 2 : 1;
    return point === 0x5c ? this.#escape() : { point };
  }

  /** Behind a backslash. */
  #escape(): Atom {
    const character = this.#take();
    if (/[1-9k]/.test(character)) throw new NotLinear(`it refers back to a group, by \\${character}`);
    if (/[dDwW]/.test(character)) return { set: `\\${character}` };
    if (character === 's') return { set: space };
    if (character === 'S') return { set: noSpace };
    if (/[pP]/.test(character)) return { set: `\\${character}{${this.#property()}}` };
    // Within brackets only.
    if (character === 'b') return { point: 8 };
    if (character === 'x') return { point: Number.parseInt(this.#take(2), 16) };
    if (character === 'c') return { point: this.#take().charCodeAt(0) % 32 };
    if (character === 'u') return { point: this.#unicode() };
    return { point: controls[character] ?? character.codePointAt(0)! };
  }

  #property(): string {
    const end = this.#pattern.indexOf('}', this.#at);
    const name = this.#pattern.slice(this.#at + 1, end);
    this.#at = end + 1;
    return name.replace(/^(?:Script|sc|General_Category|gc)=/, '');
  }

  #unicode(): number {
    if (this.#peek() === '{') {
      const end = this.#pattern.indexOf('}', this.#at);
      const point = Number.parseInt(this.#pattern.slice(this.#at + 1, end), 16);
      this.#at = end + 1;
      return point;
    }
    const first = Number.parseInt(this.#take(4), 16);
    // Two that make one character.
    const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(this.#pattern.slice(this.#at, this.#at + 6))?.[1];
    if (low === undefined || first < 0xd800 || first > 0xdbff) return first;
    this.#at += 6;
    return String.fromCharCode(first, Number.parseInt(low, 16)).codePointAt(0)!;
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? '';
  }

  #take(count = 1): string {
    const taken = this.#pattern.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}

function literal(point: number): string {
  return `\\x{${point.toString(16)}}`;
}
