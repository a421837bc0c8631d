import type { DeviceAnswer } from '../../../../events/api.ts';
import { fieldsMax } from './field-traces.ts';

/** Label, unit and range of a field: what the configuration says, else its bare name. */
export function fieldInfo(
  device: Pick<DeviceAnswer, 'fields'>,
  name: string,
): { readonly label: string; readonly unit: string; readonly range: readonly [number, number] | null } {
  // What is said for the device's own topic template comes before what is said for the name everywhere.
  const infos = device.fields.filter((info) => info.name === name);
  const info = infos.find(({ topic }) => topic !== null) ?? infos[0];
  return { label: info?.label || name, unit: info?.unit ?? '', range: info?.range ?? null };
}

/** The fields to chart: in alert first, then those with a rule, then numbers, by name. */
export function byUrgency({ state, rules, row }: Pick<DeviceAnswer, 'state' | 'rules' | 'row'>): string[] {
  const rank = (name: string) => {
    if (row.alert?.field === name) return 0;
    if (rules.some((rule) => rule.field === name && rule.state === 'firing')) return 1;
    if (rules.some((rule) => rule.field === name)) return 2;
    return typeof state.fields[name]!.value === 'number' ? 3 : 4;
  };
  return Object.keys(state.fields)
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .slice(0, fieldsMax);
}
