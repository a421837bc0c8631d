import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CommandsAnswer } from '../../events/api-commands.ts';
import type { CommandView } from '../../events/command.ts';
import { runCommand, startMillrace, until, type Millrace } from '../millrace.ts';

let millrace: Millrace;
let device: MqttClient;
const heard: string[] = [];
const path = '/api/v1/devices/plant1%2Fpress-7/commands';

beforeAll(async () => {
  millrace = await startMillrace();
  device = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { clientId: 'press-7', clean: false });
  device.on('message', (_topic, payload) => heard.push((JSON.parse(payload.toString()) as { id: string }).id));
  await device.publishAsync('sensors/plant1/press-7', '{"temperature":20}', { qos: 1 });
  await device.subscribeAsync('sensors/plant1/press-7/commands/#', { qos: 1 });
  await until('the device is known', async () => (await fetch(`${millrace.url}${path}`)).status === 200);
});
afterAll(async () => {
  await device?.endAsync(true);
  await millrace?.[Symbol.asyncDispose]();
});

async function post(body: object): Promise<CommandView> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(millrace.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(202);
  return (await response.json()) as CommandView;
}

const stateOf = async (id: string) => ((await millrace.get(`${path}/${id}`)) as CommandView).state;

it('by REST: reaches the device and is acknowledged; the readings and their ledger are as without it', async () => {
  const { id } = await post({ command: 'reboot' });
  await until('it is acknowledged', async () => (await stateOf(id)) === 'acknowledged');
  expect(heard).toContain(id);
  await until('the ledger is balanced', async () => {
    const { received, stored, quarantined } = await millrace.ledger();
    return received === 1 && stored === 1 && quarantined === 0;
  });
});

it('by the command line: shows each step and ends when it is acknowledged', async () => {
  const done = await runCommand(['command', 'plant1/press-7', 'set', '{"level":3}', '--id', 'cli-1'], millrace.env);
  expect(done.stderr).toBe('');
  expect(done.code).toBe(0);
  for (const text of ['requested', 'id cli-1', 'sent', 'to press-7, attempt 1', 'acknowledged'])
    expect(done.stdout).toContain(text);
  const unknown = await runCommand(['command', 'plant1/nobody', 'set'], millrace.env);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('There is no device "plant1/nobody".')]);
});

it('kill -9 of the dashboard and of ingest: the command goes on, and is known afterwards', async () => {
  await device.endAsync();
  const { id } = await post({ command: 'reboot', timeout: '2m' });
  await millrace.kill9('dashboard');
  await millrace.kill9('ingest');
  await until('ingest is back', async () => {
    device = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { clientId: 'press-7', clean: false });
    return true;
  });
  await until('it is acknowledged', async () => (await stateOf(id)) === 'acknowledged');
  const list = (await millrace.get(path)) as CommandsAnswer;
  expect(list.items.map((item) => item.state)).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
});
