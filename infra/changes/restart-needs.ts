import { differences } from '../config/differences.ts';
import { enrichedTags } from '../config/enriched-tags.ts';
import type { Config } from '../config/schema.ts';

/** Settings that services read at their start; the rest comes with the log. */
const atStart = ['mqtt', 'http', 'ingestHttp', 'nats', 'influx', 'log', 'webhooks', 'webhookNetworks'] as const;

/** What of the new configuration takes effect at the next start only, as `mqtt.port 1883 -> 1884`. */
export function restartNeeds(running: Config, next: Config): string[] {
  const tags = (config: Config) => enrichedTags(config.transforms).toSorted().join();
  // History and computed points go by these names, and do not read the log.
  const enrichment = tags(running) === tags(next) ? [] : ['tags of transforms, for history'];
  const settings = atStart.flatMap((part) => {
    const [before, after] = [running[part], next[part]];
    if (Array.isArray(after) || Array.isArray(before))
      return JSON.stringify(withoutSecrets(before)) === JSON.stringify(withoutSecrets(after)) ? [] : [part];
    // What the file leaves open was filled in at the start: ports of 0, the log's size.
    const open = (key: string) => [undefined, 0].includes((after as Record<string, undefined | 0>)[key]);
    return differences(before ?? {}, after ?? {})
      .filter(({ key }) => !open(key))
      .map(({ text }) => `${part}.${text}`);
  });
  // The dashboard lists them as they were at its start; what they give it shows at once.
  const shown = (['fields', 'windows', 'rules'] as const).filter(
    (part) => JSON.stringify(running[part]) !== JSON.stringify(next[part]),
  );
  const dashboard = shown.length === 0 ? [] : [`${shown.join(', ')} as the dashboard lists them`];
  return [...settings, ...enrichment, ...dashboard];
}

/** Secrets that were generated at the start are in no file. */
function withoutSecrets(list: unknown): unknown {
  return Array.isArray(list)
    ? list.map((entry: unknown) => (isMap(entry) ? { ...entry, secret: undefined } : entry))
    : list;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
