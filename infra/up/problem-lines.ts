import type { Problem } from './pipeline-status.ts';

/** A problem that goes on is said again, in its new words, at most once in so long, ms. */
const againMs = 600_000;

interface Said {
  readonly text: string;
  readonly atMs: number;
}

/** Which problems are to be said now: when they begin, when they end, and seldom when their words changed. Pure. */
export class ProblemLines {
  #said = new Map<string, Said>();

  /** @returns the sentences of what begins, and of what is over */
  next(problems: readonly Problem[], nowMs: number): { readonly begun: string[]; readonly over: string[] } {
    const before = this.#said;
    const begun: string[] = [];
    this.#said = new Map(
      problems.map(({ id, text }) => {
        const known = before.get(id);
        if (known !== undefined && (known.text === text || nowMs - known.atMs < againMs)) return [id, known];
        begun.push(text);
        return [id, { text, atMs: nowMs }];
      }),
    );
    const over = [...before].filter(([id]) => !this.#said.has(id)).map(([, { text }]) => text);
    return { begun, over };
  }
}
