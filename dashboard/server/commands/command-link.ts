import type { CommandOrder, CommandQuery, CommandView, OrderAnswer } from '../../../events/command.ts';
import { subjects } from '../../../events/subjects.ts';
import type { Bus } from '../../../infra/bus/connection.ts';
import { gatherCore, requestCore } from '../../../infra/bus/core.ts';

/** The log has a request within this time, ms, or nobody knows. */
const orderTimeoutMs = 5_000;
const queryTimeoutMs = 1_000;

/** The way to the ingest processes, which see to commands and know their states. */
export class CommandLink {
  readonly #bus: Bus;
  readonly #processes: () => number;
  /** Orders on their way, by id. */
  readonly #ordering = new Map<string, Promise<unknown>>();

  /** @param processes how many of ingest are there */
  constructor(bus: Bus, processes: () => number) {
    this.#bus = bus;
    this.#processes = processes;
  }

  /** Gives a command to one of them. Of the same id at once, one goes first. @throws LOG_UNAVAILABLE */
  async order(order: CommandOrder): Promise<OrderAnswer> {
    for (;;) {
      const earlier = this.#ordering.get(order.id);
      if (earlier === undefined) break;
      await earlier.catch(() => undefined);
    }
    const ordering = this.#order(order);
    this.#ordering.set(order.id, ordering);
    return ordering.finally(() => this.#ordering.delete(order.id));
  }

  async #order(order: CommandOrder): Promise<OrderAnswer> {
    // Each knows its own commands: another than the one that is asked now may have this one.
    if (this.#processes() > 1) {
      const known = await this.find(order.device, order.id);
      if (known !== null) {
        const isSame = known.device === order.device && known.command === order.command;
        return isSame ? { kind: 'known', command: known } : { kind: 'conflict' };
      }
    }
    const answer = await requestCore(this.#bus, subjects.commandRequest, JSON.stringify(order), orderTimeoutMs);
    return parse(answer) as OrderAnswer;
  }

  /** The latest first. @throws LOG_UNAVAILABLE when no ingest process answers */
  async list(device: string, limit: number): Promise<CommandView[]> {
    const found = await this.#query({ device, limit });
    return found.toSorted((a, b) => b.steps[0]!.atUs - a.steps[0]!.atUs).slice(0, limit);
  }

  async find(device: string, id: string): Promise<CommandView | null> {
    return (await this.#query({ device, id, limit: 1 }))[0] ?? null;
  }

  async #query(query: CommandQuery): Promise<CommandView[]> {
    const count = Math.max(this.#processes(), 1);
    const options = { count, timeoutMs: queryTimeoutMs };
    const answers = await gatherCore(this.#bus, subjects.commandQuery, JSON.stringify(query), options);
    return answers.flatMap((data) => parse(data) as CommandView[]);
  }
}

function parse(data: Uint8Array): unknown {
  return JSON.parse(Buffer.from(data).toString());
}
