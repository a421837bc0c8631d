import type { Transition } from '../../../events/alert.ts';
import type { HelloFrame, StatsFrame } from '../../../events/frames.ts';
import { watchedKeysMax, type LiveReading, type WindowsBatch } from '../../../events/live.ts';
import type { WebSocket } from 'ws';
import type { AlertBook } from '../alerts/alert-book.ts';
import type { DeviceEntry } from '../devices/device-entry.ts';
import type { DeviceMirror, MirrorListener } from '../devices/device-mirror.ts';
import type { LiveTail } from '../history/live-tail.ts';
import { parseClientMessage } from './client-message.ts';
import { FrameSource, windowsFrames } from './frame-source.ts';
import { TickChanges } from './tick-changes.ts';
import { Viewer } from './viewer.ts';
import type { WindowWatch } from './window-watch.ts';

/** Frames of readings are at least so far apart; the first after a pause goes at once. */
export const frameEveryMs = 100;
const badMessagesMax = 5;
const tooManyWatched = `Open windows of ${watchedKeysMax} devices and groups are watched already: those asked for come by REST only.`;

export interface LiveHubOptions {
  readonly alerts: AlertBook;
  readonly tail: LiveTail;
  readonly windows: WindowWatch;
  /** Called when other open windows are wanted than before. */
  readonly onWanted: () => void;
  readonly hello: () => HelloFrame;
  /** Called when the frames of a tick have been handed to the sockets. */
  readonly onFrames: () => void;
}

/**
 * Turns changes of the mirror into frames. A viewer that does not keep up is passed over, and gets the devices as they
 * are when it does again: fewer points, never more memory.
 */
export class LiveHub implements MirrorListener {
  readonly #options: LiveHubOptions;
  readonly #viewers = new Set<Viewer>();
  readonly #changes = new TickChanges();
  #mirror: DeviceMirror | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastTickMs = 0;
  #tick = 1;
  /** Subscriptions have changed since the open windows wanted were gathered. */
  #regather = false;
  framesSent = 0;

  constructor(options: LiveHubOptions) {
    this.#options = options;
  }

  /** The mirror tells the hub, and the hub reads the mirror: the second half of that knot. */
  attach(mirror: DeviceMirror): void {
    this.#mirror = mirror;
  }

  get viewers(): ReadonlySet<Viewer> {
    return this.#viewers;
  }

  reading(entry: DeviceEntry, reading: LiveReading): void {
    entry.valuesTick = this.#tick;
    this.#options.tail.add(reading);
    this.#changes.reading(entry, reading);
    this.#schedule();
  }

  row(entry: DeviceEntry): void {
    entry.rowTick = this.#tick;
    this.#changes.rows.add(entry);
    this.#schedule();
  }

  forgotten(entry: DeviceEntry): void {
    this.#changes.forget(entry);
    this.#schedule();
  }

  transition(transition: Transition): void {
    this.#changes.transition(transition);
    this.#schedule();
  }

  /** Devices' windows are taken from the worker of their partition only. */
  openWindows({ lane, items }: WindowsBatch): void {
    let taken = false;
    for (const item of items) {
      if (lane !== 'fleet' && this.#mirror!.get(item.key)?.partition !== lane) continue;
      taken = this.#options.windows.take(lane === 'fleet' ? 'group' : 'device', item, this.#tick) || taken;
    }
    if (taken) this.#schedule();
  }

  add(socket: WebSocket): void {
    const viewer = new Viewer(socket, this.#tick - 1);
    this.#viewers.add(viewer);
    socket.on('close', () => {
      this.#viewers.delete(viewer);
      this.#gatherSoon();
    });
    // The close that follows says the rest.
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => (viewer.answers = true));
    socket.on('message', (data, isBinary) => this.#receive(viewer, isBinary ? '' : (data as Buffer).toString()));
    this.#send(viewer, [JSON.stringify(this.#options.hello())]);
  }

  stats(frame: StatsFrame): void {
    const text = JSON.stringify(frame);
    for (const viewer of this.#viewers) if (viewer.keepsUp) this.#send(viewer, [text]);
  }

  /** Pings everybody, and ends those who did not answer the last one. */
  heartbeat(): void {
    for (const viewer of this.#viewers) {
      if (!viewer.answers) viewer.socket.terminate();
      else {
        viewer.answers = false;
        viewer.socket.ping();
      }
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const { socket } of this.#viewers) socket.close(1001, 'the dashboard stops');
  }

  #receive(viewer: Viewer, text: string): void {
    const message = parseClientMessage(text);
    if (message.kind === 'wrong') {
      viewer.badMessages++;
      viewer.send({ type: 'error', error: 'BAD_MESSAGE', message: message.message });
      if (viewer.badMessages >= badMessagesMax) viewer.socket.close(1008, 'too many messages that make no sense');
      return;
    }
    viewer.subscription = message.subscription;
    // What came before is not missed: the page asks for it by REST.
    viewer.upToTick = this.#tick - 1;
    // Nor is what others watch already said again by a worker.
    this.#send(viewer, windowsFrames(this.#options.windows.settled(message.subscription.windows)));
    this.#gatherSoon();
  }

  #gatherSoon(): void {
    this.#regather = true;
    this.#schedule();
  }

  #gather(): void {
    const { windows, onWanted } = this.#options;
    this.#regather = false;
    windows.want(Array.from(this.#viewers, ({ subscription }) => subscription.windows));
    onWanted();
    for (const viewer of this.#viewers) {
      const isLeftOut = !windows.holds(viewer.subscription.windows);
      if (isLeftOut && !viewer.isLeftOut)
        viewer.send({ type: 'error', error: 'TOO_MANY_WATCHED', message: tooManyWatched });
      viewer.isLeftOut = isLeftOut;
    }
  }

  #schedule(): void {
    if (this.#timer !== null) return;
    const dueMs = Math.max(0, this.#lastTickMs + frameEveryMs - performance.now());
    this.#timer = setTimeout(() => this.#flush(), dueMs);
  }

  #flush(): void {
    this.#timer = null;
    this.#lastTickMs = performance.now();
    if (this.#regather) this.#gather();
    const tick = this.#tick++;
    const frames = new FrameSource(this.#mirror!, this.#options.alerts, this.#changes, this.#options.windows);
    let behind = false;
    for (const viewer of this.#viewers) {
      if (!viewer.keepsUp) behind = true;
      else if (viewer.upToTick >= tick - 1) this.#send(viewer, frames.current(viewer.subscription), tick);
      else this.#send(viewer, frames.catchUp(viewer.subscription, viewer.upToTick), tick);
    }
    this.#changes.clear();
    this.#options.windows.clear();
    this.#options.onFrames();
    // Somebody has to be caught up even if nothing comes any more.
    if (behind) this.#schedule();
  }

  #send(viewer: Viewer, frames: readonly string[], tick?: number): void {
    for (const frame of frames) viewer.send(frame);
    this.framesSent += frames.length;
    if (tick !== undefined) viewer.upToTick = tick;
  }
}
