import type { PublishPacket } from 'aedes';
import type {
  CommandOrder,
  CommandProgress,
  CommandQuery,
  CommandReply,
  CommandView,
  DeviceMessage,
  DeviceMessageAnswer,
} from '../../events/command.ts';
import { decodeAnswer } from '../../events/command-payload.ts';
import type { CommandRecord } from '../../events/record.ts';
import { subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { publishCore, requestCore, serveRequests, subscribeCore } from '../../infra/bus/core.ts';
import type { Config } from '../../infra/config/schema.ts';
import type { Log } from '../../infra/log.ts';
import type { CommandBook } from './command-book.ts';
import { CommandDesk, commandView } from './command-desk.ts';
import { CommandRules, type TopicKind } from './command-rules.ts';
import { DeviceDelivery, type Delivered, type Outgoing } from './device-delivery.ts';

/** How often open commands are looked at, ms: a device that connects waits no longer. */
const tickMs = 200;
/** Another ingest process that holds the device answers within this time, ms. */
const othersTimeoutMs = 500;
/** One that sees to a command has put an answer into the log within this time, ms. */
const answerTimeoutMs = 5_000;
const queriedMax = 200;

export interface CommandServiceOptions {
  readonly bus: Bus;
  readonly config: Pick<Config, 'topics' | 'commands' | 'processes'>;
  readonly book: CommandBook;
  readonly owner: string;
  readonly log: Log;
  readonly nowUs: () => number;
  append(record: CommandRecord, onStored: () => void): void;
  /** A publish on an answer topic answers no command that waits. */
  onStrayAnswer(): void;
}

/**
 * Commands to devices in one ingest process, and how the processes work together: one takes a command on itself
 * (`commands.request`), whichever holds the device sends it (`commands.device`) and tells of its PUBACK
 * (`commands.progress`); an answer goes to the one that waits for it (`commands.answer`).
 */
export class CommandService {
  readonly rules: CommandRules;
  readonly delivery: DeviceDelivery;
  readonly #options: CommandServiceOptions;
  readonly #desk: CommandDesk;
  readonly #isAlone: boolean;
  #ends: (() => void)[] = [];

  constructor(options: CommandServiceOptions) {
    const { config, book, owner, nowUs, bus } = options;
    this.#options = options;
    this.#isAlone = config.processes.ingest === 1;
    this.rules = new CommandRules(config.commands, config.topics);
    this.#desk = new CommandDesk({
      book,
      owner,
      nowUs,
      addresseeOf: (topic) => this.rules.addresseeOf(topic),
      append: (record, onStored) => options.append(record, onStored),
      send: (message) => this.delivery.send(message) ?? (this.#isAlone ? null : this.#askOthers(message)),
    });
    this.delivery = new DeviceDelivery(this.rules, (id, client) => {
      this.#desk.acknowledged(id, client);
      const progress: CommandProgress = { id, client };
      publishCore(bus, subjects.commandProgress, JSON.stringify(progress));
    });
  }

  /** Takes requests and sees to what was left open before. */
  start(): void {
    const { bus, log } = this.#options;
    const onError = (err: unknown) => log.warn({ err }, 'a request about a command failed');
    const json = (value: unknown) => Buffer.from(JSON.stringify(value));
    const timer = setInterval(() => this.#desk.tick(), tickMs);
    this.#ends = [
      () => clearInterval(timer),
      serveRequests(
        bus,
        subjects.commandRequest,
        async (data) => json(await this.#desk.order(parse(data) as CommandOrder)),
        onError,
        'ingest',
      ),
      serveRequests(bus, subjects.commandQuery, (data) => json(this.#query(parse(data) as CommandQuery)), onError),
      serveRequests(
        bus,
        subjects.commandDevice,
        (data) => {
          const { payload, client = '', ...rest } = parse(data) as DeviceMessage;
          const sent = this.delivery.send({ ...rest, client, payload: Buffer.from(payload, 'base64') });
          return sent === null ? null : json(sent satisfies DeviceMessageAnswer);
        },
        onError,
      ),
      subscribeCore(bus, subjects.commandProgress, (data) => {
        const { id, client } = parse(data) as CommandProgress;
        this.#desk.acknowledged(id, client);
      }),
      serveRequests(
        bus,
        subjects.commandAnswer,
        async (data) => ((await this.#desk.answered(parse(data) as CommandReply)) ? json({}) : null),
        onError,
      ),
    ];
  }

  stop(): void {
    for (const end of this.#ends) end();
  }

  /** A device published on an answer topic. `onStored` comes when its answer is in the log, or was for nobody. */
  takeAnswer(
    kind: Extract<TopicKind, { kind: 'answer' }>,
    packet: PublishPacket,
    client: string,
    onStored: () => void,
  ): void {
    const answer = decodeAnswer(Buffer.from(packet.payload), kind.id);
    const taken =
      answer === null ? Promise.resolve(false) : this.#passAnswer({ ...answer, device: kind.device, client });
    void taken.then((isTaken) => {
      if (!isTaken) this.#options.onStrayAnswer();
      onStored();
    });
  }

  async #passAnswer(reply: CommandReply): Promise<boolean> {
    if (await this.#desk.answered(reply)) return true;
    if (this.#isAlone) return false;
    const { bus } = this.#options;
    return requestCore(bus, subjects.commandAnswer, JSON.stringify(reply), answerTimeoutMs).then(
      () => true,
      () => false,
    );
  }

  async #askOthers(message: Outgoing): Promise<Delivered | null> {
    const { payload, ...rest } = message;
    const asked: DeviceMessage = { ...rest, payload: Buffer.from(payload).toString('base64') };
    const { bus } = this.#options;
    try {
      const answer = await requestCore(bus, subjects.commandDevice, JSON.stringify(asked), othersTimeoutMs);
      return parse(answer) as DeviceMessageAnswer;
    } catch {
      // Nobody holds it.
      return null;
    }
  }

  #query({ device, id, limit }: CommandQuery): CommandView[] {
    const { book } = this.#options;
    if (id === undefined) return book.of(device, Math.min(limit, queriedMax)).map(commandView);
    const entry = book.get(id);
    return entry === undefined ? [] : [commandView(entry)];
  }
}

/** What our own processes say to each other. */
function parse(data: Uint8Array): unknown {
  return JSON.parse(Buffer.from(data).toString());
}
