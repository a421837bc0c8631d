import { relative } from 'node:path';
import type { Config } from '../config/schema.ts';
import { labelled } from '../terminal/labelled.ts';
import { bytesText, durationText, plural, rateText } from '../terminal/quantities.ts';
import type { Style } from '../terminal/style.ts';
import { reachOf } from './addresses.ts';
import { asksWho, firstPublish } from './first-publish.ts';
import type { Servers } from './servers.ts';

export interface Announced {
  readonly config: Config;
  readonly servers: Servers;
  readonly version: string;
  readonly isDemo: boolean;
  /** How many there are. */
  readonly credentials: number;
}

/** What a person who has started Millrace has to know, above the line that changes. */
export function announcement(style: Style, { config, servers, version, isDemo, credentials }: Announced): string {
  const data = relative(process.cwd(), config.data);
  const shown = data === '' || data.startsWith('..') ? config.data : data;
  const { mqtt, http, tls } = config;
  const lines = [
    labelled(
      style,
      'millrace',
      `${style.bold(version)}, data in ${shown}/, ${plural(config.log.partitions, 'partition')}`,
    ),
    labelled(style, 'durability', durabilityText(servers)),
    '',
    labelled(style, 'dashboard', addresses(style, tls ? 'https' : 'http', http.host, http.port)),
    labelled(style, 'mqtt', addresses(style, 'mqtt', mqtt.host, mqtt.port)),
    ...(tls ? [labelled(style, 'mqtt, TLS', addresses(style, 'mqtts', mqtt.host, mqtt.tls))] : []),
  ];
  const whole = { ...style, columns: Infinity }; // In one piece, to be copied.
  if (isDemo || !asksWho(config, credentials)) lines.push(labelled(whole, 'try', firstPublish(config, credentials)));
  if (isDemo && credentials > 0)
    lines.push(labelled(style, '', `with the name and secret of: npx millrace device add NAME${dataFlag(shown)}`));
  return [...lines, ''].join('\n');
}

/** Each on a line of its own: those for other machines first. */
function addresses(style: Style, protocol: string, host: string, port: number): string {
  const { hosts, more } = reachOf(host);
  const lines = hosts.map((one) => style.cyan(`${protocol}://${one}:${port}`));
  return [...lines, ...(more > 0 ? [`and ${plural(more, 'further address', 'further addresses')}`] : [])].join('\n');
}

/** What makes commands mean the Millrace on this data directory. */
function dataFlag(data: string): string {
  return data === '.millrace' ? '' : ` --data ${data}`;
}

function durabilityText({ durability, natsName }: Servers): string {
  switch (durability) {
    case 'power-loss':
      return `survives kill -9 of any process and power loss (${natsName} syncs each write)`;
    case 'process':
      return `survives kill -9 of any process, not power loss (${natsName} cannot sync each write)`;
    default:
      return `as good as ${natsName} syncs its writes`;
  }
}

/** `8.0 GiB hold about 3 d 4 h at 240/s` */
export function logText(maxBytes: number, bytesPerS: number, inPerS: number): string {
  return `${bytesText(maxBytes)} hold about ${durationText((maxBytes / bytesPerS) * 1000)} at ${rateText(inPerS)}`;
}
