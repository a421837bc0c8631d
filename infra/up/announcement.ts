import { relative } from 'node:path';
import type { Config } from '../config/schema.ts';
import { labelled } from '../terminal/labelled.ts';
import { bytesText, durationText, plural, rateText } from '../terminal/quantities.ts';
import type { Style } from '../terminal/style.ts';
import { dashboardUrl } from './own-dashboard.ts';
import { reachable } from './ports.ts';
import type { Servers } from './servers.ts';

/** What a person who has started Millrace has to know, above the line that changes. */
export function announcement(style: Style, config: Config, servers: Servers, version: string, isDemo: boolean): string {
  const data = relative(process.cwd(), config.data);
  const shown = data === '' || data.startsWith('..') ? config.data : data;
  const { mqtt } = config;
  const mqttHost = reachable(mqtt.host);
  const target = mqtt.port === 1883 && mqttHost === '127.0.0.1' ? '' : ` -h ${mqttHost} -p ${mqtt.port}`;
  const lines = [
    labelled(
      style,
      'millrace',
      `${style.bold(version)}, data in ${shown}/, ${plural(config.log.partitions, 'partition')}`,
    ),
    labelled(style, 'durability', durabilityText(servers)),
    '',
    labelled(style, 'dashboard', style.cyan(dashboardUrl(config)) + everywhere(config.http.host)),
    labelled(style, 'mqtt', style.cyan(`mqtt://${mqttHost}:${mqtt.port}`) + everywhere(mqtt.host)),
    ...(config.tls ? [labelled(style, 'mqtt, TLS', style.cyan(`mqtts://${mqttHost}:${mqtt.tls}`))] : []),
  ];
  if (isDemo) {
    const command = `mosquitto_pub${target} -t sensors/plant1/press-7 -m '{"temperature": 91.5}' -q 1`;
    lines.push(labelled({ ...style, columns: Infinity }, 'try', command)); // In one piece, to be copied.
  }
  return [...lines, ''].join('\n');
}

/** A client on this machine goes by loopback; others by any address of the machine. */
function everywhere(host: string): string {
  return ['0.0.0.0', '::', ''].includes(host) ? ', and at every address of this machine' : '';
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
