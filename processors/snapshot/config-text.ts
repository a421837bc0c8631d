/**
 * A part of the configuration as text, equal for equal parts whatever the order of their keys: state belongs to the
 * text it was gathered under.
 */
export function configText(config: unknown): string {
  return JSON.stringify(config, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
