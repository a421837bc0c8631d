import type { Transition } from '../../events/alert.ts';
import { groupName } from '../../events/group-name.ts';
import { clockText } from './quantities.ts';
import type { Style } from './style.ts';

/**
 * `10:38:50  firing    press-7  temperature above 85 °C (87.2)`; null for steps that concern nobody.
 * @param unitOf the unit of a field, '' without one
 */
export function transitionLine(style: Style, transition: Transition, unitOf: (field: string) => string): string | null {
  const { notify, condition, field, value, threshold, decidedAtUs, severity } = transition;
  if (notify === null) return null;
  const paint = notify === 'resolved' ? style.dim : severity === 'critical' ? style.red : style.yellow;
  const unit = unitOf(field);
  const measured = value === null ? '' : ` (${valueText(value, threshold)})`;
  // The unit belongs to the limit, before how long it has to hold: `vibration above 7.1 mm/s for 3s`.
  const withUnit = unit === '' ? condition : condition.replace(/( for \d\S*)?$/, ` ${unit}$1`);
  const what = `${withUnit}${measured}`;
  return `  ${style.dim(clockText(decidedAtUs / 1000))}  ${paint(notify.padEnd(8))}  ${style.bold(groupName(transition))}  ${what}`;
}

/** Four digits, more where they stand before the point, or where fewer would put the value on its limit or beyond. */
function valueText(value: number, threshold: number): string {
  const whole = Math.trunc(Math.abs(value)).toString().length;
  const side = Math.sign(value - threshold);
  for (let digits = Math.max(4, Math.min(whole, digitsMax)); digits < digitsMax; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.sign(rounded - threshold) === side) return String(rounded);
  }
  return String(value);
}

/** Of a double: no two are the same with so many. */
const digitsMax = 17;
