import type { PublishRecord } from '../events/record.ts';
import { verdictsMax, type DecodeAnswer, type DecodeQuery, type DecodeVerdict } from '../events/redrive.ts';
import { subjects } from '../events/subjects.ts';
import { configInForce } from '../infra/bus/config-versions.ts';
import type { Bus } from '../infra/bus/connection.ts';
import { serveRequests } from '../infra/bus/core.ts';
import type { ProcessingConfig } from '../infra/config/schema.ts';
import { MillraceError } from '../infra/errors.ts';
import { createIntake } from './intake.ts';
import type { Step } from './step.ts';
import { Synchronous } from './worker/synchronous.ts';

/** Answers what publishes would become under the newest configuration. Nothing is kept of it. */
export function serveDecode(bus: Bus, onError: (error: unknown) => void): () => void {
  const answer = async (data: Uint8Array) => {
    const query = JSON.parse(Buffer.from(data).toString()) as DecodeQuery;
    const inForce = await configInForce(bus);
    if (inForce === null) throw new MillraceError('LOG_UNAVAILABLE', 'No configuration is in force.');
    const answered: DecodeAnswer = { version: inForce.version, publishes: decodeVerdicts(inForce.config, query) };
    return Buffer.from(JSON.stringify(answered));
  };
  return serveRequests(bus, subjects.queryDecode, answer, onError, 'processors');
}

/**
 * What each publish would become, by the intake itself with nothing behind it: what depends on what came before
 * (duplicates, the bound on devices, sampling) is not in it.
 */
export function decodeVerdicts(config: ProcessingConfig, { publishes, nowUs }: DecodeQuery): DecodeVerdict[][] {
  const { operator } = createIntake({ config, partition: 0, partitions: 1 });
  const intake = new Synchronous(operator);
  const records = publishes.map(({ topic, payload, receivedAtUs, part }, index): PublishRecord => ({
    kind: 'publish',
    client: '',
    connection: '',
    packetId: 0,
    topic,
    payload: Buffer.from(payload, 'base64'),
    qos: 0,
    retain: false,
    dup: false,
    receivedAtUs,
    // Each for itself, so that none is a duplicate of another.
    redriven: { partition: 0, sequence: index + 1, index, part, by: 'worker' },
  }));
  const step = intake.push({ partition: 0, sequence: 1, nowUs, records });
  return records.map((_, index) => verdictsOf(step, index).slice(0, verdictsMax));
}

function verdictsOf({ readings, quarantined, filtered, duplicates }: Step, index: number): DecodeVerdict[] {
  const of = <T extends { readonly origin: { readonly index: number } }>(list: readonly T[]) =>
    list.filter(({ origin }) => origin.index === index);
  return [
    ...of(readings).map(({ key, timeUs, ownTime, fields, tags }) => ({
      kind: 'reading' as const,
      reading: { key, timeUs, ownTime, fields, tags },
    })),
    ...of(quarantined).map(({ reason, detail }) => ({ kind: 'refused' as const, reason, detail })),
    ...of(filtered).map(({ transform }) => ({ kind: 'filtered' as const, transform })),
    ...of(duplicates).map(() => ({ kind: 'repeat' as const })),
  ];
}
