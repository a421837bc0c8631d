import type { DeviceRule } from '../../../events/api.ts';
import type { AlertStatus, DeviceState } from '../../../events/device.ts';
import type { RuleConfig } from '../../../infra/config/schema.ts';

/** The rules that concern a device, with their states: `where` holds for it, and it has sent the field. */
export function deviceRules(
  rules: readonly RuleConfig[],
  device: Pick<DeviceState, 'device' | 'tags' | 'fields'>,
  statuses: readonly AlertStatus[],
): readonly DeviceRule[] {
  return rules
    .filter((rule) => rule.field in device.fields && concerns(rule, device))
    .map((rule) => {
      const status = statuses.find((one) => one.rule === rule.name && one.field === rule.field);
      return {
        rule: rule.name,
        field: rule.field,
        window: rule.window ?? null,
        aggregate: rule.aggregate ?? null,
        severity: rule.severity,
        above: rule.above ?? rule.outside?.[1] ?? null,
        below: rule.below ?? rule.outside?.[0] ?? null,
        clear: rule.clear ?? null,
        forMs: rule.for,
        staleMs: rule.stale,
        condition: status?.condition ?? condition(rule),
        state: status?.state ?? 'unknown',
        sinceUs: status?.sinceUs ?? null,
        value: status?.value ?? null,
      };
    });
}

function concerns(rule: RuleConfig, { device, tags }: Pick<DeviceState, 'device' | 'tags'>): boolean {
  return Object.entries(rule.where).every(([name, value]) => (name === 'device' ? device : tags[name]) === value);
}

function condition(rule: RuleConfig): string {
  const subject = rule.window === undefined ? rule.field : `${rule.window} ${rule.aggregate} of ${rule.field}`;
  if (rule.above !== undefined) return `${subject} above ${rule.above}`;
  if (rule.below !== undefined) return `${subject} below ${rule.below}`;
  return `${subject} outside ${rule.outside?.[0]} to ${rule.outside?.[1]}`;
}
