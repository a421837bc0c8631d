import { expect, it } from 'vitest';
import { nextPressure, type Load, type Pressure } from './pressure.ts';

const easy: Load = { log: 'ok', atCap: false, relieved: true };

it.each<[Pressure, Partial<Load>, Pressure]>([
  ['open', {}, 'open'],
  ['open', { relieved: false }, 'open'],
  ['open', { atCap: true, relieved: false }, 'saturated'],
  ['saturated', { relieved: false }, 'saturated'],
  ['saturated', {}, 'open'],
  ['open', { log: 'unreachable' }, 'open'],
  ['open', { log: 'unreachable', atCap: true, relieved: false }, 'saturated'],
  ['open', { log: 'full' }, 'full'],
  ['full', { log: 'full' }, 'full'],
  ['full', {}, 'open'],
  ['full', { relieved: false }, 'saturated'],
  ['saturated', { log: 'full', atCap: true, relieved: false }, 'full'],
])('%s with %j -> %s', (present, load, expected) => expect(nextPressure(present, { ...easy, ...load })).toBe(expected));
