import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../events/audit.ts';
import { runCommand, startMillrace, until, type Millrace } from '../millrace.ts';

let millrace: Millrace;
beforeAll(async () => {
  millrace = await startMillrace();
});
afterAll(() => millrace[Symbol.asyncDispose]());

const command = (...args: string[]) => runCommand(args, millrace.env);
const connect = (options: IClientOptions = {}) =>
  connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { reconnectPeriod: 0, ...options }, false);
const ended = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

/** The first real sensor, from the command line to the page, and its end. */
describe('millrace device', () => {
  it('add: closes the door to others, prints what is to be pasted, and what it says works', async () => {
    const stranger = await connect();
    const gone = ended(stranger);
    await until('ingest has told of the stranger', () => command('device', 'list').then(() => stranger.connected));
    const { code, stdout } = await command('device', 'add', 'kitchen', '--tag', 'site=home');
    expect(code).toBe(0);
    await gone;
    for (const part of [
      'From now on nobody connects, or writes over HTTP, without a credential. 1 client was connected without',
      'MILLRACE_HOST=',
      'QoS 0, which many libraries send, is not covered',
      'PubSubClient mqtt(net);',
      'mqtt.beginMessage("sensors/home/kitchen"',
      'state_topic: sensors/home/kitchen/temperature',
      'base_topic: zigbee2mqtt',
      'Backlog MqttHost',
      '-q 1 -t sensors/home/kitchen',
    ])
      expect(stdout).toContain(part);
    const secret = /mrd_[\w-]{43}/.exec(stdout)![0];
    expect(await refusalOf({})).toBe(5);
    expect((await command('device', 'add', 'porch')).stdout).not.toContain('From now on');
    const client = await connect({ clientId: 'kitchen', username: 'kitchen', password: secret });
    await client.publishAsync('sensors/home/kitchen', '{"temperature": 21.5}', { qos: 1 });
    await until('the reading is on the page', () => millrace.get('/api/v1/devices/home%2Fkitchen').then(() => true));

    const revoked = ended(client);
    expect((await command('device', 'revoke', 'kitchen')).code).toBe(0);
    await revoked;
    expect(await refusalOf({ username: 'kitchen', password: secret })).toBe(4);
    expect((await command('device', 'revoke', 'kitchen')).code).toBe(1);
    expect((await command('device', 'list')).stdout).toMatch(/kitchen +revoked/);
    const audit = await until('the refusal is in the audit log', async () => {
      const { stdout: text } = await command('--json', 'audit');
      const entries = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as AuditEntry);
      return entries.some(({ what, who }) => what === 'bad-credential' && who === 'kitchen') && entries;
    });
    expect(audit.map(({ what, by }) => [what, by.split(':')[0]])).toEqual(
      expect.arrayContaining([
        ['credential-added', 'cli'],
        ['no-credential', ''],
        ['revoked', ''],
        ['credential-revoked', 'cli'],
      ]),
    );
    expect((await command('audit', '--limit', '2')).stdout).toMatch(/bad-credential/);
  });

  it('add: who is cut off is told on the screen of `up`, on the dashboard, and by alarms', async () => {
    const text = /\d clients? refused within a minute: no credential\. See `millrace audit`/;
    await until('`up` says so', () => text.test(millrace.output().replaceAll(/\s+/g, ' ')));
    const { figures } = (await millrace.get('/api/v1/overview')) as { figures: { alarms: string[] } };
    expect(figures.alarms).toEqual([expect.stringMatching(text)]);
    expect(await millrace.get('/api/v1/status')).toMatchObject({ asksWho: true });
  });

  it('a command finds where `up` listens by its data directory', async () => {
    expect(await runCommand(['quarantine', 'groups'], { MILLRACE_DATA: millrace.data })).toMatchObject({ code: 0 });
  });

  it('for one product gives the rules that it needs; wrong usage is told', async () => {
    const { stdout } = await command('--json', 'device', 'add', 'bridge', '--for', 'zigbee2mqtt');
    expect(JSON.parse(stdout)).toMatchObject({
      publish: ['zigbee2mqtt/#', 'homeassistant/#'],
      subscribe: ['zigbee2mqtt/#', 'homeassistant/#'],
    });
    expect((await command('device', 'add', 'x', '--for', 'toaster')).code).toBe(2);
    expect((await command('device', 'add', 'x', '--tag', 'site')).code).toBe(2);
    expect((await command('device', 'add', 'a/b')).code).toBe(1);
    expect((await command('device', 'rotate', 'bridge', '--overlap', '31d')).code).toBe(2);
    const rotated = await command('device', 'rotate', 'bridge', '--overlap', '1h');
    expect(rotated.stdout).toMatch(/mrd_[\w-]{43}[\s\S]*valid for 1h more/);
  });
});

async function refusalOf(options: IClientOptions): Promise<number | undefined> {
  const error = await connect(options).then(
    () => ({ code: 0 }),
    (reason: unknown) => reason as { code?: number },
  );
  return error.code;
}
