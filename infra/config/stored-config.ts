import { rule } from './rule-schema.ts';
import { configSchema, processingConfig, type ProcessingConfig } from './schema.ts';
import { join, transform } from './transform-schema.ts';
import { window } from './window-schema.ts';

/** What the schema adds to an entry that says nothing but what it has to. */
function defaultsOf<Entry extends object>(entry: Entry, said: object): Partial<Entry> {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !Object.hasOwn(said, key))) as Partial<Entry>;
}

const least = {
  window: { name: 'x', size: '1s' },
  rule: { name: 'x', field: 'x', above: 0 },
  transform: { name: 'x' },
  join: { name: 'x', left: { field: 'x' }, right: { field: 'x' }, tolerance: '1s', expression: 'left' },
};

const defaults = {
  whole: processingConfig(configSchema.parse({})),
  window: defaultsOf(window.parse(least.window), least.window),
  rule: defaultsOf(rule.parse(least.rule), least.rule),
  transform: defaultsOf(transform.parse(least.transform), least.transform),
  join: defaultsOf(join.parse(least.join), least.join),
};

/**
 * A configuration as an earlier version of Millrace stored it, with the defaults of what that did not know yet. It is in
 * the resolved form: durations in ms, sizes in bytes. What is there stays as it is.
 */
export function completed(stored: Partial<ProcessingConfig>): ProcessingConfig {
  const { whole } = defaults;
  return {
    ...whole,
    ...stored,
    clock: { ...whole.clock, ...stored.clock },
    alerts: { ...whole.alerts, ...stored.alerts },
    limits: { ...whole.limits, ...stored.limits },
    // Without the setting nothing was forgotten.
    state: { retain: Number.POSITIVE_INFINITY, ...stored.state },
    windows: (stored.windows ?? []).map((one) => ({ ...defaults.window, ...one })),
    rules: (stored.rules ?? []).map((one) => ({ ...defaults.rule, ...one })),
    transforms: (stored.transforms ?? []).map((one) => ({ ...defaults.transform, ...one })),
    joins: (stored.joins ?? []).map((one) => ({ ...defaults.join, ...one })),
  };
}
