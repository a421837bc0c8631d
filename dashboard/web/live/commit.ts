import { batch } from '@preact/signals';

/** At most 5 commits a second. */
const commitEveryMs = 200;
/** Frames held back at most, should the browser paint nothing for long. */
const waitingMax = 64;

/**
 * Gathers what arrives and hands it over in one animation frame, at most five times a second. A hidden page paints no
 * frames: there it is handed over at once.
 */
export class Commits<T> {
  readonly #handle: (items: readonly T[]) => void;
  #waiting: T[] = [];
  #lastMs = 0;
  #scheduled = false;

  constructor(handle: (items: readonly T[]) => void) {
    this.#handle = handle;
  }

  add(item: T): void {
    this.#waiting.push(item);
    if (document.hidden || this.#waiting.length >= waitingMax) this.#flush();
    else if (!this.#scheduled) this.#schedule();
  }

  #schedule(): void {
    this.#scheduled = true;
    const pauseMs = this.#lastMs + commitEveryMs - performance.now();
    const frame = () => requestAnimationFrame(() => this.#flush());
    if (pauseMs <= 0) frame();
    else setTimeout(frame, pauseMs);
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#waiting.length === 0) return;
    const items = this.#waiting;
    this.#waiting = [];
    this.#lastMs = performance.now();
    batch(() => this.#handle(items));
  }
}
