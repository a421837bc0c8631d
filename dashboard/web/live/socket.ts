import type { LiveFrame } from '../../../events/frames.ts';
import { backoffMs } from './backoff.ts';

export interface SocketEvents {
  opened(): void;
  frame(frame: LiveFrame): void;
  /** Closed or refused; the next attempt is set. */
  lost(attempt: number, nextTryMs: number, reason: string): void;
}

/** One WebSocket to `/live`, opened again for ever. `retry` gives the present one up or brings the next try forward. */
export class LiveSocket {
  readonly #url: string;
  readonly #events: SocketEvents;
  #socket: WebSocket | null = null;
  #attempt = 0;
  #timer = 0;

  constructor(url: string, events: SocketEvents) {
    this.#url = url;
    this.#events = events;
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect(): void {
    clearTimeout(this.#timer);
    this.#drop();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener('open', () => this.#events.opened());
    socket.addEventListener('message', ({ data }) => {
      this.#attempt = 0;
      this.#events.frame(JSON.parse(String(data)) as LiveFrame);
    });
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket === socket) this.giveUp(`${this.#url} closed with ${code}`);
    });
  }

  /** Ends the present connection and sets the next attempt. */
  giveUp(reason: string): void {
    this.#drop();
    this.#attempt++;
    const pauseMs = backoffMs(this.#attempt, Math.random());
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.connect(), pauseMs);
    this.#events.lost(this.#attempt, Date.now() + pauseMs, reason);
  }

  send(message: object): void {
    if (this.open) this.#socket!.send(JSON.stringify(message));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
