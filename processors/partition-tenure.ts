import type { Bus } from '../infra/bus/connection.ts';
import type { Checkpoints } from '../infra/bus/checkpoints.ts';
import type { Lease } from '../infra/leases/lease.ts';
import { checkpointsUnder } from '../infra/leases/leased-checkpoints.ts';
import type { Log } from '../infra/log.ts';
import type { Alarms } from './alarms.ts';
import type { Figures } from './figures.ts';
import { LifeService } from './life/life-service.ts';
import { LiveFeed } from './live/live-feed.ts';
import type { Storage } from './storage/storage.ts';
import { startWorker, type PartitionWorker } from './worker/worker.ts';

export interface TenureContext {
  readonly bus: Bus;
  readonly partitions: number;
  readonly checkpoints: Checkpoints;
  readonly alarms: Alarms;
  readonly figures: Figures;
  readonly storage: Storage;
  readonly log: Log;
}

/** A partition in the hands of this process: its worker, its live feed and its storage, for as long as the lease lasts. */
export interface Tenure {
  readonly worker: PartitionWorker;
  /** Resolves when all has ended after the lease's signal. */
  readonly done: Promise<void>;
  /** Takes it out of the reports. */
  remove(): void;
}

export function beginTenure(partition: number, lease: Lease, context: TenureContext): Tenure {
  const { bus, partitions, alarms, figures, storage, log } = context;
  const ledger = (key: string) => storage.ledger(key);
  const live = new LiveFeed(bus, partition, log, ledger, () => lease.isValid);
  const mayAct = () => lease.isValid;
  const life = new LifeService({ bus, partition, partitions, log, mayAct, signal: lease.signal });
  const checkpoints = checkpointsUnder(lease, context.checkpoints);
  const confirmed = () => lease.confirmed();
  const own = { bus, partition, partitions, checkpoints, alarms, figures, live, life, confirmed };
  const worker = startWorker(own, log, lease.signal);
  const stored = storage.begin(partition, lease);
  const ended = async () => {
    await worker.done;
    live[Symbol.dispose]();
    life[Symbol.dispose]();
    await stored.done;
    // A failure that is final ends a worker before its time: the lease stays, so that its report is seen.
    if (!lease.signal.aborted) await new Promise((resolve) => lease.signal.addEventListener('abort', resolve));
    alarms.set(`worker-${partition}`, null);
    alarms.set(`too-many-devices-${partition}`, null);
  };
  return { worker, done: ended(), remove: () => stored.remove() };
}
