import type { Publication } from '../publication.ts';
import type { Random } from '../random.ts';

/** Readings held back at most; beyond it the oldest goes out early. */
const heldMax = 100_000;

/**
 * Late by 5 to 60 s: measured in time, sent when a connection was back. Keeps the stream in the order it is due. What is
 * still held at the stream's end goes out with it.
 */
export function* delaySome(input: Iterable<Publication>, rate: number, random: Random): Generator<Publication> {
  const held = new DueQueue();
  let lastMs = 0;
  for (const publication of input) {
    lastMs = publication.dueMs;
    while (held.size > 0 && (held.first().dueMs <= publication.dueMs || held.size >= heldMax)) yield held.take();
    if (random() < rate) {
      const dueMs = publication.dueMs + 5_000 + random() * 55_000;
      held.add({ ...publication, dueMs, faults: [...publication.faults, 'late'] });
    } else yield publication;
  }
  while (held.size > 0) yield { ...held.take(), dueMs: lastMs };
}

/** Sent again, at once. */
export function* duplicateSome(input: Iterable<Publication>, rate: number, random: Random): Generator<Publication> {
  for (const publication of input) {
    yield publication;
    if (random() < rate) yield { ...publication, faults: [...publication.faults, 'duplicated'] };
  }
}

/** Sent after the next reading of the same device. At most one reading per device is held. */
export function* reorderSome(input: Iterable<Publication>, rate: number, random: Random): Generator<Publication> {
  const held = new Map<number, Publication>();
  for (const publication of input) {
    const before = held.get(publication.device);
    if (before !== undefined) {
      held.delete(publication.device);
      yield publication;
      yield { ...before, dueMs: publication.dueMs, faults: [...before.faults, 'reordered'] };
    } else if (random() < rate) held.set(publication.device, publication);
    else yield publication;
  }
  yield* held.values();
}

/** A binary heap by `dueMs`. */
class DueQueue {
  readonly #heap: Publication[] = [];

  get size(): number {
    return this.#heap.length;
  }

  first(): Publication {
    return this.#heap[0]!;
  }

  add(publication: Publication): void {
    const heap = this.#heap;
    let i = heap.push(publication) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.dueMs <= heap[i]!.dueMs) return;
      [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
      i = parent;
    }
  }

  take(): Publication {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && heap[child]!.dueMs < heap[least]!.dueMs) least = child;
      if (least === i) return first;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}
