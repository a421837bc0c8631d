import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiError } from '../../../events/api.ts';
import type { CommandsAnswer } from '../../../events/api-commands.ts';
import type { CommandOrder, CommandQuery, CommandView, OrderAnswer } from '../../../events/command.ts';
import type { DeviceState } from '../../../events/device.ts';
import { subjects } from '../../../events/subjects.ts';
import { serveRequests } from '../../../infra/bus/core.ts';
import { until } from '../../../test/millrace.ts';
import { noLife, presenceOf, startPipeline, type PipelineUnderTest } from '../pipeline-under-test.ts';

const state = (key: string, tags: Record<string, string>): DeviceState => ({
  key,
  device: key.split('/').at(-1)!,
  tags,
  topic: `sensors/${key}`,
  fields: {},
  lastTimeUs: 1,
  lastSeenUs: 1,
  clockOffsetUs: null,
  readings: 1,
  presence: presenceOf('online'),
  life: noLife,
});

const replaced: DeviceState = {
  ...state('plant1/old', { site: 'plant1' }),
  life: { ...noLife, replacedBy: 'plant1/new' },
};

let under: PipelineUnderTest;
/** What was asked of ingest, in whose place this test is. */
const orders: CommandOrder[] = [];
let answer: (order: CommandOrder) => OrderAnswer;

const viewOf = ({ id, device, command, topic, attempts }: CommandOrder): CommandView => ({
  id,
  device,
  command,
  topic,
  state: 'requested',
  attemptsMax: attempts,
  deadlineUs: 5,
  steps: [{ state: 'requested', atUs: 1, attempt: 0, client: '', detail: '' }],
});

beforeAll(async () => {
  under = await startPipeline({
    config: {
      commands: [
        { template: 'sensors/{site}/{device}/commands/{command}' },
        { template: 'cmnd/{device}/{command}', format: 'raw', timeout: '5m', attempts: 1 },
      ],
    },
    devices: [
      state('plant1/press-7', { site: 'plant1' }),
      state('lamp', {}),
      state('a/b/c', { x: 'a', y: 'b' }),
      replaced,
    ],
  });
  const fail = (error: unknown) => {
    throw error;
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const parse = (data: Uint8Array): unknown => JSON.parse(Buffer.from(data).toString());
  serveRequests(
    under.bus,
    subjects.commandRequest,
    (data) => {
      const order = parse(data) as CommandOrder;
      orders.push(order);
      return json(answer(order));
    },
    fail,
  );
  serveRequests(
    under.bus,
    subjects.commandQuery,
    (data) => {
      const { device, id } = parse(data) as CommandQuery;
      return json(orders.filter((order) => order.device === device && (id ?? order.id) === order.id).map(viewOf));
    },
    fail,
  );
  await until('the devices are known', async () => (await under.get('/api/v1/devices/lamp')).status === 200);
  answer = (order) => ({ kind: 'accepted', command: viewOf(order) });
});
afterAll(() => under[Symbol.asyncDispose]());

const press = '/api/v1/devices/plant1%2Fpress-7/commands';

describe('a command by REST', () => {
  it('goes to ingest as the template says, and is answered with 202 and its id', async () => {
    const { status, body } = await under.send<CommandView>('POST', press, { command: 'set', json: { level: 3 } });
    expect([status, body.state]).toEqual([202, 'requested']);
    const order = orders.at(-1)!;
    expect(order).toMatchObject({
      topic: 'sensors/plant1/press-7/commands/set',
      qos: 1,
      timeoutMs: 30_000,
      attempts: 3,
      acknowledge: 'puback',
    });
    const payload = JSON.parse(Buffer.from(order.payload, 'base64').toString()) as unknown;
    expect(payload).toEqual({ id: body.id, command: 'set', payload: { level: 3 } });
    expect((await under.get<CommandView>(`${press}/${body.id}`)).body.id).toBe(body.id);
    const list = await under.get<CommandsAnswer>(press);
    expect(list.body.templates).toEqual(['sensors/{site}/{device}/commands/{command}']);
    expect(list.body.items.map(({ id }) => id)).toContain(body.id);
  });

  it('to a device that was replaced goes to its new hardware', async () => {
    const path = '/api/v1/devices/plant1%2Fold/commands';
    expect((await under.send('POST', path, { command: 'set' })).status).toBe(202);
    expect(orders.at(-1)).toMatchObject({ device: 'plant1/old', topic: 'sensors/plant1/new/commands/set' });
  });

  it('takes id, timeout, attempts and client of the request, and the template of the device', async () => {
    const body = { command: 'power', payload: 'on', id: 'mine-1', timeout: '2m', attempts: 7, client: 'gw' };
    expect((await under.send('POST', '/api/v1/devices/lamp/commands', body)).status).toBe(202);
    const { payload, ...order } = orders.at(-1)!;
    expect(order).toMatchObject({
      id: 'mine-1',
      topic: 'cmnd/lamp/power',
      timeoutMs: 120_000,
      attempts: 7,
      client: 'gw',
    });
    expect(Buffer.from(payload, 'base64').toString()).toBe('on');
  });

  it.each([
    [{ command: 'a/b' }, 'BAD_REQUEST'],
    [{ command: '#' }, 'BAD_REQUEST'],
    [{ command: '' }, 'BAD_REQUEST'],
    [{ command: 'x', payload: 'a', json: 1 }, 'BAD_REQUEST'],
    [{ command: 'x', timeout: '10ms' }, 'BAD_REQUEST'],
    [{ command: 'x', timeout: 'soon' }, 'BAD_REQUEST'],
    [{ command: 'x', attempts: 0 }, 'BAD_REQUEST'],
    [{ command: 'x', id: 'with space' }, 'BAD_REQUEST'],
    [{ command: 'x', other: 1 }, 'BAD_REQUEST'],
  ])('%j is refused', async (body, error) => {
    const before = orders.length;
    const { status, body: said } = await under.send<ApiError>('POST', press, body);
    expect([status, said.error, orders.length]).toEqual([400, error, before]);
  });

  it.each([
    ['of a known id', 200, undefined, (order: CommandOrder) => ({ kind: 'known', command: viewOf(order) }) as const],
    ['of an id taken', 409, 'ID_TAKEN', () => ({ kind: 'conflict' }) as const],
    ['beyond a bound', 409, 'TOO_MANY', () => ({ kind: 'refused', message: 'Too many.' }) as const],
  ])('%s', async (_, expected, error, says) => {
    const before = answer;
    answer = says;
    const { status, body } = await under.send<ApiError>('POST', press, { command: 'x' });
    answer = before;
    expect([status, body.error]).toEqual([expected, error]);
  });

  it('to an unknown device, to one that no template reaches, from another site', async () => {
    const send = (path: string, headers = {}) => under.send<ApiError>('POST', path, { command: 'x' }, headers);
    expect(await send('/api/v1/devices/nobody/commands')).toMatchObject({ status: 404 });
    const unreached = await send('/api/v1/devices/a%2Fb%2Fc/commands');
    expect(unreached).toMatchObject({ status: 409, body: { error: 'NO_COMMAND_TOPIC' } });
    expect(await send(press, { origin: 'http://other.example' })).toMatchObject({ status: 403 });
    expect(await under.get(`${press}/unknown`)).toMatchObject({ status: 404 });
  });
});
