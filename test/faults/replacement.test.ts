import { connectAsync, Store, type MqttClient } from 'mqtt';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandView } from '../../events/command.ts';
import type { DeviceRow, DevicesAnswer } from '../../events/api.ts';
import { ledgerDifference } from '../../events/ledger.ts';
import { partitionOf } from '../../events/topics.ts';
import { runCommand, startMillrace, until, type Millrace, type PartName } from '../millrace.ts';

const partitions = 4;
/** Each in another partition than what it replaces, all partitions on either side. */
const pairs = Array.from({ length: partitions }, (_, at) => ({
  old: nameIn(at, 'old'),
  fresh: nameIn((at + 1) % partitions, 'new'),
}));
const betweenMs = 10;

function nameIn(partition: number, kind: string): string {
  for (let number = 0; ; number++)
    if (partitionOf(`plant1/${kind}-${number}`, partitions) === partition) return `${kind}-${number}`;
}

/** mqtt.js sends again what was not acknowledged, as it should, but leaves out the mark (DUP) that says so. */
class MarkingStore extends Store {
  override createStream(): ReturnType<Store['createStream']> {
    const marked: unknown = super.createStream().map((packet: object) => ({ ...packet, dup: true }));
    return marked as ReturnType<Store['createStream']>;
  }
}

interface Hardware {
  readonly client: MqttClient;
  /** Readings acknowledged so far: their numbers are 0 to this. */
  acknowledged: number;
  /** Readings sent so far. */
  sent: number;
  /** Numbers that were the next to be sent when a change was answered. */
  readonly changes: number[];
}

/**
 * New hardware goes on with the history of a device in another partition of the log, and is taken back, under load and
 * `kill -9` of both ingest and both processors processes (promises P1 and P4). Its readings have no time of their own:
 * nothing but the packet tells a retransmission.
 */
