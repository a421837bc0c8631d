import { once } from 'node:events';
import type { LiveFrame } from '../events/frames.ts';
import { Measurements } from './percentile.ts';

/** Publishes per device that may wait for their frame; more are counted as never shown. */
const waitingMax = 10_000;

/**
 * A viewer of all devices. A reading's latency is from its publish call to the first frame that holds it or a newer one
 * of its device: readings in between are not shown by design.
 */
export interface Viewer {
  readonly latencies: Measurements;
  published(key: string, timeUs: number): void;
  /** Published and not yet in a frame. */
  waiting(): number;
  close(): void;
}

/** `nowUs` is the clock that also gave the published readings their times. */
export async function openViewer(url: string, nowUs: () => number): Promise<Viewer> {
  const socket = new WebSocket(url);
  const waiting = new Map<string, number[]>();
  const latencies = new Measurements();
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'subscribe', devices: ['*'], alerts: false }));
  socket.addEventListener('message', ({ data }) => {
    const atUs = nowUs();
    const frame = JSON.parse(data as string) as LiveFrame;
    if (frame.type !== 'readings') return;
    for (const { key, time } of frame.items) {
      const queue = waiting.get(key);
      if (queue === undefined) continue;
      let shown = 0;
      while (shown < queue.length && queue[shown]! <= time) latencies.add((atUs - queue[shown++]!) / 1000);
      queue.splice(0, shown);
    }
  });
  return {
    latencies,
    published(key, timeUs) {
      const queue = waiting.get(key);
      if (queue === undefined) waiting.set(key, [timeUs]);
      else if (queue.length < waitingMax) queue.push(timeUs);
    },
    waiting: () => [...waiting.values()].reduce((sum, queue) => sum + queue.length, 0),
    close: () => socket.close(),
  };
}
