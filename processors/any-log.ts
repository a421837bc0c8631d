import fc from 'fast-check';
import type { LifeOperation, LogRecord } from '../events/record.ts';
import type { LogMessage } from './step.ts';
import { logStartUs, publish, tick } from './test-log.ts';

/** For tests: logs of one partition, drawn at random. */

/** A log with all that happens: late, doubled and broken readings, devices that fall silent, gaps, steps back. */
const record = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        device: fc.nat(5),
        agoMs: fc.option(fc.integer({ min: -1000, max: 40_000 })),
        temperature: fc.integer({ min: 0, max: 100 }),
        humidity: fc.option(fc.integer({ min: 0, max: 100 })),
        packetId: fc.nat(9),
        dup: fc.boolean(),
      })
      .map((row) => ({ ...row, broken: false })),
  },
  { weight: 1, arbitrary: fc.record({ device: fc.nat(5), broken: fc.constant(true) }) },
);
const anyMessage = fc.record({
  passesMs: fc.integer({ min: -500, max: 4000 }),
  ticks: fc.boolean(),
  records: fc.array(record, { maxLength: 6 }),
});

export const anyLog: fc.Arbitrary<LogMessage[]> = fc
  .array(anyMessage, { minLength: 1, maxLength: 60 })
  .map((messages) => {
    let nowMs = logStartUs / 1e3;
    return messages.map(({ passesMs, ticks, records }, i) => {
      nowMs += passesMs;
      const publishes = records.map((row) => {
        const topic = `sensors/plant/d${row.device}`;
        if (row.broken) return publish(topic, '{"temperature": NaN}', { qos: 0 });
        const time = row.agoMs === null ? undefined : nowMs - row.agoMs;
        const payload = JSON.stringify({ time, temperature: row.temperature, humidity: row.humidity });
        return publish(topic, payload, {
          client: `c${row.device}`,
          packetId: row.packetId,
          dup: row.dup,
          receivedAtUs: nowMs * 1e3,
        });
      });
      return { partition: 0, sequence: i + 1, nowUs: nowMs * 1e3, records: ticks ? [tick, ...publishes] : publishes };
    });
  });

/** The same with connections that come and go, and people who rename, replace, retire, revive and erase devices. */
const coming = fc.record({ client: fc.nat(5), opens: fc.boolean(), clean: fc.boolean() });
const lifeKinds = [
  'rename',
  'undo-rename',
  'replace',
  'undo-replace',
  'give',
  'release',
  'retire',
  'revive',
  'erase',
] as const satisfies readonly LifeOperation['kind'][];
const life = fc.record({ kind: fc.constantFrom(...lifeKinds), device: fc.nat(5), by: fc.nat(5) });
export const livelyLog = fc
  .tuple(
    anyLog,
    fc.array(fc.tuple(fc.array(coming, { maxLength: 3 }), fc.option(life, { freq: 4 })), { maxLength: 60 }),
  )
  .map(([messages, happened]) => {
    const connections = new Map<string, number>();
    const connection = (client: string) => `${client}:${connections.get(client) ?? 0}`;
    return messages.map((plain, i): LogMessage => {
      const [comings, operation] = happened[i] ?? [[], null];
      const atUs = plain.nowUs;
      const carried = plain.records.map((one) =>
        one.kind === 'publish' ? { ...one, connection: connection(one.client) } : one,
      );
      if (operation !== null && operation !== undefined)
        return { ...plain, records: [{ kind: 'life', atUs, operation: operationOf(operation) }] };
      const changes = comings.map(({ client, opens, clean }): LogRecord => {
        const name = `c${client}`;
        if (!opens) return { kind: 'disconnect', client: name, connection: connection(name), atUs, clean };
        connections.set(name, (connections.get(name) ?? 0) + 1);
        return { kind: 'connect', client: name, connection: connection(name), atUs };
      });
      return { ...plain, records: [...carried, ...changes] };
    });
  });

function operationOf({ kind, device, by }: { kind: LifeOperation['kind']; device: number; by: number }): LifeOperation {
  const key = `plant/d${device}`;
  const series = { device: `d${device}`, tags: { site: 'plant' } };
  switch (kind) {
    case 'rename':
      return { kind, key, label: `press ${by}` };
    case 'replace':
      return { kind, key, by: `plant/d${by}`, series };
    case 'undo-replace':
      return { kind, key, by: `plant/d${by}` };
    case 'give':
      return { kind, key, to: `plant/d${by + 10}`, partition: 1, series };
    case 'release':
      return { kind, key, to: `plant/d${by + 10}`, partition: 1 };
    case 'erase':
      return { kind, key, series };
    default:
      return { kind, key };
  }
}
