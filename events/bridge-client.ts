import type { PublishRecord } from './record.ts';

const prefix = 'bridge/';

/** The client that the log names for what a bridge took in. */
export function bridgeClient(name: string): string {
  return prefix + name;
}

/** Who sent a publish, as its record says. */
export type Sent = Pick<PublishRecord, 'client' | 'connection'>;

/** The bridge that took a publish in; null when it came another way. A client of MQTT by such a name has a connection. */
export function bridgeOf({ client, connection }: Partial<Sent>): string | null {
  return connection === '' && client?.startsWith(prefix) ? client.slice(prefix.length) : null;
}
