import { expect, it } from 'vitest';
import type { WindowResult } from '../../../../events/window.ts';
import { askedText } from './asked.tsx';

it.each([
  [{}, ''],
  [{ p50: 70.123, p99: 88 }, 'p50 70.1 · p99 88.0'],
  [{ distinct: 12 }, '12 distinct'],
  [{ increase: 4, rate: 0.4 }, 'increase 4.0 · rate 0.4/s'],
  [{ durations: { auto: 31.2, manual: 8 } }, 'auto 31 s · manual 8 s'],
])('%j', (more, text) => expect(askedText(more as WindowResult, 1)).toBe(text));
