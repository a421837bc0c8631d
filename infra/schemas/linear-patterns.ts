import { RE2JS } from 're2js';
import type { RegExpEngine } from 'ajv/dist/types/index.js';
import { NotLinear, re2Syntax } from './re2-syntax.ts';

/** Characters of one pattern. */
const patternCharsMax = 1_024;
/** Instructions of the programs of all patterns of a schema. */
const instructionsMax = 20_000;
/**
 * What the patterns may cost in one validation, characters of text times instructions of the program that reads them: RE2
 * takes at most so many steps. Measured: 17 million steps a second in its worst case, and one or two orders less than
 * one step for each character in the usual one.
 */
const stepsMax = 2 ** 24;

/** Runs the patterns of one schema in time that is linear in the text, by RE2 (`re2js`), whatever they are. Pure. */
export class LinearPatterns {
  /** Those that were refused, with the reason. */
  readonly refused: { readonly pattern: string; readonly reason: string }[] = [];
  #instructions = 0;
  #steps = 0;

  /** For ajv. It throws for what cannot be run so. */
  readonly engine: RegExpEngine = Object.assign((pattern: string) => this.#compile(pattern), { code: 're2js' });

  /** Another validation begins. */
  begin(): void {
    this.#steps = 0;
  }

  #compile(pattern: string) {
    try {
      if (pattern.length > patternCharsMax) throw new NotLinear(`it is longer than ${patternCharsMax} characters`);
      const compiled = RE2JS.compile(re2Syntax(pattern));
      const instructions = compiled.programSize();
      this.#instructions += instructions;
      if (this.#instructions > instructionsMax)
        throw new NotLinear(`the patterns of the schema come to more than ${instructionsMax} instructions of RE2`);
      const test = (text: string) => {
        this.#steps += text.length * instructions;
        if (this.#steps > stepsMax) throw new Error(`its texts are too long for the patterns of the schema`);
        return compiled.test(text);
      };
      return { test, toString: () => `/${pattern}/u` };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.refused.push({ pattern, reason });
      throw error;
    }
  }
}
