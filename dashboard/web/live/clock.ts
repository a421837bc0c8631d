import { signal } from '@preact/signals';

/** Rises with each commit and at least once a second: what shows an age reads it. */
export const beat = signal(0);

let logAtUs: number | null = null;
let serverAtUs = Date.now() * 1000;
let heardMs = performance.now();
let logHeardMs = heardMs;

/**
 * Sets the clocks by what the server says, us. A log clock that stands, as without processors, is nothing new: what was
 * read last grows older all the same.
 * @param stoodUs for how long it has stood already
 */
export function setClocks(nowUs: number | null, atUs: number, stoodUs = 0): void {
  serverAtUs = atUs;
  heardMs = performance.now();
  if (nowUs === logAtUs && nowUs !== null) return;
  logAtUs = nowUs;
  logHeardMs = heardMs - stoodUs / 1000;
}

/** The log's clock as it goes on since it was last heard, ms: ages of readings count from it. */
export function logNowMs(): number {
  return (logAtUs ?? serverAtUs) / 1000 + (performance.now() - logHeardMs);
}

/** The server's wall clock as it goes on since it was last heard, ms. */
export function serverNowMs(): number {
  return serverAtUs / 1000 + (performance.now() - heardMs);
}
