import fc from 'fast-check';
import { expect, it } from 'vitest';
import { percentileNames } from '../../../events/window.ts';
import { configSchema } from '../../../infra/config/schema.ts';
import { fieldPlan } from './field-plan.ts';
import { FieldState } from './field-state.ts';

const aggregates = [...percentileNames];
const plan = fieldPlan(configSchema.parse({ windows: [{ name: '1m', size: '1m', aggregates }] }).windows[0]!);

it('no percentile is beyond the least and the greatest value', () => {
  const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, (numbers) => {
      const state = new FieldState(plan);
      for (const [at, value] of numbers.entries()) state.add(value, at);
      const result = state.result(plan);
      for (const name of percentileNames) {
        expect(result[name]).toBeGreaterThanOrEqual(result.min!);
        expect(result[name]).toBeLessThanOrEqual(result.max!);
      }
    }),
  );
});