describe('a replacement across partitions', () => {
  let millrace: Millrace;
  const hardware = new Map<string, Hardware>();
  const over = new AbortController();
  let sending: Promise<unknown>;

  const send = async (name: string, of: Hardware) => {
    while (!over.signal.aborted) {
      const number = of.sent++;
      await of.client.publishAsync(`sensors/plant1/${name}`, JSON.stringify({ n: number }), { qos: 1 });
      of.acknowledged++;
      await pause(betweenMs);
    }
  };
  const perform = async (device: string, kind: string, body: object) => {
    const response = await fetch(`${millrace.url}/api/v1/devices/${encodeURIComponent(`plant1/${device}`)}/${kind}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, message: ((await response.json()) as { message?: string }).message ?? '' };
  };
  const row = async (device: string): Promise<DeviceRow | undefined> =>
    ((await millrace.get(`/api/v1/devices?q=device:${device}`)) as DevicesAnswer).items[0];
  const goesOn = async () => {
    const before = new Map([...hardware].map(([name, { acknowledged }]) => [name, acknowledged]));
    await until('more of each is acknowledged', () =>
      [...hardware].every(([name, { acknowledged }]) => acknowledged > before.get(name)! + 5),
    );
  };
  /** Asks until it is so: an answer may be lost with the process that has it. */
  const change = async (
    kind: string,
    body: (fresh: string) => object,
    replacedBy: (fresh: string) => string | null,
  ) => {
    for (const { old, fresh } of pairs) {
      await until(`${kind} of ${old}`, async () => {
        if ((await perform(old, kind, body(fresh))).status === 200) return true;
        return (await row(old))?.life.replacedBy === replacedBy(fresh);
      });
      const of = hardware.get(fresh)!;
      of.changes.push(of.sent);
    }
    await goesOn();
  };
  const kill = async (...parts: PartName[]) => {
    for (const part of parts) {
      await millrace.kill9(part);
      await goesOn();
    }
  };
  const stored = async () =>
    (await millrace.influx(`SELECT n, device FROM readings WHERE site = 'plant1'`)).map((point) => ({
      device: String(point.device),
      number: Number(point.n),
      time: Number(point.time),
    }));

  beforeAll(async () => {
    millrace = await startMillrace({
      log: { partitions },
      processes: { ingest: 2, processors: 2 },
      windows: [{ name: '1s', size: '1s', lateness: '0s', idle: '1s' }],
      commands: [{ template: 'sensors/{site}/{device}/commands/{command}' }],
    });
    const connect = (clientId: string, clean = false) =>
      connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, {
        clientId,
        clean,
        reconnectPeriod: 200,
        outgoingStore: new MarkingStore(),
      });
    const plant = await connect('plant', true);
    for (const { old } of pairs)
      await plant.publishAsync(`sensors/plant1/${old}`, JSON.stringify({ o: 1 }), { qos: 1 });
    await plant.endAsync();
    for (const { fresh } of pairs) {
      const client = await connect(fresh);
      client.on('error', () => {}); // a refused connection is part of the test: it reconnects
      hardware.set(fresh, { client, acknowledged: 0, sent: 0, changes: [] });
    }
    sending = Promise.all([...hardware].map(([name, of]) => send(name, of)));
    for (const { old, fresh } of pairs)
      await until(`${old} and ${fresh} are known`, async () => (await row(old)) && (await row(fresh)));
    await goesOn();

    const replacing = change(
      'replace',
      (fresh) => ({ by: `plant1/${fresh}` }),
      (fresh) => `plant1/${fresh}`,
    );
    await kill('ingest', 'processors', 'ingest-2', 'processors-2');
    await replacing;
    await kill('processors', 'ingest');
    const undoing = change(
      'undo',
      () => ({ of: 'replace' }),
      () => null,
    );
    await kill('processors-2', 'ingest-2', 'processors');
    await undoing;
    const once = change(
      'replace',
      (fresh) => ({ by: `plant1/${fresh}` }),
      (fresh) => `plant1/${fresh}`,
    );
    await kill('ingest', 'processors');
    await once;
    over.abort();
    await sending;
  }, 240_000);

  afterAll(async () => {
    over.abort();
    for (const { client } of hardware.values()) await client.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
  });

  it('each reading is stored once, under the device that it was of; the ledger is balanced', async () => {
    const total = [...hardware.values()].reduce((sum, { acknowledged }) => sum + acknowledged, pairs.length);
    await until('all is stored', async () => {
      const { stored: count, inFlight } = await millrace.ledger();
      return inFlight === 0 && count >= total;
    });
    const ledger = await millrace.ledger();
    expect(ledgerDifference(ledger)).toBe(0);
    expect(ledger).toMatchObject({ stored: total, quarantined: 0 });
    const points = (await stored()).filter(({ number }) => !Number.isNaN(number));
    for (const { old, fresh } of pairs) {
      const own = points
        .filter(({ device }) => device === old || device === fresh)
        .toSorted((a, b) => a.number - b.number);
      const { acknowledged, changes } = hardware.get(fresh)!;
      expect(own.map(({ number }) => number)).toEqual(Array.from({ length: acknowledged }, (_, number) => number));
      // Its own, the device's, its own, the device's: each in one stretch, and the device's once that was answered.
      const stretches = own.filter(({ device }, at) => at === 0 || device !== own[at - 1]!.device);
      expect(stretches.map(({ device }) => device)).toEqual([fresh, old, fresh, old]);
      expect(changes).toHaveLength(3);
      for (const [at, answeredAt] of changes.entries())
        expect(stretches[at + 1]!.number).toBeLessThanOrEqual(answeredAt);
      // In the order in which they were sent.
      for (const device of [old, fresh]) {
        const times = own.filter((point) => point.device === device).map(({ time }) => time);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }
    }
  });

  it('its windows hold each reading once', async () => {
    const points = (await stored()).filter(({ number }) => !Number.isNaN(number));
    await until('all windows are closed and stored', async () => {
      const counts = await millrace.influx(
        `SELECT sum("count") AS readings FROM "windows"."windows" WHERE "field" = 'n' GROUP BY device`,
      );
      return (
        counts.length === 2 * pairs.length &&
        counts.every(({ device, readings }) => readings === points.filter((point) => point.device === device).length)
      );
    });
  });

  it('a replay gives the same points', async () => {
    const before = await stored();
    const replayed = await runCommand(['replay', '--from', 'beginning', '--into', 'influxdb'], { ...millrace.env });
    expect(replayed).toMatchObject({ code: 0 });
    const text = (points: Awaited<ReturnType<typeof stored>>) =>
      points.map(({ device, number, time }) => `${device} ${number} ${time}`).toSorted();
    expect(text(await stored())).toEqual(text(before));
  });

  it('a command to the device reaches the new hardware, and its goodbye is the device’s', async () => {
    const { old, fresh } = pairs[0]!;
    const { client } = hardware.get(fresh)!;
    const got: string[] = [];
    client.on('message', (topic) => got.push(topic));
    await client.subscribeAsync(`sensors/plant1/${fresh}/commands/+`, { qos: 1 });
    const path = `/api/v1/devices/${encodeURIComponent(`plant1/${old}`)}/commands`;
    const asked = await fetch(`${millrace.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command: 'reboot' }),
    });
    const { id } = (await asked.json()) as CommandView;
    await until('it is acknowledged', async () => {
      const { state } = (await millrace.get(`${path}/${id}`)) as CommandView;
      return state === 'acknowledged';
    });
    expect(got).toEqual([`sensors/plant1/${fresh}/commands/reboot`]);

    expect((await row(old))?.presence.state).not.toBe('offline');
    await client.endAsync();
    await until('the device is offline', async () => (await row(old))?.presence.cause === 'goodbye');
  });

  it('what cannot be is refused, and the command line takes back, too', async () => {
    const [{ old, fresh }, other] = [pairs[0]!, pairs[1]!];
    expect(await perform(other.old, 'replace', { by: `plant1/${fresh}` })).toMatchObject({
      status: 409,
      message: expect.stringMatching(new RegExp(`are those of plant1/${old} already`)),
    });
    const undone = await runCommand(['device', 'undo', `plant1/${old}`, 'replace'], { ...millrace.env });
    expect(undone).toMatchObject({ code: 0, stdout: expect.stringMatching(/a device of its own again/) });
    await until('it is its own', async () => (await row(old))?.life.replacedBy === null);
    expect(await perform(old, 'undo', { of: 'replace' })).toMatchObject({ status: 409 });
    expect(await perform(other.old, 'erase', { confirm: `plant1/${other.old}` })).toMatchObject({ status: 200 });
    await until('it is gone', async () => (await row(other.old)) === undefined);
  });
});
