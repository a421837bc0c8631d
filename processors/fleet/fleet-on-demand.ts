import { getConfigVersion } from '../../infra/bus/config-versions.ts';
import type { Log } from '../../infra/log.ts';
import { streams, subjects, upToHeader } from '../../events/subjects.ts';
import { parseUpTo } from '../../infra/bus/fenced-queue.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { fleetStep, isUnfinished, type FleetDemand } from './demand-decision.ts';
import { watchFleetDemand } from './fleet-demand.ts';
import { fleetCheckpointFormat, fleetCheckpointName } from './fleet-core.ts';
import { startFleetWorker, type FleetWorker, type FleetWorkerContext } from './fleet-worker.ts';

interface Running {
  readonly worker: FleetWorker;
  readonly stop: AbortController;
}

/**
 * Runs the fleet's worker while the configuration in force asks for one, until the signal. When it no longer does, the
 * worker goes on to the control record that says so: there alerts end, and subscribers are told.
 * @param onWorker told which worker runs; null: none
 */
export async function runFleetOnDemand(
  context: Omit<FleetWorkerContext, 'onVersion'>,
  log: Log,
  signal: AbortSignal,
  onWorker: (worker: FleetWorker | null) => void,
): Promise<void> {
  let running: Running | null = null;
  let demand: FleetDemand | null = null;
  /** A worker before this one did not come as far as the end of what was asked. */
  let unfinished = false;

  const adjust = () => {
    if (signal.aborted) return;
    const step = fleetStep(running && running.worker, demand, unfinished);
    if (step === 'begin') running = start();
    else if (step === 'end') {
      unfinished = false;
      running!.stop.abort();
    }
  };
  const start = (): Running => {
    const stop = new AbortController();
    const within = AbortSignal.any([signal, stop.signal]);
    const worker = startFleetWorker({ ...context, onVersion: adjust }, log, within);
    onWorker(worker);
    void worker.done.then(() => {
      // One that failed for good stays, so that its report is seen.
      if (!stop.signal.aborted || signal.aborted) return;
      running = null;
      onWorker(null);
      adjust();
    });
    return { worker, stop };
  };
  const take = (next: FleetDemand) => {
    demand = next;
    adjust();
  };

  unfinished = await leftOver(context).catch((err: unknown) => {
    log.warn({ err }, 'where the worker of the fleet stood cannot be read');
    return false;
  });
  watchFleetDemand(context.bus, log, signal, take);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await (running as Running | null)?.worker.done;
}

/** Whether a worker before this one did not come to its end. */
async function leftOver({ bus, checkpoints }: Pick<FleetWorkerContext, 'bus' | 'checkpoints'>): Promise<boolean> {
  const last = await lastMessage(bus, streams.alerts, subjects.alerts('fleet'));
  const lastAlert = parseUpTo(last?.header(upToHeader));
  const bytes = await checkpoints.load(fleetCheckpointName);
  if (bytes === null) return isUnfinished(null, lastAlert);
  const { position, configVersion } = fleetCheckpointFormat.decode(fleetCheckpointName, bytes);
  return isUnfinished({ position, config: await getConfigVersion(bus, configVersion) }, lastAlert);
}
