import type { DevicesQuery } from '../../events/live.ts';
import type { Ledger } from '../../events/ledger.ts';
import type { Transition } from '../../events/alert.ts';
import { subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { publishCore, serveRequests } from '../../infra/bus/core.ts';
import type { Log } from '../../infra/log.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Step } from '../step.ts';
import { Conflation } from './conflation.ts';
import { deviceLedger } from './device-ledger.ts';
import { devicesAnswer, type DevicesView, type LogPlace } from './devices-page.ts';
import { liveBatches } from './live-batches.ts';
import { PartialsFeed } from './partials-feed.ts';

const frameEveryMs = 100;
/** Devices or transitions that wait for the next frame; at it the frame is sent early. */
const waitingMax = 5_000;

/**
 * What one partition's worker shows of itself over core NATS: `live.<p>`, at most every 100 ms, and answers on
 * `query.devices.<p>`. It may lose and repeat; nothing is derived from it.
 */
export class LiveFeed implements Disposable {
  readonly #bus: Bus;
  readonly #partition: number;
  readonly #storedLedger: (key: string) => Ledger | null;
  readonly #mayShow: () => boolean;
  readonly #conflation = new Conflation();
  #changed = new Set<string>();
  #forgotten = new Set<string>();
  #transitions: Transition[] = [];
  #pipeline: Pipeline | null = null;
  #sequence = 0;
  #nowUs = 0;
  /** Of the readings since the last frame: how many, and the arrivals of the oldest and newest, us. */
  #readings = 0;
  #oldestUs = Number.POSITIVE_INFINITY;
  #newestUs = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #partials: PartialsFeed;
  readonly #stopServing: () => void;

  /**
   * @param storedLedger storage's ledger of a device; null when it has not heard of it
   * @param mayShow false while another process may be the partition's worker
   */
  constructor(
    bus: Bus,
    partition: number,
    log: Log,
    storedLedger: (key: string) => Ledger | null,
    mayShow: () => boolean = () => true,
  ) {
    this.#bus = bus;
    this.#mayShow = mayShow;
    this.#storedLedger = storedLedger;
    this.#partition = partition;
    this.#timer = setInterval(() => this.#send(), frameEveryMs);
    this.#partials = new PartialsFeed({ bus, lane: partition, log, mayShow });
    this.#stopServing = serveRequests(
      bus,
      subjects.queryDevices(partition),
      (data) => this.#answer(data),
      (error) => log.warn({ error, partition }, 'a question about devices was not answered'),
    );
  }

  /** From now on the views of this pipeline are shown, which stands at that message. */
  show(pipeline: Pipeline, sequence: number, nowUs: number): void {
    this.#pipeline = pipeline;
    this.#sequence = sequence;
    this.#nowUs = nowUs;
    this.#partials.show((key) => pipeline.partials(key, this.#place()));
  }

  #view(pipeline: Pipeline): DevicesView {
    return {
      devices: pipeline.devices,
      alerts: (keys) => pipeline.alerts(keys),
      partials: (key) => pipeline.partials(key, this.#place()),
      ledger: (key) => deviceLedger(pipeline.ledger(key), this.#storedLedger(key)),
    };
  }

  #place(): LogPlace {
    return { partition: this.#partition, sequence: this.#sequence, nowUs: this.#nowUs };
  }

  /** @param transitions those that are new, not repeated by a worker that goes over old messages again */
  add(step: Step, transitions: readonly Transition[]): void {
    this.#sequence = step.sequence;
    this.#nowUs = step.nowUs;
    this.#partials.passed(step.windows);
    for (const key of step.forgotten) {
      this.#forgotten.add(key);
      this.#changed.delete(key);
    }
    for (const [i, reading] of step.readings.entries()) {
      this.#conflation.add(reading);
      // When it arrived first says nothing of how long it takes now.
      if (step.arrivals[i]?.record.redriven !== undefined) continue;
      this.#oldestUs = Math.min(this.#oldestUs, reading.receivedAtUs);
      this.#newestUs = Math.max(this.#newestUs, reading.receivedAtUs);
    }
    this.#readings += step.readings.length;
    for (const reading of step.derived) this.#conflation.add(reading);
    for (const key of step.changedDevices) this.#changed.add(key);
    for (const transition of transitions) {
      this.#transitions.push(transition);
      publishCore(this.#bus, subjects.feedAlerts(transition.rule, transition.key), JSON.stringify(transition));
    }
    if (this.#conflation.full || this.#changed.size + this.#forgotten.size + this.#transitions.length >= waitingMax)
      this.#send();
  }

  #send(): void {
    const pipeline = this.#pipeline;
    if (pipeline === null || !this.#mayShow()) return;
    const waiting = this.#changed.size + this.#forgotten.size + this.#transitions.length;
    if (this.#conflation.empty && waiting === 0) return;
    const devices = [...this.#changed].map((key) => pipeline.devices.get(key)).filter((device) => device !== null);
    const batches = liveBatches({
      ...this.#place(),
      items: this.#conflation.take(),
      forgotten: [...this.#forgotten],
      devices,
      transitions: this.#transitions,
      readings: this.#readings,
      oldestReceivedAtUs: this.#newestUs === 0 ? null : this.#oldestUs,
      newestReceivedAtUs: this.#newestUs === 0 ? null : this.#newestUs,
    });
    this.#readings = 0;
    this.#oldestUs = Number.POSITIVE_INFINITY;
    this.#newestUs = 0;
    this.#changed = new Set();
    this.#forgotten = new Set();
    this.#transitions = [];
    for (const json of batches) publishCore(this.#bus, subjects.live(this.#partition), json);
  }

  #answer(data: Uint8Array): Uint8Array {
    if (!this.#mayShow()) throw new Error('the lease of the partition is not confirmed');
    if (this.#pipeline === null) throw new Error('the worker is still restoring its state');
    const query = (data.length === 0 ? {} : JSON.parse(Buffer.from(data).toString())) as DevicesQuery;
    return Buffer.from(devicesAnswer(this.#place(), this.#view(this.#pipeline), query));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#partials[Symbol.dispose]();
    this.#stopServing();
  }
}
