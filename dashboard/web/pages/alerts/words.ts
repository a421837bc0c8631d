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
