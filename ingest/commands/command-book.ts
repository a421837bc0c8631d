import type { CommandRecord, CommandRequest, CommandState } from '../../events/record.ts';

/** A step that a command has taken. */
export interface CommandStep {
  readonly state: CommandState;
  readonly atUs: number;
  readonly attempt: number;
  readonly client: string;
  readonly detail: string;
}

/** A command with its steps so far, the first one first. */
export interface CommandEntry {
  readonly id: string;
  readonly device: string;
  readonly command: string;
  readonly request: CommandRequest;
  readonly steps: readonly CommandStep[];
}

export interface BookLimits {
  /** Commands that are not at their end. */
  readonly openMax: number;
  readonly openPerDeviceMax: number;
  /** Commands remembered, open or not. */
  readonly rememberedMax: number;
}

export const bookLimits: BookLimits = { openMax: 1_000, openPerDeviceMax: 100, rememberedMax: 5_000 };

/** Commands as the log's records say; of those at their end the oldest are forgotten first. Pure. */
export class CommandBook {
  /** Grows with each change. */
  changes = 0;
  readonly #limits: BookLimits;
  readonly #mine: (owner: string) => boolean;
  readonly #entries = new Map<string, CommandEntry>();
  readonly #open = new Map<string, CommandEntry>();

  /** @param mine whether a command of this owner belongs here */
  constructor(mine: (owner: string) => boolean, limits: BookLimits = bookLimits) {
    this.#mine = mine;
    this.#limits = limits;
  }

  get(id: string): CommandEntry | undefined {
    return this.#entries.get(id);
  }

  /** Those not at their end, the oldest first. */
  open(): IterableIterator<CommandEntry> {
    return this.#open.values();
  }

  get openCount(): number {
    return this.#open.size;
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** The latest first. */
  of(device: string, count: number): CommandEntry[] {
    const found = [...this.#entries.values()].filter((entry) => entry.device === device);
    return found.toReversed().slice(0, count);
  }

  /** Why no further command for the device is taken; null when one is. */
  refusal(device: string): string | null {
    const { openMax, openPerDeviceMax } = this.#limits;
    if (this.#open.size >= openMax) return `${openMax} commands wait for their devices, which is the limit.`;
    let waiting = 0;
    for (const entry of this.#open.values()) if (entry.device === device) waiting++;
    return waiting < openPerDeviceMax ? null : `${openPerDeviceMax} commands wait for this device, which is the limit.`;
  }

  /** A record of the log. What comes after the end of a command changes nothing. */
  apply(record: CommandRecord): void {
    const { id, device, command, state, attempt, atUs, client, detail, request } = record;
    const before = this.#entries.get(id);
    const step: CommandStep = { state, atUs, attempt, client, detail };
    if (before === undefined) {
      if (request === undefined || !this.#mine(request.owner)) return;
      // The payload is a view into its batch.
      const own = { ...request, payload: Buffer.from(request.payload) };
      this.#put({ id, device, command, request: own, steps: [step] });
    } else if (this.#open.has(id) && state !== 'requested') {
      this.#put({ ...before, steps: [...before.steps, step] });
    }
  }

  all(): CommandEntry[] {
    return [...this.#entries.values()];
  }

  restore(entries: readonly CommandEntry[]): void {
    for (const entry of entries) this.#put(entry);
  }

  #put(entry: CommandEntry): void {
    this.changes++;
    const isOver = isFinal(entry.steps.at(-1)!.state);
    this.#entries.set(entry.id, isOver ? withoutPayload(entry) : entry);
    if (isOver) this.#open.delete(entry.id);
    else this.#open.set(entry.id, entry);
    this.#forget();
  }

  #forget(): void {
    if (this.#entries.size <= this.#limits.rememberedMax) return;
    for (const id of this.#entries.keys()) {
      if (this.#open.has(id)) continue;
      this.#entries.delete(id);
      return;
    }
  }
}

export function isFinal(state: CommandState): boolean {
  return state !== 'requested' && state !== 'sent';
}

/** It is in the log; the memory is for what is still to be sent. */
function withoutPayload(entry: CommandEntry): CommandEntry {
  return { ...entry, request: { ...entry.request, payload: new Uint8Array() } };
}
