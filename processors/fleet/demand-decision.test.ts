import { expect, it } from 'vitest';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { fleetStep, isUnfinished } from './demand-decision.ts';

const asked = { version: 3, isAsked: true };
const over = { version: 3, isAsked: false };

it.each([
  ['nothing is known yet', null, null, true, null],
  ['it is asked for', null, asked, false, 'begin'],
  ['nothing asks for it', null, over, false, null],
  ['nothing asks for it, and one before left something', null, over, true, 'begin'],
  ['it runs and is asked for', { configVersion: 2 }, asked, true, null],
  ['it is no longer asked for, and not there yet', { configVersion: 2 }, over, false, null],
  ['it is there', { configVersion: 3 }, over, false, 'end'],
  ['it is beyond', { configVersion: 4 }, over, true, 'end'],
] as const)('%s', (_what, running, demand, unfinished, step) =>
  expect(fleetStep(running, demand, unfinished)).toBe(step),
);

const config = (by: string[]) => processingConfig(configSchema.parse({ windows: [{ name: 'w', size: '1s', by }] }));
const own = config(['device']);
const spanning = config(['site']);

it.each([
  ['no worker before', null, null, false],
  ['one that said something of alerts and died before its first checkpoint', null, 7, true],
  ['one that was asked for at its checkpoint', { position: 9, config: spanning }, 7, true],
  ['one that came to its end', { position: 9, config: own }, 9, false],
  ['one that was asked for again, and died before its next checkpoint', { position: 9, config: own }, 10, true],
  ['one that never said anything of alerts', { position: 9, config: own }, null, false],
] as const)('unfinished: %s', (_what, checkpoint, alertAt, unfinished) =>
  expect(isUnfinished(checkpoint, alertAt === null ? null : { sequence: alertAt, index: 0 })).toBe(unfinished),
);
