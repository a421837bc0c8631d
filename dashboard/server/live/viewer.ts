import type { WebSocket } from 'ws';
import type { LiveFrame } from '../../../events/frames.ts';
import { noWindows, type Subscription } from './client-message.ts';

/** Bytes that may wait for a viewer; above, it gets no frames until they are gone. */
export const waitingBytesMax = 256 * 1024;

/** One browser on `/live`. Nothing is queued for it but what the socket holds. */
export class Viewer {
  readonly socket: WebSocket;
  subscription: Subscription = { devices: [], alerts: false, windows: noWindows };
  /** The last tick whose changes it was sent (or of its subscription). What is later it has missed. */
  upToTick: number;
  badMessages = 0;
  /** Open windows it wants are beyond what is watched, and it was told so. */
  isLeftOut = false;
  /** It has answered the last ping. */
  answers = true;

  constructor(socket: WebSocket, tick: number) {
    this.socket = socket;
    this.upToTick = tick;
  }

  get keepsUp(): boolean {
    return this.socket.bufferedAmount <= waitingBytesMax;
  }

  send(frame: LiveFrame | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }
}
