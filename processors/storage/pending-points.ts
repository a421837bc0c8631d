import type { Policy } from './retention.ts';

/** A point on its way to InfluxDB, and what it was made of. */
export interface Point<T> {
  readonly line: string;
  readonly policy: Policy;
  readonly source: T;
}

/** A message of the log whose points are all answered. */
export interface AnsweredMessage<M, T> {
  readonly message: M;
  readonly refused: readonly { readonly source: T; readonly detail: string }[];
}

interface Waiting<M, T> {
  readonly message: M;
  unanswered: number;
  readonly refused: { source: T; detail: string }[];
}

/**
 * Points between the log and InfluxDB, in the log's order: messages go in, batches come out, and a message is finished
 * when InfluxDB has answered for each of its points and for every message before it. One batch is out at a time.
 */
export class PendingPoints<M, T> {
  readonly #messages: Waiting<M, T>[] = [];
  readonly #points: { point: Point<T>; waiting: Waiting<M, T> }[] = [];
  #batch = 0;
  #characters = 0;

  /** Points not answered yet, those of the batch included. */
  get points(): number {
    return this.#points.length;
  }

  /** Characters of their lines. */
  get characters(): number {
    return this.#characters;
  }

  /** Messages not finished. */
  get messages(): number {
    return this.#messages.length;
  }

  add(message: M, points: readonly Point<T>[]): void {
    const waiting: Waiting<M, T> = { message, unanswered: points.length, refused: [] };
    this.#messages.push(waiting);
    for (const point of points) {
      this.#points.push({ point, waiting });
      this.#characters += point.line.length;
    }
  }

  /** The oldest points of one policy, at least one if any waits. They stay here until `answer`. */
  batch(
    pointsMax: number,
    charactersMax: number,
  ): { readonly policy: Policy; readonly points: readonly Point<T>[] } | null {
    const first = this.#points[0]?.point;
    if (first === undefined) return null;
    const points: Point<T>[] = [];
    let characters = 0;
    for (const { point } of this.#points) {
      characters += point.line.length;
      if (points.length === pointsMax || point.policy !== first.policy) break;
      if (points.length > 0 && characters > charactersMax) break;
      points.push(point);
    }
    this.#batch = points.length;
    return { policy: first.policy, points };
  }

  /** InfluxDB's answer to the last batch: every point is stored but the refused ones (indices in the batch). */
  answer(refused: readonly { readonly index: number; readonly detail: string }[]): void {
    const answered = this.#points.splice(0, this.#batch);
    this.#batch = 0;
    for (const { index, detail } of refused) {
      const { point, waiting } = answered[index]!;
      waiting.refused.push({ source: point.source, detail });
    }
    for (const { point, waiting } of answered) {
      waiting.unanswered--;
      this.#characters -= point.line.length;
    }
  }

  /** Takes out the finished messages, oldest first. */
  finished(): AnsweredMessage<M, T>[] {
    let count = 0;
    while (this.#messages[count]?.unanswered === 0) count++;
    return this.#messages.splice(0, count).map(({ message, refused }) => ({ message, refused }));
  }
}
