import { outputNames, slots, type Op, type Plan } from '../plan.ts';
import type { Variant } from '../variant.ts';
import { VirtualDemand } from './fleet-demand.ts';
import type { Lane } from './lane-run.ts';
import type { VirtualLog } from './log.ts';
import { VirtualServer } from './server.ts';
import { VirtualWorker } from './worker.ts';

/** Times that a last worker may be fenced by what others had on their way: each of them has little. */
const attemptsMax = 20;

export interface Executed {
  readonly server: VirtualServer;
  /** False: nothing asked for a worker at the end, so what is stored may end before. */
  readonly finished: boolean;
}

/** Lets the plan's faults happen to one lane's workers, then lets the last one finish. */
export function execute(plan: Plan, log: VirtualLog, lane: Lane, variant: Variant): Executed {
  const server = new VirtualServer(outputNames.length, variant.fences !== false);
  const workers: (VirtualWorker | null)[] = Array.from({ length: slots }, () => null);
  let started = 0;
  const demand = lane === 'fleet' ? new VirtualDemand(log, variant) : null;
  const start = () =>
    demand?.begins(server) === false ? null : new VirtualWorker(`w${++started}`, lane, log, server, variant, demand);
  for (const op of plan.faults) {
    if (op.lane !== lane) continue;
    if (op.kind === 'arrive') server.arrive();
    else if (op.kind === 'apply') demand!.apply();
    else if (op.kind === 'start') workers[op.slot] = start();
    else if (op.kind === 'crash') workers[op.slot] = null;
    else suffer(workers[op.slot] ?? null, op);
  }
  demand?.applyAll();
  const finished = finish(start, server);
  // Whoever is left goes on, and what was on its way arrives: all of it has to be refused or to be there already.
  for (const zombie of workers) if (zombie !== null) drive(zombie);
  for (let i = 0; i < plan.faults.length; i++) server.arrive();
  for (const zombie of workers) if (zombie !== null) drive(zombie);
  return { server, finished };
}

function suffer(worker: VirtualWorker | null, op: Exclude<Op, { kind: 'arrive' | 'apply' | 'start' | 'crash' }>): void {
  if (worker === null) return;
  if (op.kind === 'take') for (let i = 0; i < op.count; i++) worker.take();
  else if (op.kind === 'publish') worker.publish(op.output, op.answer);
  else if (op.kind === 'snapshot') worker.snapshot();
  else worker.save(op.answer);
}

/** @returns false: none was begun. */
function finish(start: () => VirtualWorker | null, server: VirtualServer): boolean {
  for (let attempt = 1; ; attempt++) {
    const worker = start();
    if (worker === null) return false;
    drive(worker);
    if (worker.fenced === null) return true;
    if (attempt === attemptsMax) throw new Error(`no worker comes to the end: ${worker.fenced}`);
    server.arrive();
  }
}

/** Without further faults, until everything is stored or it is fenced. */
function drive(worker: VirtualWorker): void {
  for (let turns = 0; !worker.done && worker.fenced === null; turns++) {
    if (turns > 100_000) throw new Error('a worker does not come to the end');
    worker.take();
    for (let output = 0; output < outputNames.length; output++) worker.publish(output, 'ok');
  }
  worker.snapshot();
  worker.save('ok');
  worker.save('ok');
}
