import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMillrace, until, type Millrace, type PartName } from '../millrace.ts';

/** `kill -9` of ingest and processors while clients send readings over HTTP, each under a key, until it is answered. */
let millrace: Millrace;
const readings = 900;
const clients = 6;
const parts: readonly PartName[] = ['ingest', 'ingest-2', 'processors'];

beforeAll(async () => void (millrace = await startMillrace({ processes: { ingest: 2 } })));
afterAll(() => millrace?.[Symbol.asyncDispose]());

/** Whether it was answered with 200. The reading has no time of its own: nothing but its key tells a repeat. */
async function send(number: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${millrace.ports.ingestHttp}/api/v1/readings`, {
      method: 'POST',
      headers: { 'idempotency-key': `reading-${number}`, connection: 'close' },
      body: JSON.stringify({ device: `press-${number % 10}`, tags: { site: 'plant1' }, fields: { number } }),
    });
    await answer.text();
    return answer.status === 200;
  } catch {
    return false; // the process is being killed
  }
}

it('each reading is stored once, whatever was repeated, over processes and their restarts', async () => {
  let next = 0;
  let answered = 0;
  const client = async () => {
    while (next < readings) {
      const number = next++;
      await until(`reading ${number} is answered`, () => send(number));
      // One in three is sent again, as by a client that never heard the answer; maybe to the other process.
      if (number % 3 === 0) await until(`reading ${number} is answered again`, () => send(number));
      answered++;
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  for (const [i, part] of parts.entries()) {
    await until('some are answered', () => answered >= ((i + 1) * readings) / (parts.length + 1));
    await millrace.kill9(part);
  }
  await all;
  // Long after: those of before the restarts are known still.
  for (let number = 0; number < readings; number += 10) await until(`reading ${number} again`, () => send(number));

  const stored = await until('InfluxDB holds them', async () => {
    const rows = await millrace.influx(`SELECT number FROM readings WHERE site = 'plant1'`);
    const { received, stored: inInflux, duplicate } = await millrace.ledger();
    return received === inInflux + duplicate && rows.length >= readings && rows;
  });
  expect(stored.map(({ number }) => Number(number)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: readings }, (_, i) => i),
  );
  expect((await millrace.ledger()).duplicate).toBeGreaterThanOrEqual(readings / 3 + readings / 10);
});
