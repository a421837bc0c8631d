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

/** Three ways that work with these topics and this address, each a line for a shell. */
export function firstReadings(
  topic: { readonly template: string; readonly format: PayloadFormat },
  mqttUrl: string,
): FirstReading[] {
  const { hostname, port } = new URL(mqttUrl.replace(/^mqtt/, 'http'));
  const address = `-h ${hostname || '127.0.0.1'}${port === '' || port === '1883' ? '' : ` -p ${port}`}`;
  const url = port === '' || port === '1883' ? '' : ` --url ${mqttUrl}`;
  const payload = topic.format === 'json' ? `'{"temperature": 71.5}'` : '71.5';
  const message = `-q 1 -t ${sampleTopic(topic.template)} -m ${payload}`;
  const place = /^(127\..*|localhost|\[::1\])?$/.test(hostname) ? 'On this machine, with' : 'From any machine that has';
  return [
    { label: `${place} mosquitto-clients`, command: `mosquitto_pub ${address} ${message}` },
    { label: 'Or with what is in this checkout', command: `npx mqtt pub ${address} ${message}` },
    { label: 'Or 200 simulated devices', command: `npx millrace simulate --devices 200 --rate 200 --seed 1${url}` },
  ];
}
