/** Counts HTTP requests since the start: by route, and by the status that they were answered with. */
export class HttpCounts {
  readonly #requests = new Map<string, { readonly route: string; readonly status: number; count: number }>();

  /** `status` 0: the client went away before its answer. */
  count(route: string, status: number): void {
    const key = `${route} ${status}`;
    const row = this.#requests.get(key);
    if (row === undefined) this.#requests.set(key, { route, status, count: 1 });
    else row.count++;
  }

  rows(): Iterable<{ readonly route: string; readonly status: number; readonly count: number }> {
    return this.#requests.values();
  }
}
