import { createHash } from 'node:crypto';
import { encodeRecords, recordFormatVersion } from '../../../events/record-codec.ts';
import type { LogRecord, StateChoice } from '../../../events/record.ts';
import { logHeaders, subjects } from '../../../events/subjects.ts';
import { configSchema, processingConfig } from '../../../infra/config/schema.ts';
import type { Configuration } from '../../../processors/worker/worker-core.ts';
import type { Batch, ConfigInput, Control, Plan } from '../plan.ts';

/** A message of the virtual log, with what it was made of. */
export interface VirtualMessage {
  readonly subject: string;
  readonly partition: number;
  readonly sequence: number;
  readonly timeUs: number;
  readonly data: Uint8Array;
  readonly records: readonly LogRecord[];
  readonly producer: string;
  readonly producerSequence: number;
  header(name: string): string | undefined;
}

export interface VirtualLog {
  readonly partitions: number;
  readonly messages: readonly VirtualMessage[];
  /** Of version `n` at index `n - 1`. */
  readonly configurations: readonly Configuration[];
  of(partition: number): readonly VirtualMessage[];
  /** Removed before anybody read them, with all before; `[from, until)`. Null: none was. */
  readonly removed: Removed | null;
}

export interface Removed {
  readonly from: number;
  readonly until: number;
}

type Change = Pick<Control, 'nowUs' | 'state' | 'back'>;

/** Parsing a configuration costs more than running some seeds: equal ones are parsed once. */
const parsed = new Map<string, Configuration['config']>();
const parsedMax = 1_000;

/** @throws when it is no configuration */
function parseConfig(input: ConfigInput): Configuration['config'] {
  const text = JSON.stringify(input);
  let config = parsed.get(text);
  if (config === undefined) {
    config = processingConfig(configSchema.parse(input));
    if (parsed.size >= parsedMax) parsed.clear();
    parsed.set(text, config);
  }
  return config;
}

/** Stores what the plan says: one stream, a subject for each partition, producers counted. */
export function virtualLog({ partitions, configs, log }: Plan): VirtualLog {
  const all: VirtualMessage[] = [];
  const marked: number[] = [];
  const counted = new Map<string, number>();
  const stored = new Map<number, VirtualMessage[]>();
  const lanes = Array.from({ length: partitions }, (_, partition) => partition);

  const store = (message: Omit<VirtualMessage, 'sequence' | 'subject' | 'header'>): VirtualMessage => {
    const headers: Record<string, string> = {
      [logHeaders.format]: String(recordFormatVersion),
      [logHeaders.producer]: message.producer,
      [logHeaders.producerSequence]: String(message.producerSequence),
    };
    const subject = subjects.log(message.partition);
    const whole = { ...message, subject, sequence: all.length + 1, header: (name: string) => headers[name] };
    all.push(whole);
    return whole;
  };
  const append = (partition: number, timeUs: number, producer: string, missing: number, records: Batch['records']) => {
    const lane = `${producer}:${partition}`;
    const producerSequence = (counted.get(lane) ?? 0) + 1 + missing;
    counted.set(lane, producerSequence);
    return store({ partition, timeUs, producer, producerSequence, records, data: encodeRecords(records) });
  };
  const control = (version: number, previous: number | null, { nowUs, state: kind, back }: Change) => {
    const hash = createHash('sha256').update(String(version)).digest('hex');
    const from = Math.max(1, all.length + 1 - back);
    const state: StateChoice = kind === 'rebuild' ? { kind, from } : { kind };
    return lanes.map((partition) =>
      append(partition, nowUs, `config-${version}`, 0, [{ kind: 'control', version, previous, hash, state }]),
    );
  };

  control(1, null, { nowUs: log[0]?.nowUs ?? 0, state: 'reset', back: 0 });
  let version = 1;
  for (const entry of log) {
    if (entry.kind === 'batch') {
      const { id, partition, nowUs, producer, missing, records } = entry;
      const message = append(partition, nowUs, producer, missing, records);
      stored.set(id, [message]);
      if (entry.removed) marked.push(message.sequence);
    } else if (entry.kind === 'control') {
      if (entry.config + 1 <= version || entry.config >= configs.length) continue;
      stored.set(entry.id, control(entry.config + 1, version, entry));
      version = entry.config + 1;
    } else {
      for (const first of stored.get(entry.of) ?? []) store({ ...first, timeUs: entry.nowUs });
    }
  }
  const removed = removedFrom(all, marked);
  const messages = all.filter(
    ({ sequence }) => removed === null || sequence < removed.from || sequence >= removed.until,
  );
  const byPartition = lanes.map((lane) => messages.filter(({ partition }) => partition === lane));
  return {
    partitions,
    messages,
    configurations: configs.map((input, i) => ({ version: i + 1, config: parseConfig(input), customs: [] })),
    of: (partition) => byPartition[partition]!,
    removed,
  };
}

/** From the first message that is marked to the last one, but no control record. */
function removedFrom(messages: readonly VirtualMessage[], marked: readonly number[]): Removed | null {
  const [from, last] = [marked[0], marked.at(-1)];
  if (from === undefined) return null;
  const isControl = ({ records }: VirtualMessage) => records.some(({ kind }) => kind === 'control');
  const control = messages.find((message) => message.sequence > from && isControl(message));
  return { from, until: Math.min(last! + 1, control?.sequence ?? Infinity) };
}

/** What a run that is at a position meets as it goes on to a message: those between were removed. */
export function removedBetween(log: VirtualLog, position: number, sequence: number): Removed | null {
  const { removed } = log;
  if (removed === null || position === 0 || position >= removed.until || sequence < removed.until) return null;
  return { from: position + 1, until: removed.until };
}

/** The first message that the log holds when a message is read. */
export function firstFor({ removed }: VirtualLog, sequence: number): number {
  return removed !== null && sequence >= removed.until ? removed.until : 1;
}
