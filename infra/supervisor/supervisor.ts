import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../errors.ts';
import { describeExit, startChild, type Child, type ChildExit, type ChildSpec } from './child.ts';
import { lastLines, rotateLog } from './child-log.ts';
import { stopOrphans } from './orphans.ts';
import { pidFiles } from './pid-files.ts';
import { createRestartPolicy, restartBounds, type RestartBounds } from './restart-policy.ts';

/** What happens to the children, in the order it happens. */
export type SupervisorEvent =
  | { kind: 'orphan-stopped'; name: string; pid: number }
  | { kind: 'started'; name: string; pid: number }
  | { kind: 'ready'; name: string; pid: number; restarted: boolean; tookMs: number }
  | { kind: 'died'; name: string; pid: number; why: string; lastLines: string[]; restartInMs: number }
  | { kind: 'not-ready'; name: string; pid: number; why: string }
  | { kind: 'given-up'; name: string; error: MillraceError }
  | { kind: 'stopped'; name: string; pid: number };

export interface SupervisorOptions {
  /** Pid files go to `pids/`, logs to `logs/` below it. */
  dataDir: string;
  onEvent?: (event: SupervisorEvent) => void;
  bounds?: RestartBounds;
}

/**
 * Runs processes and starts again what dies:
 *
 *   start -> running -> (died) -> waiting -> running ...      given up after `earlyDeathsMax` early deaths in a row
 *                  \-> stopping -> stopped
 */
export interface Supervisor {
  /** Stops what a killed supervisor of this data directory left running. To be called before anything takes a port. */
  reapOrphans(): Promise<void>;
  /** Starts a process; resolves when it is ready, rejects with KEEPS_DYING when it is given up before. */
  start(spec: ChildSpec): Promise<void>;
  /** Pid of a running child, for those who watch or kill it; undefined while it is down. */
  pid(name: string): number | undefined;
  /** Rejects with KEEPS_DYING when a process that had been ready is given up. */
  readonly failed: Promise<never>;
  /** Stops all: first the named in their order, those of a group at once, then the rest, last started first. */
  stop(order?: readonly (readonly string[])[]): Promise<void>;
  /** SIGKILL to all, at once. */
  kill(): void;
}

const rotateEveryMs = 5_000;
const orphanStopTimeoutMs = 15_000;

interface Supervised {
  spec: ChildSpec;
  child: Child | undefined;
  /** Ends when the process is given up or stopped. */
  over: Promise<void>;
}

export function createSupervisor({ dataDir, onEvent, bounds = restartBounds }: SupervisorOptions): Supervisor {
  const all = new Map<string, Supervised>();
  const files = pidFiles(dataDir);
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const emit = (event: SupervisorEvent) => onEvent?.(event);
  const logPath = (name: string) => join(dataDir, 'logs', `${name}.log`);
  const rotation = setInterval(() => {
    for (const name of all.keys()) rotateLog(logPath(name));
  }, rotateEveryMs).unref();

  /** One life of a process, from its start to its end. */
  const live = async (supervised: Supervised, order: number, restarted: boolean, onReady: () => void) => {
    const { spec } = supervised;
    const child = startChild(spec, logPath(spec.name));
    supervised.child = child;
    if (child.pid !== 0) files.write(spec.name, child.pid, order);
    emit({ kind: 'started', name: spec.name, pid: child.pid });
    child.ready.then(
      () => {
        emit({ kind: 'ready', name: spec.name, pid: child.pid, restarted, tookMs: Date.now() - child.startedMs });
        onReady();
      },
      (error: unknown) => {
        // Alive and of no use is treated as dead: it is stopped, and the policy decides.
        if (supervised.child !== child) return;
        emit({ kind: 'not-ready', name: spec.name, pid: child.pid, why: (error as Error).message });
        void child.stop();
      },
    );
    const exit = await child.exited;
    supervised.child = undefined;
    files.remove(spec.name);
    return { child, exit };
  };

  const supervise = async (supervised: Supervised, order: number, onReady: () => void): Promise<void> => {
    const { spec } = supervised;
    const policy = createRestartPolicy(bounds);
    for (let restarted = false; ; restarted = true) {
      const { child, exit } = await live(supervised, order, restarted, onReady);
      if (stopping.signal.aborted) return emit({ kind: 'stopped', name: spec.name, pid: child.pid });
      const decision = policy.died(Date.now() - child.startedMs);
      if (decision.kind === 'give-up') throw keepsDying(spec.name, exit);
      const restartInMs = decision.delayMs;
      const last = lastLines(logPath(spec.name));
      emit({ kind: 'died', name: spec.name, pid: child.pid, why: describeExit(exit), lastLines: last, restartInMs });
      if (!(await waits(restartInMs, stopping.signal))) return;
    }
  };

  const keepsDying = (name: string, exit: ChildExit): MillraceError => {
    const last = lastLines(logPath(name)).map((line) => `\n    ${line}`);
    const bound = `${bounds.earlyDeathsMax} times in a row within ${bounds.healthyAfterMs / 1000} s of its start`;
    const text = `${name} ended ${bound}, the last time with ${describeExit(exit)}. Its log: ${logPath(name)}`;
    return new MillraceError('KEEPS_DYING', text + last.join(''));
  };

  const stopOne = async (name: string) => {
    const supervised = all.get(name);
    await supervised?.child?.stop();
    await supervised?.over;
  };

  return {
    failed: failure.promise,
    pid: (name) => all.get(name)?.child?.pid,
    reapOrphans: async () => {
      const stopped = await stopOrphans(files, orphanStopTimeoutMs);
      for (const { name, pid } of stopped) emit({ kind: 'orphan-stopped', name, pid });
    },
    start: (spec) => {
      if (all.has(spec.name)) throw new Error(`${spec.name} is supervised already`);
      return new Promise((resolve, reject) => {
        const supervised: Supervised = { spec, child: undefined, over: Promise.resolve() };
        const order = all.size;
        all.set(spec.name, supervised);
        rotateLog(logPath(spec.name));
        supervised.over = supervise(supervised, order, resolve).then(
          // Stopped before it was ever ready; without effect otherwise.
          () => reject(new MillraceError('SERVER_FAILED', `${spec.name} was stopped before it was ready.`)),
          (cause: unknown) => {
            const error = cause as MillraceError;
            emit({ kind: 'given-up', name: spec.name, error });
            reject(error);
            failure.reject(error);
          },
        );
      });
    },
    stop: async (order = []) => {
      stopping.abort();
      const rest = [...all.keys()].toReversed().filter((name) => !order.flat().includes(name));
      for (const names of [...order, ...rest.map((name) => [name])]) await Promise.all(names.map(stopOne));
      clearInterval(rotation);
    },
    kill: () => {
      stopping.abort();
      for (const { child } of all.values()) child?.kill('SIGKILL');
    },
  };
}

/** False when the wait was cut short. */
async function waits(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false);
}
