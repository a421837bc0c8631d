/**
 * One Ctrl-C can arrive several times: the terminal sends it to every process of the group, and npm and the launcher pass
 * theirs on. Within this time it counts once.
 */
const repeatedSignalMs = 500;

export interface StopSignals {
  /** Resolves with the first SIGINT, SIGTERM or SIGHUP. */
  readonly first: Promise<NodeJS.Signals>;
  /** Calls back when a person presses Ctrl-C again while the stop is under way. */
  onSecondInterrupt(callback: () => void): void;
  /** Gives the signals back their usual effect. */
  dispose(): void;
}

export function listenForStop(nowMs: () => number = Date.now): StopSignals {
  let firstMs: number | undefined;
  let onSecond: (() => void) | undefined;
  const { promise: first, resolve } = Promise.withResolvers<NodeJS.Signals>();
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstMs === undefined) {
      firstMs = nowMs();
      resolve(signal);
    } else if (signal === 'SIGINT' && nowMs() - firstMs >= repeatedSignalMs) onSecond?.();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    first,
    onSecondInterrupt: (callback) => void (onSecond = callback),
    dispose: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
