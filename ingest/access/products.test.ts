import { afterAll, beforeAll, expect, it } from 'vitest';
import { CredentialAdmin } from '../../infra/access/credential-admin.ts';
import { productRules } from '../../infra/commands/device-snippets.ts';
import { eventually, publishPacket, runIngest, type IngestUnderTest } from '../../test/running-ingest.ts';

let ingest: IngestUnderTest;
let admin: CredentialAdmin;

beforeAll(async () => {
  ingest = await runIngest();
  admin = await CredentialAdmin.open(ingest.bus, () => Date.now() * 1_000);
});
afterAll(() => ingest[Symbol.asyncDispose]());

/**
 * What products say and ask for when they connect, with the rules that `device add --for` gives them: one publish that is
 * foreign would end each of their connections.
 */
it.each([
  // arendst/Tasmota, xdrv_02_9_mqtt.ino, MqttReconnect and MqttConnected, with SetOption90 0; its client id as it is delivered.
  [
    'tasmota',
    'DVES_15568C',
    'tele/hall/LWT',
    [
      'tele/hall/LWT',
      'cmnd/hall/POWER',
      'tele/hall/INFO1',
      'stat/hall/RESULT',
      'tasmota/discovery/DC4F2215568C/config',
    ],
    // The last one is its fallback topic.
    { 'cmnd/hall/#': 0, 'cmnd/tasmotas/#': 0, 'cmnd/DVES_15568C_fb/#': 128 },
  ],
  // Koenkk/zigbee2mqtt 2.12.1, lib/mqtt.ts, lib/extension/availability.ts and homeassistant.ts.
  [
    'zigbee2mqtt',
    'hall',
    'zigbee2mqtt/bridge/state',
    [
      'zigbee2mqtt/bridge/state',
      'zigbee2mqtt/lamp',
      'zigbee2mqtt/lamp/availability',
      'homeassistant/light/0x1/light/config',
    ],
    { 'zigbee2mqtt/#': 0, 'homeassistant/status': 0, 'homeassistant/#': 0 },
  ],
] as const)('%s connects and stays connected', async (product, clientId, will, topics, filters) => {
  const change = await admin.add({ name: 'hall', ...productRules[product] }, { by: 'test', address: '' }, 0);
  const secret = change.kind === 'done' ? change.secret! : '';
  const client = await eventually(() =>
    ingest.connected(clientId, {
      username: 'hall',
      password: Buffer.from(secret),
      will: { topic: will, payload: Buffer.from('Offline'), qos: 1, retain: true },
    }),
  );
  const subscriptions = Object.keys(filters).map((topic) => ({ topic, qos: 0 as const }));
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions });
  await eventually(() => expect(client.received('suback')).toMatchObject([{ granted: Object.values(filters) }]));
  for (const topic of topics) client.send(publishPacket(topic, '{}', { qos: 0, retain: true }));
  client.send({ cmd: 'pingreq' });
  await eventually(() => expect(client.received('pingresp')).toHaveLength(1));
  await eventually(() => {
    const stored = ingest.publishes().filter((record) => record.client === clientId);
    expect(stored.map(({ topic }) => topic).toSorted()).toEqual(topics.toSorted());
  });
  expect(client.closed).toBe(false);
  client.socket.destroy();
  await admin.revoke('hall', { by: 'test', address: '' });
});
