import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import type { Step } from '../step.ts';
import { momentOf } from './moment-of.ts';

/** Rules judge the readings and the windows that closed. */
export function judgeRules(config: () => ProcessingConfig, rules: RuleSet): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { partition, sequence, transitions } = step;
    const moment = momentOf(step, config());
    rules.advance({ partition, sequence, index: -1 }, moment, transitions);
    for (const reading of step.readings) rules.judgeReading(reading, moment, transitions);
    for (const window of step.windows) rules.judgeWindow(window, moment, transitions);
    return step;
  });
}
