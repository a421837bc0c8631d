import type { ConfigPath, Problem } from './problem.ts';

/** What environment variables and flags set: stronger than the file, flags strongest. */
interface Setting {
  readonly path: ConfigPath;
  readonly variable: string;
  /** Commander's name of the flag and its text. */
  readonly flag?: readonly [key: keyof ConfigFlags, text: string];
  readonly isPort: boolean;
}

/** Flags that set something of the configuration, as the command line gives them. */
export interface ConfigFlags {
  readonly data?: string;
  readonly mqttPort?: string;
  readonly httpPort?: string;
}

export const settings: readonly Setting[] = [
  { path: ['mqtt', 'host'], variable: 'MILLRACE_HOST', isPort: false },
  { path: ['http', 'host'], variable: 'MILLRACE_HOST', isPort: false },
  { path: ['ingestHttp', 'host'], variable: 'MILLRACE_HOST', isPort: false },
  { path: ['http', 'password'], variable: 'MILLRACE_PASSWORD', isPort: false },
  { path: ['mqtt', 'port'], variable: 'MILLRACE_MQTT_PORT', flag: ['mqttPort', '--mqtt-port'], isPort: true },
  { path: ['mqtt', 'tls'], variable: 'MILLRACE_MQTTS_PORT', isPort: true },
  { path: ['http', 'port'], variable: 'MILLRACE_HTTP_PORT', flag: ['httpPort', '--http-port'], isPort: true },
  { path: ['ingestHttp', 'port'], variable: 'MILLRACE_INGEST_HTTP_PORT', isPort: true },
  { path: ['nats', 'port'], variable: 'MILLRACE_NATS_PORT', isPort: true },
  { path: ['nats', 'url'], variable: 'MILLRACE_NATS_URL', isPort: false },
  { path: ['influx', 'port'], variable: 'MILLRACE_INFLUX_PORT', isPort: true },
  { path: ['influx', 'url'], variable: 'MILLRACE_INFLUX_URL', isPort: false },
  { path: ['influx', 'token'], variable: 'MILLRACE_INFLUX_TOKEN', isPort: false },
  { path: ['influx', 'org'], variable: 'MILLRACE_INFLUX_ORG', isPort: false },
  { path: ['influx', 'bucket'], variable: 'MILLRACE_INFLUX_BUCKET', isPort: false },
  { path: ['data'], variable: 'MILLRACE_DATA', flag: ['data', '--data'], isPort: false },
];

export interface Overridden {
  readonly value: Record<string, unknown>;
  readonly problems: readonly Problem[];
  /** Name of the variable or flag that set what stands at a path (as text). */
  readonly origins: ReadonlyMap<string, string>;
}

/** Lays environment and flags over what the file says. An empty variable counts as not set. */
export function override(
  file: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  flags: ConfigFlags,
): Overridden {
  const value = structuredClone(file) as Record<string, unknown>;
  const problems: Problem[] = [];
  const origins = new Map<string, string>();
  for (const { path, variable, flag, isPort } of settings) {
    const flagText = flag && flags[flag[0]];
    const text = flagText ?? env[variable];
    if (text === undefined || text === '') continue;
    const origin = flagText === undefined ? variable : flag![1];
    if (isPort && !/^\d{1,5}$/.test(text)) {
      problems.push({ at: origin, message: `must be a port from 0 to 65535, is "${text}"` });
      continue;
    }
    origins.set(path.join('.'), origin);
    set(value, path as readonly string[], isPort ? Number(text) : text);
  }
  return { value, problems, origins };
}

function set(root: Record<string, unknown>, path: readonly string[], leaf: unknown): void {
  let at = root;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    // A part that is not a map stays as it is: the schema says what is wrong with it.
    if (next !== undefined && next !== null && (typeof next !== 'object' || Array.isArray(next))) return;
    at = (at[key] ??= {}) as Record<string, unknown>;
  }
  at[path.at(-1)!] = leaf;
}
