import { signal } from '@preact/signals';

/** Rises with each commit and at least once a second: what shows an age reads it. */
export const beat = signal(0);

let logAtUs: number | null = null;
let serverAtUs = Date.now() * 1000;
let heardMs = performance.now();

/** Sets the clocks by what the server says, us. */
export function setClocks(nowUs: number | null, atUs: number): void {
  logAtUs = nowUs;
  serverAtUs = atUs;
  heardMs = performance.now();
}

/** The log's clock as it goes on since it was last heard, ms: ages of readings count from it. */
export function logNowMs(): number {
  return (logAtUs ?? serverAtUs) / 1000 + (performance.now() - heardMs);
}

/** The server's wall clock as it goes on since it was last heard, ms. */
export function serverNowMs(): number {
  return serverAtUs / 1000 + (performance.now() - heardMs);
}
