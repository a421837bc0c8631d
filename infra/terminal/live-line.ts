import { stripColours } from './style.ts';

/** What a line is written to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Elsewhere than on a terminal nothing is rewritten: a line of its own this often. */
const plainEveryMs = 10_000;

/**
 * The last line of the output, rewritten in place, with other lines going by above it.
 * `nowMs` is the caller's clock.
 */
export interface LiveLine {
  set(text: string, nowMs: number): void;
  /** Writes lines above; to `output` if given, else to the same one. */
  above(text: string, output?: Output): void;
  /** Takes the last state away. */
  clear(): void;
  /** Leaves the last state standing and ends it with a new line. */
  end(): void;
}

export function createLiveLine(output: Output, isRewriting = output.isTTY === true): LiveLine {
  let shown = '';
  let lastPlainMs = -Infinity;
  const clear = () => {
    if (shown !== '') output.write('\r\x1b[2K');
  };
  const fit = (text: string) => {
    const columns = output.columns ?? 80;
    const plain = stripColours(text);
    // A line that wraps could not be rewritten in place.
    return plain.length < columns ? text : plain.slice(0, columns - 1);
  };
  return {
    set(text, nowMs) {
      if (isRewriting) {
        clear();
        shown = fit(text);
        output.write(shown);
      } else if (nowMs - lastPlainMs >= plainEveryMs) {
        lastPlainMs = nowMs;
        output.write(`${text}\n`);
      }
    },
    above(text, to = output) {
      clear();
      to.write(`${text}\n`);
      if (shown !== '') output.write(shown);
    },
    clear() {
      clear();
      shown = '';
    },
    end() {
      if (shown !== '') output.write('\n');
      shown = '';
    },
  };
}
