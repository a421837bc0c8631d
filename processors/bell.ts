/** Wakes those who wait for something to change; what exactly changed they look up themselves. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  ring(): void {
    for (const wake of Array.from(this.#waiting)) wake();
  }

  /** Resolves at the next ring, after `timeoutMs`, or when the signal is aborted: never rejects. */
  next(signal: AbortSignal, timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
