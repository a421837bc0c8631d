import { FencedSubject, type FencedPublish } from '../../../infra/bus/fenced-subject.ts';
import { parseUpTo } from '../../../infra/bus/fenced-queue.ts';
import { swapVerdict } from '../../../infra/bus/swap-verdict.ts';
import type { Answer } from '../plan.ts';
import { outputNames } from '../plan.ts';
import type { Variant } from '../variant.ts';
import { outputsOf, type Lane, type LaneRun } from './lane-run.ts';
import type { VirtualDemand } from './fleet-demand.ts';
import type { VirtualLog } from './log.ts';
import { openRun } from './open-run.ts';
import type { VirtualServer } from './server.ts';

/** Small, so that the outputs of one log message go into several. */
const batchCharsMax = 700;

interface Save {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** It was tried, and the answer was a refusal or none. */
  unclear: boolean;
}

/**
 * The worker of a lane on a virtual server: the product's core, fences and codec, and in place of its edge this
 * machine, which does one thing at a time when it is told to. Between any two it can die.
 */
export class VirtualWorker {
  /** Why it stopped itself; null while it runs. */
  fenced: string | null = null;
  readonly #log: VirtualLog;
  readonly #server: VirtualServer;
  readonly #variant: Variant;
  readonly #name: string;
  readonly #lane: Lane;
  readonly #subjects: FencedSubject[] = [];
  readonly #inFlight: ({ readonly publish: FencedPublish; unclear: boolean } | null)[] = [];
  readonly #demand: VirtualDemand | null;
  #run: LaneRun | null = null;
  #revision = 0;
  #save: Save | null = null;

  /** @param demand of the fleet's worker: it reads no further than the log goes, and ends when it is no longer asked for */
  constructor(
    name: string,
    lane: Lane,
    log: VirtualLog,
    server: VirtualServer,
    variant: Variant,
    demand: VirtualDemand | null,
  ) {
    this.#name = name;
    this.#lane = lane;
    this.#log = log;
    this.#server = server;
    this.#variant = variant;
    this.#demand = demand;
  }

  /** It takes nothing more: nothing asks for it. What it has is stored. */
  get ended(): boolean {
    return this.#run !== null && this.#demand !== null && this.#demand.ends(this.#run.configVersion);
  }

  /** Everything is taken and stored. */
  get done(): boolean {
    return (
      this.#run !== null && (this.#run.atEnd || this.ended) && this.#subjects.every(({ queue }) => queue.pending === 0)
    );
  }

  /** Reads where one more subject stands, or, when all are known, the checkpoint. False: it was open already. */
  #open(): boolean {
    if (this.#run !== null) return false;
    const output = this.#subjects.length;
    if (output < outputNames.length) {
      const last = this.#server.last(output);
      const upTo = parseUpTo(last?.upTo);
      const seen = upTo === null ? null : (this.#variant.upTo?.(upTo) ?? upTo);
      this.#subjects.push(new FencedSubject(this.#name, last, seen, batchCharsMax));
      this.#inFlight.push(null);
      return true;
    }
    const kept = this.#server.checkpoint;
    this.#revision = kept?.revision ?? 0;
    this.#run = openRun(
      this.#log,
      this.#lane,
      this.#variant,
      kept?.bytes ?? null,
      () => this.#demand?.until ?? Infinity,
    );
    return true;
  }

  /** Takes the next message; one that needs a configuration is only read at first. */
  take(): void {
    if (this.fenced !== null || this.#open() || this.ended) return;
    const step = this.#run!.take();
    if (step === null) return;
    const outputs = outputsOf(step);
    for (const [i, subject] of this.#subjects.entries()) subject.queue.push(step.sequence, outputs[i]!);
  }

  publish(output: number, answer: Answer): void {
    if (this.fenced !== null || this.#run === null) return;
    const subject = this.#subjects[output]!;
    const held = this.#inFlight[output];
    if (held?.unclear) return this.#look(output, held.publish);
    const publish = held?.publish ?? subject.next();
    if (publish === null) return;
    const { upTo, writer, expected, batch } = publish;
    const arrive = () => this.#server.publish(output, expected, { upTo, writer, data: batch.data });
    const sequence = answer === 'ok' || answer === 'lost' ? arrive() : null;
    if (answer === 'late') this.#server.sendLate(arrive);
    if (answer === 'ok' && sequence !== null) {
      subject.stored(publish, sequence);
      this.#inFlight[output] = null;
    } else {
      this.#inFlight[output] = { publish, unclear: true };
    }
  }

  #look(output: number, publish: FencedPublish): void {
    const last = this.#server.last(output);
    const verdict = this.#subjects[output]!.verdict(publish, last);
    if (verdict === 'fenced') return this.#stop(`${outputNames[output]} holds outputs of ${last?.writer}`);
    if (verdict === 'stored') this.#subjects[output]!.stored(publish, last!.sequence);
    this.#inFlight[output] = verdict === 'stored' ? null : { publish, unclear: false };
  }

  /** Takes the state. It is stored by `save`, once the outputs up to it are. */
  snapshot(): void {
    if (this.fenced !== null || this.#run === null || this.#save !== null) return;
    const checkpoint = this.#run.checkpoint();
    if (checkpoint !== null) this.#save = { ...checkpoint, unclear: false };
  }

  save(answer: Answer): void {
    const save = this.#save;
    if (this.fenced !== null || save === null) return;
    const { position, bytes } = save;
    const stored = this.#subjects.every(({ queue }) => queue.storedUpTo >= position);
    if (!stored && this.#variant.savesEarly !== true) return;
    const expected = this.#revision;
    if (save.unclear) {
      const present = this.#server.checkpoint;
      const seen = present && { value: present.bytes, revision: present.revision };
      const verdict = swapVerdict(seen, bytes, expected);
      save.unclear = false;
      if (verdict === 'fenced') return this.#stop('the checkpoint was saved by another');
      if (verdict === 'stored') this.#saved(present!.revision);
      return;
    }
    const arrive = () => this.#server.swap(expected, position, bytes);
    const revision = answer === 'ok' || answer === 'lost' ? arrive() : null;
    if (answer === 'late') this.#server.sendLate(arrive);
    if (answer === 'ok' && revision !== null) this.#saved(revision);
    else save.unclear = true;
  }

  #saved(revision: number): void {
    this.#revision = revision;
    this.#save = null;
  }

  #stop(why: string): void {
    this.fenced = why;
  }
}
