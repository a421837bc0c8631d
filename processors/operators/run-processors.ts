import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { ProcessorSet } from '../custom/processor-set.ts';
import type { Step } from '../step.ts';
import { momentOf } from './moment-of.ts';

/** Users' own processors see the readings; what they derive and say about alerts is in the step. */
export function runProcessors(
  config: () => ProcessingConfig,
  processors: ProcessorSet,
): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    processors.push(step, momentOf(step, config()));
    return step;
  });
}
