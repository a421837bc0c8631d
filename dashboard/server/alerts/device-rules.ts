import type { DeviceRule } from '../../../events/api.ts';
import type { AlertStatus, DeviceState } from '../../../events/device.ts';
import { partitionScope } from '../../../infra/config/fleet-scope.ts';
import type { ProcessingConfig, RuleConfig } from '../../../infra/config/schema.ts';

/**
 * The rules that concern a device, with their states: `where` holds for it, and it has sent the field. Those on what
 * spans devices judge no single one.
 */
export function deviceRules(
  config: Pick<ProcessingConfig, 'rules' | 'windows'>,
  device: Pick<DeviceState, 'device' | 'tags' | 'fields'>,
  statuses: readonly AlertStatus[],
): readonly DeviceRule[] {
  return partitionScope(config)
    .rules.filter((rule) => rule.field in device.fields && concerns(rule, device))
    .map((rule) => ruleState(rule, statuses));
}

/** A rule with the state that it has among these. */
export function ruleState(rule: RuleConfig, statuses: readonly AlertStatus[]): DeviceRule {
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
}

function concerns(rule: RuleConfig, { device, tags }: Pick<DeviceState, 'device' | 'tags'>): boolean {
  return Object.entries(rule.where).every(([name, value]) => (name === 'device' ? device : tags[name]) === value);
}

function condition(rule: RuleConfig): string {
  const subject = rule.window === undefined ? rule.field : `${rule.aggregate} of ${rule.field} in ${rule.window}`;
  if (rule.above !== undefined) return `${subject} above ${rule.above}`;
  if (rule.below !== undefined) return `${subject} below ${rule.below}`;
  return `${subject} outside ${rule.outside?.[0]} to ${rule.outside?.[1]}`;
}
