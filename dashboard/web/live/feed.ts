import { signal } from '@preact/signals';
import type { LiveFrame } from '../../../events/frames.ts';
import type { LiveSubscribe, WindowKeys } from '../../../events/live.ts';
import type { PipelineFigures } from '../../../events/pipeline.ts';
import { beat, setClocks } from './clock.ts';
import { Commits } from './commit.ts';
import { stoodUs } from './processing.ts';
import { filledForMs, silence, type Pulse } from './pulse.ts';
import { LiveSocket } from './socket.ts';

/** A hidden page stops listening to devices after this. */
const hiddenAfterMs = 30_000;

export const pulse = signal<Pulse>({ kind: 'connecting' });
/** The latest figures of the pipeline; null before the first. */
export const figures = signal<PipelineFigures | null>(null);

const listeners = new Set<(frame: LiveFrame) => void>();
const fillers = new Set<() => Promise<unknown>>();
/** What the parts of the page want to hear of, by part. Bounded by the parts on the page. */
const wanted = new Map<symbol, readonly string[]>();
/** And whose open windows, by part. */
const windowsWanted = new Map<symbol, WindowKeys>();

let socket: LiveSocket | null = null;
let lastFrameMs: number | null = null;
let missedSinceMs: number | null = null;
let hiddenSinceMs: number | null = null;
let silenced = false;

const commits = new Commits<LiveFrame>((frames) => {
  for (const frame of frames) {
    if (frame.type === 'stats') {
      setClocks(frame.figures.nowUs, frame.figures.atUs, stoodUs(frame.figures));
      const before = figures.value;
      figures.value = frame.figures;
      // Another configuration is in force: what was loaded may be out of date.
      if (before !== null && before.configVersion !== frame.figures.configVersion)
        for (const load of fillers) void load();
    }
    for (const listener of listeners) listener(frame);
  }
  beat.value++;
});

/** Opens the connection and keeps it. Called once, by `main.tsx`. */
export function startFeed(url: string): void {
  socket = new LiveSocket(url, {
    opened: () => sendWanted(),
    frame: (frame) => heard(frame),
    lost: (attempt, nextTryMs, reason) => {
      if (lastFrameMs !== null) missedSinceMs ??= lastFrameMs;
      pulse.value = { kind: 'lost', lastFrameMs, attempt, nextTryMs, reason };
    },
  });
  socket.connect();
  setInterval(watch, 500);
  document.addEventListener('visibilitychange', visibilityChanged);
}

/** Every frame, in the commit that paints it. Returns how to stop. */
export function onFrame(listener: (frame: LiveFrame) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Called when the connection is back: loads what was missed. "Live" is said after all of them. Called also when another
 * configuration is in force.
 */
export function onReturn(load: () => Promise<unknown>): () => void {
  fillers.add(load);
  return () => fillers.delete(load);
}

/** Asks for the values of these devices on behalf of one part of the page; it may be changed and ended. */
export function listenTo(): { change(devices: readonly string[]): void; end(): void } {
  const part = Symbol('part');
  return {
    change(devices) {
      const before = wanted.get(part);
      if (before?.length === devices.length && before.every((key, i) => key === devices[i])) return;
      wanted.set(part, devices);
      sendWanted();
    },
    end() {
      wanted.delete(part);
      sendWanted();
    },
  };
}

/** Asks for the open windows of these on behalf of one part of the page. Returns how to stop. */
export function watchWindows(keys: Partial<WindowKeys>): () => void {
  const part = Symbol('part');
  windowsWanted.set(part, { devices: [], groups: [], ...keys });
  sendWanted();
  return () => {
    windowsWanted.delete(part);
    sendWanted();
  };
}

export function tryNow(): void {
  socket?.connect();
}

function sendWanted(): void {
  const devices = silenced ? [] : [...new Set([...wanted.values()].flat())];
  const watched = silenced ? [] : [...windowsWanted.values()];
  const windows = {
    devices: watched.flatMap((keys) => keys.devices),
    groups: watched.flatMap((keys) => keys.groups),
  };
  socket?.send({ type: 'subscribe', devices, alerts: true, windows } satisfies LiveSubscribe);
}

function heard(frame: LiveFrame): void {
  lastFrameMs = Date.now();
  commits.add(frame);
  if (missedSinceMs !== null) void fill(lastFrameMs - missedSinceMs);
  else if (pulse.value.kind !== 'filling' && pulse.value.kind !== 'filled') setLive();
}

function setLive(): void {
  if (pulse.value.kind !== 'live') pulse.value = { kind: 'live' };
}

async function fill(missedMs: number): Promise<void> {
  missedSinceMs = null;
  pulse.value = { kind: 'filling', missedMs };
  // A part that cannot load says so in its own place; the others are up to date all the same.
  await Promise.allSettled([...fillers].map((load) => load()));
  if (pulse.value.kind !== 'filling') return;
  pulse.value = { kind: 'filled', missedMs };
  setTimeout(() => {
    if (pulse.value.kind === 'filled') setLive();
  }, filledForMs);
}

/** Twice a second: silence on an open connection, and ages that run on without frames. */
function watch(): void {
  const nowMs = Date.now();
  if (socket?.open && lastFrameMs !== null && pulse.value.kind !== 'lost') {
    const heardOf = silence(lastFrameMs, nowMs);
    if (heardOf === 'lost') socket.giveUp('no frame for 5 s');
    else if (heardOf === 'waiting') pulse.value = { kind: 'waiting', sinceMs: lastFrameMs };
  }
  if (lastFrameMs === null || nowMs - lastFrameMs > 900) beat.value++;
  if (hiddenSinceMs !== null && !silenced && nowMs - hiddenSinceMs >= hiddenAfterMs) {
    silenced = true;
    sendWanted();
  }
}

function visibilityChanged(): void {
  if (document.hidden) {
    hiddenSinceMs = Date.now();
    return;
  }
  const sinceMs = hiddenSinceMs;
  hiddenSinceMs = null;
  if (!silenced) return;
  silenced = false;
  sendWanted();
  if (sinceMs !== null) missedSinceMs ??= sinceMs + hiddenAfterMs;
}
