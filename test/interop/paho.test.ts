import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolPath } from '../../infra/setup/test-tools.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

const run = promisify(execFile);

/** What each script begins with: a client of whichever generation of Paho is there, and waiting for a condition. */
const prelude = `
import json, sys, time
import paho.mqtt.client as mqtt

port = int(sys.argv[1])
seen = []

def client(name, clean=True):
    args = dict(client_id=name, clean_session=clean)
    made = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, **args) if hasattr(mqtt, "CallbackAPIVersion") else mqtt.Client(**args)
    made.on_message = lambda c, u, m: seen.append([m.topic, m.payload.decode(), m.qos, bool(m.retain)])
    made.on_subscribe = lambda c, u, mid, granted, *more: setattr(made, "granted", list(granted))
    return made

def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline: raise SystemExit("waited too long")
        time.sleep(0.01)

def connect(c):
    c.connect("127.0.0.1", port)
    c.loop_start()
    until(c.is_connected)
    return c

def leave(c):
    c.disconnect()
    c.loop_stop()

def subscribe(c, topic, qos):
    c.granted = None
    c.subscribe(topic, qos)
    until(lambda: c.granted is not None)
`;

/** Eclipse Paho's client for Python: what most programs in that language use. */
describe('Paho', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace();
  });
  afterAll(() => millrace?.[Symbol.asyncDispose]());

  /** The JSON that a script prints. */
  const python = async (script: string): Promise<unknown> => {
    const { path, env } = toolPath('paho');
    const options = { env: { ...process.env, ...env }, timeout: 60_000 };
    const { stdout } = await run(path, ['-c', prelude + script, String(millrace.ports.mqtt)], options);
    return JSON.parse(stdout);
  };

  it('publishes with each QoS; what is acknowledged is stored', async () => {
    const published = await python(`
c = connect(client("paho-publisher"))
sent = [c.publish("sensors/plant1/paho-%d" % q, json.dumps({"temperature": 20.5 + q}), q) for q in (0, 1, 2)]
until(lambda: all(one.is_published() for one in sent))
leave(c)
print(json.dumps(len(sent)))
`);
    expect(published).toBe(3);
    const rows = await until('InfluxDB holds them', async () => {
      const found = await millrace.influx('SELECT temperature FROM readings WHERE device =~ /^paho-/ GROUP BY device');
      return found.length === 3 && found;
    });
    expect(rows.map((row) => row['temperature']).toSorted((a, b) => Number(a) - Number(b))).toEqual([20.5, 21.5, 22.5]);
  });

  it('a subscriber receives what is published, with the QoS of its subscription, and what was retained before', async () => {
    expect(
      await python(`
p = connect(client("paho-sender"))
kept = p.publish("sensors/plant1/kept/level", "1", 1, retain=True)
until(kept.is_published)
s = connect(client("paho-receiver"))
subscribe(s, "sensors/plant1/kept/#", 1)
until(lambda: len(seen) == 1)
p.publish("sensors/plant1/kept/level", "2", 2)
until(lambda: len(seen) == 2)
leave(s)
leave(p)
print(json.dumps(seen))
`),
    ).toEqual([
      ['sensors/plant1/kept/level', '1', 1, true],
      ['sensors/plant1/kept/level', '2', 1, false],
    ]);
  });

  it('a persistent session gets what came while it was away', async () => {
    expect(
      await python(`
s = connect(client("paho-session", clean=False))
subscribe(s, "sensors/plant1/away/#", 1)
leave(s)
p = connect(client("paho-sender"))
sent = [p.publish("sensors/plant1/away/level", str(n), 1) for n in range(5)]
until(lambda: all(one.is_published() for one in sent))
leave(p)
s = connect(client("paho-session", clean=False))
until(lambda: len(seen) == 5)
leave(s)
print(json.dumps([payload for topic, payload, qos, retain in seen]))
`),
    ).toEqual(['0', '1', '2', '3', '4']);
  });
});
