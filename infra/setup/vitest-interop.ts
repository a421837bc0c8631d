import { prepare } from './prepare.ts';

/** Before the tests against other people's programs: our servers and theirs. */
export default async function setUp(): Promise<void> {
  await prepare({
    servers: ['nats-server', 'influxd'],
    web: true,
    tools: ['mosquitto', 'mosquitto_pub', 'mosquitto_sub', 'paho', 'promtool'],
  });
}
