import type { LastOutput } from '../../../infra/bus/fenced-subject.ts';

/** A message on a fenced subject. */
export interface StoredOutput extends LastOutput {
  readonly data: string;
}

/** A checkpoint that was stored at some time. */
export interface KeptCheckpoint {
  readonly revision: number;
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * What JetStream keeps for one partition's worker: the fenced subjects, each write naming the message it follows, and
 * the checkpoint, swapped by compare-and-set. What is on its way to it may arrive late.
 */
export class VirtualServer {
  readonly subjects: StoredOutput[][];
  readonly checkpoints: KeptCheckpoint[] = [];
  /** Writes and swaps that named another last message or revision than there was. */
  refused = 0;
  readonly #fences: boolean;
  readonly #late: (() => void)[] = [];
  #sequence = 0;

  /** @param fences false: a server that does not compare, for a mutation. */
  constructor(outputs: number, fences: boolean) {
    this.subjects = Array.from({ length: outputs }, () => []);
    this.#fences = fences;
  }

  last(subject: number): StoredOutput | null {
    return this.subjects[subject]!.at(-1) ?? null;
  }

  /** @returns its stream sequence; null: refused, another message is the last. */
  publish(subject: number, expected: number, message: Omit<StoredOutput, 'sequence'>): number | null {
    if (this.#fences && (this.last(subject)?.sequence ?? 0) !== expected) return this.#refuse();
    const sequence = ++this.#sequence;
    this.subjects[subject]!.push({ ...message, sequence });
    return sequence;
  }

  get checkpoint(): KeptCheckpoint | null {
    return this.checkpoints.at(-1) ?? null;
  }

  /** @returns the new revision; null: refused, another revision is there. */
  swap(expected: number, position: number, bytes: Uint8Array): number | null {
    if ((this.checkpoint?.revision ?? 0) !== expected) return this.#refuse();
    const revision = expected + 1;
    this.checkpoints.push({ revision, position, bytes });
    return revision;
  }

  #refuse(): null {
    this.refused++;
    return null;
  }

  sendLate(arrive: () => void): void {
    this.#late.push(arrive);
  }

  arrive(): void {
    this.#late.shift()?.();
  }
}
