import { FencedQueue, textOfUpTo, type OutputBatch, type UpTo } from './fenced-queue.ts';

/** The last message of a fenced subject, as far as its writer cares. */
export interface LastOutput {
  /** Stream sequence. */
  readonly sequence: number;
  /** Header `Millrace-Up-To`. */
  readonly upTo: string | undefined;
  /** Header `Millrace-Writer`. */
  readonly writer: string | undefined;
}

/** One publish to a fenced subject. */
export interface FencedPublish {
  readonly batch: OutputBatch;
  readonly upTo: string;
  readonly writer: string;
  /** The subject's last message must have this stream sequence, or the server refuses; 0: there is none. */
  readonly expected: number;
}

/** What the subject's last message says after a refusal or an unclear answer. */
export type FencedVerdict = 'again' | 'stored' | 'fenced';

/**
 * What a fenced subject's one writer knows and decides: which outputs are stored, what to publish next and behind
 * which message, and what became of a publish whose answer was lost. Pure: somebody else does the publishing, one at
 * a time.
 */
export class FencedSubject {
  readonly queue: FencedQueue;
  readonly #writer: string;
  /** Stream sequence of the subject's last message, as this writer knows it. */
  #expected: number;

  /**
   * @param writer distinguishes its messages from those of another that stands at the same output
   * @param last the subject's last message when this writer takes over, null when there is none
   * @param upTo what that message's header says
   * @param charsMax for tests, which want small messages
   */
  constructor(writer: string, last: { readonly sequence: number } | null, upTo: UpTo | null, charsMax?: number) {
    this.#writer = writer;
    this.#expected = last?.sequence ?? 0;
    this.queue = new FencedQueue(upTo, charsMax);
  }

  /** What has to be published; the same again until it is stored. Null when nothing waits. */
  next(): FencedPublish | null {
    const batch = this.queue.next();
    if (batch === null) return null;
    return { batch, upTo: textOfUpTo(batch.upTo), writer: this.#writer, expected: this.#expected };
  }

  /** It is stored, under this stream sequence. */
  stored({ batch }: FencedPublish, sequence: number): void {
    this.#expected = sequence;
    this.queue.stored(batch);
  }

  /**
   * After a refusal or an unclear answer the subject's last message tells: it is this batch (stored, the answer was
   * lost), or still what it was before (again), or somebody else's (fenced).
   */
  verdict({ upTo, writer, expected }: FencedPublish, last: LastOutput | null): FencedVerdict {
    if ((last?.sequence ?? 0) === expected) return 'again';
    return last?.writer === writer && last.upTo === upTo ? 'stored' : 'fenced';
  }
}
