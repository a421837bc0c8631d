import type { PayloadFormat } from '../../../../events/topics.ts';

/** A way to send the first reading. */
export interface FirstReading {
  readonly label: string;
  readonly command: string;
}

const samples: Readonly<Record<string, string>> = {
  site: 'plant1',
  device: 'press-7',
  field: 'temperature',
  line: 'press',
};

/** A topic that a template takes in: `sensors/plant1/press-7`. */
export function sampleTopic(template: string): string {
  return template.replaceAll(/\{(\w+)(?:\.\.\.)?\}/g, (_, name: string) => samples[name] ?? `${name}1`);
}

/** The topic to try first: one whose payloads are plain. */
export function plainTopic<Topic extends { readonly format: PayloadFormat }>(
  topics: readonly Topic[],
): Topic | undefined {
  return topics.find(({ format }) => format === 'json' || format === 'value');
}

/** The broker's address for whoever reads the page: one that listens on all is where the page came from. */
export function brokerAddress(mqttUrl: string, pageHost: string): { host: string; port: string } {
  const { hostname, port } = new URL(mqttUrl.replace(/^mqtt/, 'http'));
  const host = ['0.0.0.0', '[::]'].includes(hostname) ? pageHost : hostname;
  return { host: host || '127.0.0.1', port: port || '1883' };
}

/**
 * Ways that work with these topics and this address, each a line for a shell.
 * @param asksWho nobody is let in without a credential; beyond this machine that is always so
 */
export function firstReadings(
  topic: { readonly template: string; readonly format: PayloadFormat },
  { mqttUrl, pageHost, asksWho }: { readonly mqttUrl: string; readonly pageHost: string; readonly asksWho: boolean },
): FirstReading[] {
  const { hostname, protocol } = new URL(mqttUrl.replace(/^mqtt/, 'http'));
  const isOpen = !asksWho && /^(127\..*|localhost|\[::1\])?$/.test(hostname);
  const { host, port } = brokerAddress(mqttUrl, pageHost);
  const address = `-h ${host.replaceAll(/[[\]]/g, '')}${port === '1883' ? '' : ` -p ${port}`}${protocol === 'https:' ? ' --cafile ca.pem' : ''}`;
  const payload = topic.format === 'json' ? `'{"temperature": 71.5}'` : '71.5';
  const message = `-q 1 -t ${sampleTopic(topic.template)} -m ${payload}`;
  if (!isOpen) {
    return [
      {
        label: 'A credential, on the machine of Millrace (of the demo: with --data .millrace/demo)',
        command: 'npx millrace device add press-7',
      },
      {
        label: 'With its secret, from any machine that has mosquitto-clients',
        command: `mosquitto_pub ${address} -i press-7 -u press-7 -P SECRET ${message}`,
      },
    ];
  }
  const url = port === '1883' ? '' : ` --url ${mqttUrl}`;
  return [
    { label: 'On this machine, with mosquitto-clients', command: `mosquitto_pub ${address} ${message}` },
    { label: 'Or with what is in this checkout', command: `npx mqtt pub ${address} ${message}` },
    { label: 'Or 200 simulated devices', command: `npx millrace simulate --devices 200 --rate 200 --seed 1${url}` },
  ];
}
