import { setTimeout as pause } from 'node:timers/promises';

/** What is not stored this long after the last acknowledgement counts as missing. */
const storedWithinMs = 10_000;

export interface Stored {
  readonly stored: number;
  /** After the last acknowledgement. */
  readonly tookMs: number;
}

/** Waits until InfluxDB holds as many readings of a site as were acknowledged, or the time is over. */
export async function untilStored(influxUrl: string, site: string, acknowledged: number): Promise<Stored> {
  const startMs = performance.now();
  for (;;) {
    const stored = await countStored(influxUrl, site);
    const tookMs = performance.now() - startMs;
    if (stored >= acknowledged || tookMs > storedWithinMs) return { stored, tookMs };
    await pause(100);
  }
}

async function countStored(influxUrl: string, site: string): Promise<number> {
  const url = new URL('/query', influxUrl);
  url.searchParams.set('db', 'millrace');
  url.searchParams.set('q', `SELECT count(*) FROM readings WHERE site = '${site}'`);
  const response = await fetch(url);
  const body = (await response.json()) as {
    results: { series?: { values: (string | number)[][] }[]; error?: string }[];
  };
  const [result] = body.results;
  if (result?.error !== undefined) throw new Error(result.error);
  return Number(result?.series?.[0]?.values[0]?.[1] ?? 0);
}
