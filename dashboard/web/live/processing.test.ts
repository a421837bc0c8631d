import { expect, it } from 'vitest';
import type { PartitionFigures, PipelineFigures } from '../../../events/pipeline.ts';
import { isSilent, processingOf, stoodUs } from './processing.ts';

const partition = (number: number, more: Partial<PartitionFigures> = {}): PartitionFigures => {
  return { partition: number, lagMs: 0, pending: 0, devices: 1, stopped: '', ...more };
};
function figures(partitions: readonly PartitionFigures[] | null, heardUs: number | null = 90e6): PipelineFigures {
  const lagMs = Math.max(0, ...(partitions ?? []).map((one) => one.lagMs));
  const processors = partitions && { partitions, lagMs };
  return { atUs: 100e6, processors, processorsHeardUs: heardUs } as unknown as PipelineFigures;
}

it.each([
  ['nothing known', null, null, { kind: 'running' }],
  ['all well', figures([partition(0), partition(1, { lagMs: 9_999 })]), null, { kind: 'running' }],
  ['no process reports', figures(null), 0, { kind: 'stopped', sinceMs: 90_000, reason: '' }],
  ['none ever did', figures(null, null), null, { kind: 'stopped', sinceMs: null, reason: '' }],
  [
    'one partition is behind',
    figures([partition(0), partition(1, { lagMs: 10_000 })]),
    null,
    { kind: 'behind', lagMs: 10_000 },
  ],
  ['it is not that of the device', figures([partition(0), partition(1, { lagMs: 10_000 })]), 0, { kind: 'running' }],
  [
    'its worker stopped',
    figures([partition(1, { stopped: 'full' })]),
    1,
    { kind: 'stopped', sinceMs: null, reason: 'full' },
  ],
] as const)('%s', (_, given, of, expected) => expect(processingOf(given, of)).toEqual(expected));

it.each([
  ['all well', figures([partition(0)], 98e6), false],
  ['a report is missed', figures([partition(0)], 97e6), true],
  ['its worker stopped', figures([partition(0, { stopped: 'full' })], 99e6), true],
  ['no process reports', figures(null, null), true],
] as const)('what does not come is not processed: %s', (_, given, silent) => expect(isSilent(given, 0)).toBe(silent));

it.each([
  ['while processes report', figures([]), 0],
  ['since the last report', figures(null), 10e6],
  ['as nobody knows', figures(null, null), 0],
] as const)('the log clock stands %s', (_, given, us) => expect(stoodUs(given)).toBe(us));
