import { describe, expect, it } from 'vitest';
import { traceContext } from './trace-context.ts';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace context (examples of the specification)', () => {
  it.each([
    ['both', parent, 'congo=t61rcWkgMzE', { traceparent: parent, tracestate: 'congo=t61rcWkgMzE' }],
    ['without a state', parent, undefined, { traceparent: parent, tracestate: null }],
    [
      'a later version',
      `01${parent.slice(2)}-more`,
      undefined,
      { traceparent: `01${parent.slice(2)}-more`, tracestate: null },
    ],
    ['a state of 512', parent, 'x'.repeat(512), { traceparent: parent, tracestate: 'x'.repeat(512) }],
    ['a state of 513', parent, 'x'.repeat(513), { traceparent: parent, tracestate: null }],
    ['a state that is no header', parent, 'a=\u0000', { traceparent: parent, tracestate: null }],
    ['none', undefined, 'congo=t61rcWkgMzE', null],
    ['an unknown version', `ff${parent.slice(2)}`, undefined, null],
    ['a trace of zeros', '00-00000000000000000000000000000000-b7ad6b7169203331-01', undefined, null],
    ['a span of zeros', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01', undefined, null],
    ['upper case', parent.toUpperCase(), undefined, null],
    ['something else', 'hello', undefined, null],
  ])('%s', (_, traceparent, tracestate, expected) => expect(traceContext(traceparent, tracestate)).toEqual(expected));
});
