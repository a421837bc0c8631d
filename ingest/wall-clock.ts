/** The wall clock in integer microseconds, finer than `Date.now()` and steady between its steps. */
export interface WallClock {
  nowUs(): number;
  /** To be called about once a second: follows the system's clock when that was stepped or has drifted away. */
  correct(): void;
}

/** Differences up to this are left alone: they are within what `Date.now()` rounds and the process is late. */
const toleratedUs = 20_000;

export function createWallClock(): WallClock {
  let originUs = performance.timeOrigin * 1000;
  const nowUs = () => Math.floor(originUs + performance.now() * 1000);
  return {
    nowUs,
    correct() {
      const aheadUs = nowUs() - Date.now() * 1000;
      if (Math.abs(aheadUs) > toleratedUs) originUs -= aheadUs;
    },
  };
}
