import { Packr } from 'msgpackr';
import { from, type OperatorFunction } from 'rxjs';
import type { LogRecord, PublishRecord } from '../events/record.ts';
import { configSchema, processingConfig, type ProcessingConfig } from '../infra/config/schema.ts';
import type { z } from 'zod';
import type { LogMessage, Step } from './step.ts';

/** For tests: a log of one partition, made by hand. */

/** 2026-07-01T10:00:00Z, us. */
export const logStartUs = Date.UTC(2026, 6, 1, 10) * 1e3;

const encoder = new TextEncoder();

/** A configuration as a person writes it. */
export function testConfig(config: z.input<typeof configSchema> = {}): ProcessingConfig {
  return processingConfig(configSchema.parse(config));
}

/** A publish at `atUs`; QoS 1 unless said otherwise. */
export function publish(topic: string, payload: string | Uint8Array, over: Partial<PublishRecord> = {}): PublishRecord {
  return {
    kind: 'publish',
    client: 'client',
    connection: 'c1',
    packetId: 1,
    topic,
    payload: typeof payload === 'string' ? encoder.encode(payload) : payload,
    qos: 1,
    retain: false,
    dup: false,
    receivedAtUs: logStartUs,
    ...over,
  };
}

export const tick: LogRecord = { kind: 'tick', instance: 'test', atUs: logStartUs };
export const control: LogRecord = { kind: 'control', version: 2, previous: 1, hash: '' };

/** Messages at seconds after `logStartUs`, numbered from 1. */
export function logOf(...messages: (readonly [atSeconds: number, ...records: LogRecord[]])[]): LogMessage[] {
  return messages.map(([at, ...records], i) => ({
    partition: 0,
    sequence: i + 1,
    nowUs: logStartUs + Math.round(at * 1e6),
    records,
  }));
}

/** Pushes messages through an operator and collects what comes out. */
export function stepsOf(operator: OperatorFunction<LogMessage, Step>, messages: readonly LogMessage[]): Step[] {
  const steps: Step[] = [];
  from(messages)
    .pipe(operator)
    .subscribe((step) => steps.push(step));
  return steps;
}

const packr = new Packr({ useRecords: false });

/** Through MessagePack and back, at an odd offset of a larger buffer, as from a store. */
export function stored(snapshot: unknown): unknown {
  const bytes = packr.pack(snapshot);
  const larger = new Uint8Array(bytes.length + 5);
  larger.set(bytes, 5);
  return packr.unpack(larger.subarray(5));
}
