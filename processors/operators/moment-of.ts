import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Moment } from '../rules/alert-cell.ts';
import type { Step } from '../step.ts';

/** Where the log's time stands in a step. */
export function momentOf({ nowUs, elapsedUs }: Step, { alerts }: ProcessingConfig): Moment {
  return { nowUs, elapsedUs, historicalBeforeUs: nowUs - alerts.maxAge * 1e3 };
}
