import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type ChildSpec } from '../supervisor/child.ts';

/** A server that was started and has answered. */
export interface RunningServer {
  readonly pid: number;
  /** SIGTERM, then SIGKILL after a bound; resolves when it is gone. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const pollMs = 50;

/** Starts a server outside a supervisor and waits until it answers; stops it when it does not. */
export async function startServer(spec: ChildSpec, logPath: string): Promise<RunningServer> {
  const child = startChild(spec, logPath);
  const stop = async () => {
    await child.stop();
  };
  try {
    await child.ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid, stop, kill: (signal) => child.kill(signal), [Symbol.asyncDispose]: stop };
}

/** Resolves when the condition holds; rejects when `signal` aborts first, because the process is gone. */
export async function untilTrue(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await condition())) await delay(pollMs, undefined, { signal });
}
