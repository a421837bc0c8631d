const secondUs = 1_000_000;

/**
 * Who is due when, of many whose deadlines keep moving later (idle, `for`, stale). A wheel of one-second buckets in
 * `elapsed`: something watched lies in the bucket of the deadline it had when put there, and only when that second
 * comes it is asked again; then it is due, or moves on to a later bucket. So a reading that moves a deadline costs
 * nothing here, and time's passing costs only what was due.
 *
 * Contract: the deadline of something watched never moves earlier; null means that it awaits nothing any more.
 */
export class Deadlines<T> {
  readonly #deadlineUs: (item: T) => number | null;
  readonly #watched = new Set<T>();
  readonly #buckets = new Map<number, T[]>();
  /** Of the running second and before, the latest deadline first. */
  #soon: { readonly item: T; readonly dueUs: number }[] = [];
  #second: number;

  /** @param elapsedUs where time stands. */
  constructor(deadlineUs: (item: T) => number | null, elapsedUs = 0) {
    this.#deadlineUs = deadlineUs;
    this.#second = Math.floor(elapsedUs / secondUs);
  }

  /** Watches the item until it is due or awaits nothing. Watching it twice is watching it once. */
  watch(item: T): void {
    if (this.#watched.has(item)) return;
    this.#watched.add(item);
    this.#put(item);
  }

  /** Calls `onDue` for each item whose deadline is at or before `elapsedUs`, once; it is no longer watched then. */
  advance(elapsedUs: number, onDue: (item: T) => void): void {
    const target = Math.floor(elapsedUs / secondUs);
    if (target - this.#second > this.#buckets.size) this.#leapTo(target);
    while (this.#second < target) this.#openBucket(++this.#second);
    for (let last = this.#soon.at(-1); last !== undefined && last.dueUs <= elapsedUs; last = this.#soon.at(-1)) {
      this.#soon.pop();
      const dueUs = this.#deadlineUs(last.item);
      if (dueUs !== null && dueUs > elapsedUs) {
        this.#put(last.item);
        continue;
      }
      this.#watched.delete(last.item);
      if (dueUs !== null) onDue(last.item);
    }
  }

  /** Many empty seconds at once: only those with a bucket are looked at. */
  #leapTo(target: number): void {
    const passed = [...this.#buckets.keys()].filter((second) => second <= target).toSorted((a, b) => a - b);
    this.#second = target;
    for (const second of passed) this.#openBucket(second);
  }

  #openBucket(second: number): void {
    const bucket = this.#buckets.get(second) ?? [];
    this.#buckets.delete(second);
    for (const item of bucket) this.#put(item);
  }

  #put(item: T): void {
    const dueUs = this.#deadlineUs(item);
    if (dueUs === null) {
      this.#watched.delete(item);
      return;
    }
    const second = Math.floor(dueUs / secondUs);
    if (second <= this.#second) {
      this.#soon.splice(this.#placeOf(dueUs), 0, { item, dueUs });
      return;
    }
    const bucket = this.#buckets.get(second);
    if (bucket === undefined) this.#buckets.set(second, [item]);
    else bucket.push(item);
  }

  /** Index in `#soon` that keeps it ordered: behind all that are due later. */
  #placeOf(dueUs: number): number {
    let low = 0;
    let high = this.#soon.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#soon[middle]!.dueUs > dueUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
