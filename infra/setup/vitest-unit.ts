import { prepare } from './prepare.ts';

/** Before the tests beside the code: the servers that some of them start. */
export default async function setUp(): Promise<void> {
  await prepare({ servers: ['nats-server', 'influxd'] });
}
