/** A little after the full second, so that a timer that fires early is still in it. */
const offsetMs = 100;

/** Calls once in each second of the wall clock, unless the process is held up. Returns what stops it. */
export function everySecond(tick: () => void): () => void {
  let timer = setTimeout(next, untilNext());
  function next(): void {
    timer = setTimeout(next, untilNext());
    tick();
  }
  return () => clearTimeout(timer);
}

function untilNext(): number {
  return 1000 - ((Date.now() - offsetMs) % 1000);
}
