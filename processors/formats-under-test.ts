import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { PublishRecord } from '../events/record.ts';
import { checkout } from '../infra/setup/checkout.ts';
import { createIntake } from './intake.ts';
import type { Step } from './step.ts';
import { logOf, publish, stepsOf, testConfig } from './test-log.ts';

/** For tests: the configurations of docs/formats.md, and what payloads become under each. */

/** A payload under the configuration of a section of the page, and the readings that it becomes; none: it is dropped. */
export type Case = readonly [section: string, topic: string, payload: string | Uint8Array, expected: readonly object[]];

/** Configurations by heading, of one part of the page. */
export function sectionsOf(part: 'Payload formats' | 'Profiles'): ReadonlyMap<string, string> {
  const text = readFileSync(join(checkout, 'docs/formats.md'), 'utf8');
  const own = text.split(/^# /m).find((one) => one.startsWith(`${part}\n`))!;
  const found = own
    .split(/^## /m)
    .map((one) => [one.split('\n')[0]!, /```yaml\n([\s\S]*?)```/.exec(one)?.[1]] as const);
  return new Map(found.filter((section): section is [string, string] => section[1] !== undefined));
}

const sections = new Map([...sectionsOf('Payload formats'), ...sectionsOf('Profiles')]);

/** What the intake makes of publishes under the configuration of a section. */
export function take(
  section: string,
  ...publishes: [topic: string, payload: string | Uint8Array, over?: Partial<PublishRecord>][]
): Step {
  const config = testConfig(parse(sections.get(section)!));
  const records = publishes.map(([topic, payload, over], i) => publish(topic, payload, { packetId: i + 1, ...over }));
  const { operator } = createIntake({ config, partition: 0, partitions: 1 });
  return stepsOf(operator, logOf([1, ...records]))[0]!;
}

/** Expects a case to become what it says, with no field more. */
export function expectReadings([section, topic, payload, expected]: Case): void {
  const { readings, quarantined, filtered, received } = take(section, [topic, payload]);
  expect(quarantined).toEqual([]);
  expect(readings).toMatchObject(expected);
  expect(readings.map(({ fields }) => Object.keys(fields).length)).toEqual(
    expected.map((one) => Object.keys((one as { fields?: object }).fields ?? { any: 1 }).length),
  );
  // What is dropped is counted, of no device.
  const origin = { partition: 0, sequence: 1, index: 0 };
  expect(filtered).toEqual(expected.length > 0 ? [] : [{ key: null, transform: null, origin }]);
  expect(received).toBe(readings.length + filtered.length);
}

export const utc = (text: string) => Date.parse(text) * 1e3;
