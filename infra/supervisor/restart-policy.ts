/** When a process that died is started again. */
export interface RestartBounds {
  firstDelayMs: number;
  maxDelayMs: number;
  /** A process that lived this long is healthy: what came before is forgotten. */
  healthyAfterMs: number;
  /** So many deaths in a row, each sooner than that after its start, and it is given up. */
  earlyDeathsMax: number;
}

export const restartBounds: RestartBounds = {
  firstDelayMs: 500,
  maxDelayMs: 15_000,
  healthyAfterMs: 60_000,
  earlyDeathsMax: 5,
};

export type RestartDecision = { kind: 'restart'; delayMs: number } | { kind: 'give-up' };

export interface RestartPolicy {
  /** Decides after a death, from how long the process had lived. */
  died(livedMs: number): RestartDecision;
}

/** Waits longer after each early death, doubling; gives up at the bound. Knows no clock. */
export function createRestartPolicy(bounds: RestartBounds = restartBounds): RestartPolicy {
  let earlyDeaths = 0;
  return {
    died: (livedMs) => {
      earlyDeaths = livedMs >= bounds.healthyAfterMs ? 0 : earlyDeaths + 1;
      if (earlyDeaths >= bounds.earlyDeathsMax) return { kind: 'give-up' };
      const doublings = Math.max(0, earlyDeaths - 1);
      return { kind: 'restart', delayMs: Math.min(bounds.firstDelayMs * 2 ** doublings, bounds.maxDelayMs) };
    },
  };
}
