import type { CommandOrder, CommandReply, CommandView, OrderAnswer } from '../../events/command.ts';
import type { CommandRecord, CommandRequest, CommandState } from '../../events/record.ts';
import type { CommandBook, CommandEntry } from './command-book.ts';
import type { Delivered, Outgoing } from './device-delivery.ts';

/** Requests on their way to the log at once. */
const arrivingMax = 100;
/** Attempts follow each other no faster, us. */
const intervalMinUs = 1_000_000;

export interface DeskOptions {
  readonly book: CommandBook;
  /** Name under which this process takes commands on itself. */
  readonly owner: string;
  readonly nowUs: () => number;
  /** The key that a command's topic names: that of its device, or of new hardware of it. */
  addresseeOf(topic: string): string | null;
  /** Puts a step into the log; `onStored` once it is there. */
  append(record: CommandRecord, onStored: () => void): void;
  /** Sends it, from here or from another process. Null: nobody holds the device. */
  send(message: Outgoing): Delivered | null | Promise<Delivered | null>;
}

/** What is under way with an open command, beside what the log says of it. */
interface Hand {
  attempt: number;
  nextUs: number;
  isBusy: boolean;
  /** Its end is on its way to the log. */
  isEnding: boolean;
}

/**
 * Sees to the commands of one ingest process: sends, waits, sends again, gives up. Each step is a record of the log
 * before it is told to anybody; after a restart it goes on where the log says.
 */
export class CommandDesk {
  readonly #options: DeskOptions;
  readonly #hands = new Map<string, Hand>();
  /** Requests on their way to the log. */
  readonly #arriving = new Map<string, Promise<void>>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Takes a command on itself; the same id again is the same command. Resolves when the log has it. */
  async order(order: CommandOrder): Promise<OrderAnswer> {
    const { book, owner, nowUs } = this.#options;
    // Nothing may come between looking and noting it: an await of nothing would let the same id in twice.
    const arriving = this.#arriving.get(order.id);
    if (arriving !== undefined) await arriving;
    const known = book.get(order.id);
    if (known !== undefined) {
      const isSame = known.device === order.device && known.command === order.command;
      return isSame ? { kind: 'known', command: commandView(known) } : { kind: 'conflict' };
    }
    const isFull = this.#arriving.size >= arrivingMax;
    const message = isFull ? `${arrivingMax} commands are on their way to the log.` : book.refusal(order.device);
    if (message !== null) return { kind: 'refused', message };
    const { id, device, command, topic, qos, acknowledge, attempts, timeoutMs } = order;
    const atUs = nowUs();
    const request: CommandRequest = {
      topic,
      payload: Buffer.from(order.payload, 'base64'),
      qos,
      acknowledge,
      attempts,
      deadlineUs: atUs + timeoutMs * 1_000,
      owner,
      client: order.client ?? '',
    };
    const stored = this.#append({
      kind: 'command',
      id,
      device,
      command,
      state: 'requested',
      attempt: 0,
      atUs,
      client: '',
      detail: '',
      request,
    });
    this.#arriving.set(id, stored);
    await stored.finally(() => this.#arriving.delete(id));
    this.tick();
    return { kind: 'accepted', command: commandView(book.get(id)!) };
  }

  /** To be called a few times a second, and when a device may have come. */
  tick(): void {
    const nowUs = this.#options.nowUs();
    for (const entry of this.#options.book.open()) {
      const hand = this.#hand(entry);
      if (hand.isEnding || hand.isBusy) continue;
      if (nowUs >= entry.request.deadlineUs) {
        const detail = hand.attempt === 0 ? 'the device did not connect' : 'the device did not acknowledge';
        void this.#end(entry, 'timed-out', '', detail);
      } else if (hand.attempt < entry.request.attempts && nowUs >= hand.nextUs) void this.#send(entry, hand);
    }
  }

  /** A client acknowledged a message with a PUBACK. */
  acknowledged(id: string, client: string): void {
    const entry = this.#options.book.get(id);
    if (entry?.request.acknowledge !== 'puback' || !this.#options.book.isOpen(id)) return;
    void this.#end(entry, 'acknowledged', client, '');
  }

  /** A device answered. Resolves with true when that is in the log, with false when no such command waits for it. */
  async answered({ id, device, client, isDone, detail }: CommandReply): Promise<boolean> {
    const entry = this.#options.book.get(id);
    if (entry === undefined || entry.request.acknowledge !== 'answer') return false;
    if ((this.#options.addresseeOf(entry.request.topic) ?? entry.device) !== device) return false;
    if (!this.#options.book.isOpen(id)) return false;
    await this.#end(entry, isDone ? 'acknowledged' : 'refused', client, detail);
    return true;
  }

  #hand(entry: CommandEntry): Hand {
    let hand = this.#hands.get(entry.id);
    if (hand === undefined) {
      const last = entry.steps.at(-1)!;
      const nextUs = last.attempt === 0 ? 0 : last.atUs + intervalUs(entry);
      this.#hands.set(entry.id, (hand = { attempt: last.attempt, nextUs, isBusy: false, isEnding: false }));
    }
    return hand;
  }

  async #send(entry: CommandEntry, hand: Hand): Promise<void> {
    const { topic, payload, qos, client, acknowledge } = entry.request;
    hand.isBusy = true;
    const message = { id: entry.id, topic, payload, qos: qos === 0 ? (0 as const) : (1 as const), client };
    const sending = this.#options.send(message);
    const sent = sending instanceof Promise ? await sending : sending;
    hand.isBusy = false;
    if (sent === null || hand.isEnding) return;
    hand.attempt++;
    const atUs = this.#options.nowUs();
    hand.nextUs = atUs + intervalUs(entry);
    void this.#step(entry, 'sent', hand.attempt, sent.client, '');
    if (acknowledge === 'puback' && sent.qos === 0)
      void this.#end(
        entry,
        'failed',
        sent.client,
        'sent, but the device subscribed with QoS 0: it will not acknowledge',
      );
  }

  async #end(entry: CommandEntry, state: CommandState, client: string, detail: string): Promise<void> {
    const hand = this.#hand(entry);
    if (hand.isEnding) return;
    hand.isEnding = true;
    await this.#step(entry, state, hand.attempt, client, detail);
    this.#hands.delete(entry.id);
  }

  #step(entry: CommandEntry, state: CommandState, attempt: number, client: string, detail: string): Promise<void> {
    const { id, device, command } = entry;
    const atUs = this.#options.nowUs();
    return this.#append({ kind: 'command', id, device, command, state, attempt, atUs, client, detail });
  }

  #append(record: CommandRecord): Promise<void> {
    return new Promise((resolve) => {
      this.#options.append(record, () => {
        this.#options.book.apply(record);
        resolve();
      });
    });
  }
}

function intervalUs({ request, steps }: CommandEntry): number {
  return Math.max((request.deadlineUs - steps[0]!.atUs) / request.attempts, intervalMinUs);
}

export function commandView({ id, device, command, request, steps }: CommandEntry): CommandView {
  const { topic, attempts: attemptsMax, deadlineUs } = request;
  return { id, device, command, topic, state: steps.at(-1)!.state, attemptsMax, deadlineUs, steps };
}
