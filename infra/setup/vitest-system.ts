import { prepare } from './prepare.ts';

/** Before the tests of the whole system: servers, the dashboard's build and a browser. */
export default async function setUp(): Promise<void> {
  await prepare({ servers: ['nats-server', 'influxd'], web: true, tools: ['chromium'] });
}
