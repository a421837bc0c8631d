import type { FleetReport, PositionReport } from '../../events/health.ts';
import { streams } from '../../events/subjects.ts';
import type { Log } from '../../infra/log.ts';
import { restartOnFailure } from '../restart-on-failure.ts';
import { everyLog, workerReader } from '../trimmer/position-book.ts';
import { runFleet, type FleetContext } from './fleet-run.ts';

export interface FleetWorker {
  report(): FleetReport;
  readonly position: PositionReport;
  /** In force for what spans devices; 0: not known yet. */
  readonly configVersion: number;
  /** Resolves when it has stopped for good: by the signal, or by a failure that its report names. */
  readonly done: Promise<void>;
}

export type FleetWorkerContext = Omit<FleetContext, 'onPosition' | 'onLeftOut' | 'onSaved'>;

/** Runs the fleet's worker until the signal, again after each failure. */
export function startFleetWorker(context: FleetWorkerContext, log: Log, signal: AbortSignal): FleetWorker {
  let place = { position: 0, nowUs: 0, pending: 0 };
  let saved = 0;
  let leftOut = 0;
  let stopped = '';
  let configVersion = 0;
  const observed: FleetContext = {
    ...context,
    onPosition: (position, nowUs, pending) => (place = { position, nowUs, pending }),
    onLeftOut: (readings) => (leftOut += readings),
    onSaved: (position) => (saved = position),
    onVersion(version) {
      configVersion = version;
      context.onVersion(version);
    },
  };
  const onFailure = (why: string, error: unknown) => {
    stopped = why;
    context.alarms.set('worker-fleet', why === '' ? null : `The worker of the fleet stopped: ${why}`);
    if (why !== '') log.error({ err: error }, 'the worker of the fleet stopped');
  };
  return {
    report: () => ({
      position: place.position,
      lagMs: place.pending === 0 ? 0 : Math.max(0, Math.round(Date.now() - place.nowUs / 1000)),
      pending: place.pending,
      leftOut,
      stopped,
    }),
    get configVersion() {
      return configVersion;
    },
    get position() {
      return { reader: workerReader('fleet'), stream: streams.log, subject: everyLog, position: saved };
    },
    done: restartOnFailure((within) => runFleet(observed, within), signal, onFailure),
  };
}
