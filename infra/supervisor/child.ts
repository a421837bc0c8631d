import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { MillraceError } from '../errors.ts';
import { lastLines } from './child-log.ts';

/** A process to run: what, and how to tell that it does its work. */
export interface ChildSpec {
  /** Unique within a supervisor; names its log and its pid file. */
  name: string;
  command: string;
  args: readonly string[];
  /** Added to this process's environment; undefined removes a variable. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Resolves when the child does its work, rejects when it never will. `signal` aborts when the child is gone. */
  ready?: (child: { pid: number; signal: AbortSignal }) => Promise<void>;
  readyTimeoutMs?: number;
  /** What to say when it did not become ready in time. */
  notReady?: string;
  /** How long SIGTERM may take before SIGKILL. */
  stopTimeoutMs?: number;
}

/** How a child ended. `error` is set when it could not even be started. */
export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  error?: Error;
}

export interface Child {
  readonly spec: ChildSpec;
  /** 0 when it could not be started. */
  readonly pid: number;
  readonly startedMs: number;
  readonly exited: Promise<ChildExit>;
  /** Settles once: ready, or rejected with SERVER_FAILED because it died or took too long. */
  readonly ready: Promise<void>;
  /** SIGTERM, then SIGKILL after `stopTimeoutMs`; resolves when it is gone. */
  stop(): Promise<ChildExit>;
  kill(signal: NodeJS.Signals): void;
}

const readyTimeoutMsDefault = 60_000;
const stopTimeoutMsDefault = 15_000;

/**
 * Starts a process of its own session, so that Ctrl-C in a terminal reaches only this one, which then stops the children
 * in order. Output goes straight to the file: a busy or dead supervisor never holds a child up.
 */
export function startChild(spec: ChildSpec, logPath: string): Child {
  mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'a', 0o600);
  const childProcess = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const pid = childProcess.pid ?? 0;
  const gone = new AbortController();
  const exited = new Promise<ChildExit>((resolve) => {
    childProcess.once('error', (error) => {
      if (pid === 0) resolve({ code: null, signal: null, error });
    });
    childProcess.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const killAtExit = () => childProcess.kill('SIGKILL');
  process.once('exit', killAtExit);
  void exited.then(() => {
    process.off('exit', killAtExit);
    gone.abort();
  });

  const ready = becomesReady(spec, pid, exited, gone.signal, logPath);
  // Whoever does not wait for it hears of the failure by `exited`.
  ready.catch(() => undefined);

  return {
    spec,
    pid,
    startedMs: Date.now(),
    exited,
    ready,
    stop: () => {
      childProcess.kill('SIGTERM');
      const timer = setTimeout(() => childProcess.kill('SIGKILL'), spec.stopTimeoutMs ?? stopTimeoutMsDefault);
      return exited.finally(() => clearTimeout(timer));
    },
    kill: (signal) => void childProcess.kill(signal),
  };
}

async function becomesReady(
  spec: ChildSpec,
  pid: number,
  exited: Promise<ChildExit>,
  signal: AbortSignal,
  logPath: string,
): Promise<void> {
  const timeoutMs = spec.readyTimeoutMs ?? readyTimeoutMsDefault;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const text = spec.notReady ?? `${spec.name} was not ready within ${timeoutMs / 1000} s.`;
    timer = setTimeout(() => reject(new MillraceError('SERVER_FAILED', `${text} Its log: ${logPath}`)), timeoutMs);
  });
  const died = exited.then((exit) => {
    const last = lastLines(logPath).map((line) => `\n    ${line}`);
    throw new MillraceError(
      'SERVER_FAILED',
      `${spec.name} ended before it was ready (${describeExit(exit)}).${last.join('')}`,
    );
  });
  try {
    const ready = pid === 0 ? died : (spec.ready?.({ pid, signal }) ?? Promise.resolve());
    await Promise.race([ready, died, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** `exit 1`, `signal SIGKILL` or why it could not be started. */
export function describeExit({ code, signal, error }: ChildExit): string {
  if (error) return error.message;
  return signal === null ? `exit ${code}` : `signal ${signal}`;
}
