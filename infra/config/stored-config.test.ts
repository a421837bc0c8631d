import { expect, it } from 'vitest';
import { configSchema, processingConfig, type ProcessingConfig } from './schema.ts';
import { completed } from './stored-config.ts';

/** As version 0.1.0 wrote it. */
const first = {
  topics: [{ template: 'sensors/{site}/{device}', format: 'json' }],
  fields: [{ name: 'temperature', unit: '°C' }],
  windows: [{ name: '1m', kind: 'tumbling', size: 60_000, lateness: 2_000, idle: 30_000, fields: ['temperature'] }],
  rules: [
    {
      name: 'hot',
      field: 'temperature',
      window: '1m',
      aggregate: 'mean',
      above: 60,
      for: 0,
      stale: 300_000,
      severity: 'critical',
    },
  ],
  processors: [],
  clock: { maxAhead: 60_000 },
  alerts: { maxAge: 3_600_000 },
  limits: { payloadMax: 262_144, devicesMax: 10 },
} as unknown as ProcessingConfig;

it('what an earlier version did not know has its default, what it said stays', () => {
  const config = completed(first);
  const now = processingConfig(
    configSchema.parse({
      topics: [{ template: 'sensors/{site}/{device}', format: 'json' }],
      fields: [{ name: 'temperature', unit: '°C' }],
      windows: [{ name: '1m', size: '1m', lateness: '2s', fields: ['temperature'] }],
      rules: [{ name: 'hot', field: 'temperature', window: '1m', aggregate: 'mean', above: 60, severity: 'critical' }],
      limits: { devicesMax: 10 },
    }),
  );
  // What a file means is expanded when it is read: what is stored stays what was in force.
  expect(config).toEqual({ ...now, topics: first.topics, state: { retain: Number.POSITIVE_INFINITY } });
});

it('a version of now is what it was', () => {
  const now = processingConfig(
    configSchema.parse({
      windows: [{ name: 'w', kind: 'session', gap: '1s', by: [], retain: '1s' }],
      transforms: [{ name: 't', drop: ['x'], where: { site: 'a' } }],
      joins: [{ name: 'j', left: { field: 'a' }, right: { field: 'b' }, tolerance: '1s', expression: 'left' }],
      state: { retain: '1h' },
    }),
  );
  expect(completed(JSON.parse(JSON.stringify(now)) as ProcessingConfig)).toEqual(now);
});
