import { differences } from '../config/differences.ts';
import { enrichedTags } from '../config/enriched-tags.ts';
import type { Config } from '../config/schema.ts';

/** Settings that services read at their start; the rest comes with the log. */
const atStart = [
  'mqtt',
  'http',
  'tls',
  'auth',
  'ingestHttp',
  'nats',
  'influx',
  'log',
  'commands',
  'webhooks',
  'webhookNetworks',
  'bridges',
] as const;

/** What of the new configuration takes effect at the next start only, as `mqtt.port 1883 -> 1884`. */
export function restartNeeds(running: Config, next: Config): string[] {
  const tags = (config: Config) => enrichedTags(config.transforms).toSorted().join();
  // Windows and computed points are stored by these names, apart from the log.
  const enrichment = tags(running) === tags(next) ? [] : ['tags of transforms, for stored windows and computed points'];
  const settings = atStart.flatMap((part) => {
    const [before, after] = [withoutPassword(running[part]), withoutPassword(next[part])];
    if (Array.isArray(after) || Array.isArray(before))
      return JSON.stringify(withoutSecrets(before)) === JSON.stringify(withoutSecrets(after)) ? [] : [part];
    // What the file leaves open was filled in at the start: ports of 0, the log's size.
    const open = (key: string) => [undefined, 0].includes((after as Record<string, undefined | 0>)[key]);
    return differences(before ?? {}, after ?? {})
      .filter(({ key }) => !open(key))
      .map(({ text }) => `${part}.${text}`);
  });
  return [...settings, ...enrichment];
}

/** A running one is known by its hash alone, and none is shown. */
function withoutPassword<T>(part: T): T {
  if (!isMap(part) || !('password' in part)) return part;
  return { ...part, password: undefined };
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
