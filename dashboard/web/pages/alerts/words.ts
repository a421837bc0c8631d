import type { Transition } from '../../../../events/alert.ts';
import type { DeviceRule } from '../../../../events/api.ts';
import type { AlertCounts } from '../../../../events/pipeline.ts';
import { duration } from '../../words/durations.ts';
import { listed, plural } from '../../words/plurals.ts';

/** "1 critical, 2 warnings", "none". */
export function countsWords(counts: AlertCounts): string {
  const parts = [
    counts.critical > 0 ? `${counts.critical} critical` : '',
    counts.warning > 0 ? plural(counts.warning, 'warning') : '',
    counts.info > 0 ? `${counts.info} info` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** "the 1m mean of temperature" or "temperature": what a rule judges. */
export function judged({ window, aggregate, field }: Pick<DeviceRule, 'window' | 'aggregate' | 'field'>): string {
  return window === null ? field : `the ${window} ${aggregate ?? 'mean'} of ${field}`;
}

/** "above 85 °C", "outside 2 and 8 bar". */
export function limitWords({ above, below }: Pick<DeviceRule, 'above' | 'below'>, unit: string): string {
  const u = unit === '' ? '' : ` ${unit}`;
  if (above !== null && below !== null)
    return `outside ${listed([String(Math.min(above, below)), String(Math.max(above, below))])}${u}`;
  return above !== null ? `above ${above}${u}` : `below ${below}${u}`;
}

/** "clears below 80 °C", "clears at 85 °C or below", "clears within its limits". */
export function clearWords(
  { above, below, clear }: Pick<DeviceRule, 'above' | 'below' | 'clear'>,
  unit: string,
): string {
  const u = unit === '' ? '' : ` ${unit}`;
  if (above !== null && below !== null) return 'clears within its limits';
  if (above !== null)
    return clear === null || clear === above ? `clears at ${above}${u} or below` : `clears below ${clear}${u}`;
  return clear === null || clear === below ? `clears at ${below}${u} or above` : `clears above ${clear}${u}`;
}

/** What happens if nothing more comes. */
export function silenceWords(device: string, { staleMs }: Pick<DeviceRule, 'staleMs'>): string {
  return `If ${device} falls silent, this becomes unknown after ${duration(staleMs)}. It does not resolve on its own.`;
}

/** "temperature", of a rule about windows "max of temperature in site-10s": what a step says was measured. */
export function measured({ field, condition }: Pick<Transition, 'field' | 'condition'>): string {
  const [subject] = /^\S+ of .+ in \S+(?= (?:above|below|outside) )/.exec(condition) ?? [];
  return subject !== undefined && subject.includes(` of ${field} in `) ? subject : field;
}

/** Why nobody knows whether it fires. */
export function unknownWords({ why }: Pick<Transition, 'why'>): string {
  switch (why) {
    case 'silence':
      return 'nothing to judge for too long';
    case 'gap':
      return 'readings are missing from the log';
    case 'edited':
      return 'the rule was edited and judges anew';
    case 'removed':
      return 'the rule was removed';
    case 'forgotten':
      return 'the device was silent for so long that it is forgotten';
    case 'retired':
      return 'the device was retired: rules leave it out';
    case 'erased':
      return 'the device was erased';
    case 'replaced':
      return 'its readings are those of the device that it replaced';
    case undefined:
      return 'unknown from here on, the reason was not recorded';
  }
}

/** What is said of an alert that is unknown now, by its last step. */
export function unknownNow(name: string, { why }: Pick<Transition, 'why'>): string {
  switch (why) {
    case 'silence':
      return `${name} fell silent while it fired. It goes on with what comes next.`;
    case 'gap':
      return 'Readings are missing from the log, so nobody knows whether it still fires. The next one decides.';
    case 'edited':
      return 'The rule was edited while it fired. What comes next decides whether it still does.';
    case 'retired':
      return `${name} was retired. Rules judge it again when it is revived.`;
    case 'removed':
    case 'forgotten':
    case 'erased':
    case 'replaced':
    case undefined:
      return 'Nobody knows whether it still fires. What comes next decides.';
  }
}
