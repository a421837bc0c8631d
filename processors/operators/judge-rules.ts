import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { WindowResult } from '../../events/window.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import type { Step } from '../step.ts';
import { departing } from './departing.ts';
import { momentOf } from './moment-of.ts';

/** Rules judge the readings and the windows that closed. */
export function judgeRules(config: () => ProcessingConfig, rules: RuleSet): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { partition, sequence, transitions } = step;
    const moment = momentOf(step, config());
    const origin = { partition, sequence, index: -1 };
    rules.advance(origin, moment, transitions);
    // The last windows of forgotten devices come before their alerts end; a device that came back has only begun.
    const gone = new Set(departing(step));
    const isLast = (window: WindowResult) =>
      window.origin.sequence === sequence && window.origin.index === -1 && gone.has(window.key);
    if (gone.size > 0)
      for (const window of step.windows) if (isLast(window)) rules.judgeWindow(window, moment, transitions);
    for (const key of gone) {
      const why = step.partings.find((parting) => parting.key === key)?.why ?? 'forgotten';
      rules.forget(key, why, origin, moment, transitions);
    }
    for (const { reading, device } of step.arrivals)
      if (!device.retired) rules.judgeReading(reading, moment, transitions, device);
    // What a rebuild brought comes of messages before this one: it was judged there.
    for (const window of step.windows)
      if (window.origin.sequence === sequence && (gone.size === 0 || !isLast(window)))
        rules.judgeWindow(window, moment, transitions);
    return step;
  });
}
