import { streams } from '../events/subjects.ts';
import { streamInfo } from '../infra/bus/streams.ts';
import type { Config } from '../infra/config/schema.ts';
import type { Lease } from '../infra/leases/lease.ts';
import { watchHealth } from '../infra/health/reporting.ts';
import { checkpointsUnder } from '../infra/leases/leased-checkpoints.ts';
import { watchFleetDemand } from './fleet/fleet-demand.ts';
import { runFleetOnDemand } from './fleet/fleet-on-demand.ts';
import type { FleetWorker } from './fleet/fleet-worker.ts';
import { watchIngest } from './ingest-watch.ts';
import { beginTenure, type Tenure, type TenureContext } from './partition-tenure.ts';
import type { ReportSources } from './report.ts';
import { keepSchemasInForce } from './schemas-in-force.ts';
import { sweepCheckpoints } from './sweep-checkpoints.ts';
import { PositionBook, readersOf, workerReader } from './trimmer/position-book.ts';
import { rebuildHolds } from './trimmer/rebuild-holds.ts';
import { startTrimmer, type Trimmer } from './trimmer/trimmer.ts';
import { startWebhooks, type Webhooks } from './webhooks/webhooks.ts';
import { sweepKept } from './worker/kept-checkpoints.ts';

export interface DutiesContext extends TenureContext {
  readonly config: Config;
  /** Whether a start of a process, as alarms name it, is heard of. */
  readonly isAlive: (by: string) => boolean;
  /** The process ends: what it did last stays in its report. */
  readonly isStopping: () => boolean;
}

const partitionPrefix = 'partition.';
/** How often alarms are looked through for those of processes that are gone. */
const alarmsEveryMs = 30_000;

/** What one process may hold a lease of, and what it does under each. */
export class Duties {
  /** In the order in which they are begun: webhooks take their place in ALERTS before workers write there. */
  readonly groups: readonly (readonly string[])[];
  readonly #context: DutiesContext;
  readonly #tenures = new Map<number, Tenure>();
  #webhooks: Webhooks | null = null;
  #webhooksBegin: Promise<unknown> = Promise.resolve();
  #trimmer: Trimmer | null = null;
  #fleet: FleetWorker | null = null;

  constructor(context: DutiesContext) {
    this.#context = context;
    const names = Array.from({ length: context.partitions }, (_, partition) => `${partitionPrefix}${partition}`);
    this.groups = [['webhooks', 'fleet', 'trimmer', 'checkpoint-sweep', 'alarms', 'schemas'], names];
  }

  sources(): Pick<ReportSources, 'workers' | 'fleet' | 'webhooks' | 'trimmer'> {
    const tenures = [...this.#tenures].toSorted(([a], [b]) => a - b);
    const workers = tenures.map(([, { worker }]) => worker);
    return { workers, fleet: this.#fleet, webhooks: this.#webhooks, trimmer: this.#trimmer };
  }

  /** Does what the lease is for, until its signal. */
  run(lease: Lease): Promise<void> {
    switch (lease.name) {
      case 'webhooks':
        return this.#runWebhooks(lease);
      case 'fleet':
        return this.#runFleet(lease);
      case 'trimmer':
        return this.#runTrimmer(lease);
      case 'checkpoint-sweep':
        return sweepCheckpoints(() => this.#sweep(lease.signal), this.#context.log, lease.signal);
      case 'alarms':
        return this.#runAlarms(lease);
      case 'schemas':
        return keepSchemasInForce(this.#context, lease.signal);
      default:
        return this.#runPartition(Number(lease.name.slice(partitionPrefix.length)), lease);
    }
  }

  async #runPartition(partition: number, lease: Lease): Promise<void> {
    await this.#webhooksBegin;
    const tenure = beginTenure(partition, lease, this.#context);
    this.#tenures.set(partition, tenure);
    await tenure.done;
    if (this.#context.isStopping()) return;
    this.#tenures.delete(partition);
    tenure.remove();
  }

  async #runWebhooks(lease: Lease): Promise<void> {
    const { config, bus, log } = this.#context;
    const starting = startWebhooks({ config, bus, log, confirmed: () => lease.confirmed() });
    this.#webhooksBegin = starting.catch(() => undefined);
    const webhooks = await starting;
    this.#webhooks = webhooks;
    await aborted(lease.signal);
    await webhooks.stop();
    if (!this.#context.isStopping()) this.#webhooks = null;
  }

  async #runFleet(lease: Lease): Promise<void> {
    const { log, alarms, bus, partitions } = this.#context;
    await this.#webhooksBegin;
    // What a worker gave is stored also when none is asked for any more.
    const stored = this.#context.storage.begin('fleet', lease);
    const checkpoints = checkpointsUnder(lease, this.#context.checkpoints);
    const context = { bus, partitions, checkpoints, alarms, lease };
    await runFleetOnDemand(context, log, lease.signal, (worker) => (this.#fleet = worker));
    await stored.done;
    alarms.set('worker-fleet', null);
    if (this.#context.isStopping()) return;
    stored.remove();
    this.#fleet = null;
  }

  async #runTrimmer(lease: Lease): Promise<void> {
    const { bus, log, alarms, config, partitions } = this.#context;
    // Until it is known whether the fleet's worker reads the log, nothing is taken away from it.
    let hasFleet = true;
    watchFleetDemand(bus, log, lease.signal, ({ isAsked }) => (hasFleet = isAsked));
    const book = new PositionBook((reader) => hasFleet || reader !== workerReader('fleet'), readersOf(partitions));
    const unwatch = watchHealth(bus, (report) => report.process === 'processors' && book.take(report.positions));
    const { keepAge: keepAgeMs } = config.log;
    // `up` has worked out the bounds for this machine; a process that joined by itself finds them at the log.
    const { maxBytes } = await streamInfo(bus, streams.log, lease.signal);
    const keepBytes = config.log.keepBytes ?? (maxBytes > 0 ? maxBytes / 2 : Number.POSITIVE_INFINITY);
    const positions = (stream: string, subject: string | null) => book.of(stream, subject);
    const holds = () => rebuildHolds(bus, partitions, book, hasFleet, lease.signal);
    this.#trimmer = startTrimmer({ bus, log, alarms, keepBytes, keepAgeMs, positions, holds }, lease.signal);
    await this.#trimmer.done;
    unwatch();
    alarms.set('log-full', null);
    if (!this.#context.isStopping()) this.#trimmer = null;
  }

  async #sweep(signal: AbortSignal): Promise<number> {
    const { bus, checkpoints } = this.#context;
    const { firstSequence } = await streamInfo(bus, streams.log, signal);
    return (await sweepKept(checkpoints, firstSequence)) + (await checkpoints.sweep());
  }

  async #runAlarms(lease: Lease): Promise<void> {
    const { bus, alarms, log, isAlive } = this.#context;
    const end = () =>
      alarms.endThoseOfTheDead(isAlive).catch((err: unknown) => {
        if (!lease.signal.aborted) log.warn({ err }, 'alarms could not be looked through');
      });
    watchIngest(bus, alarms, lease.signal);
    const timer = setInterval(() => void end(), alarmsEveryMs);
    void end();
    await aborted(lease.signal);
    clearInterval(timer);
    alarms.set('INGEST_DOWN', null);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}
