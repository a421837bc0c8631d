import type { LifeAnswer, LifeRequest } from '../../events/life.ts';
import type { DevicesPage, DevicesQuery } from '../../events/live.ts';
import { subjects } from '../../events/subjects.ts';
import type { Bus } from './connection.ts';
import { requestCore } from './core.ts';

/** Longer than the worker waits for itself to come to the operation. */
const answerWithinMs = 8_000;
const findWithinMs = 2_000;

const decoder = new TextDecoder();

/**
 * Asks the worker of a partition to do something with a device, and waits until it is done. Asking twice does it once.
 * @throws LOG_UNAVAILABLE when nobody answers in time: it may or may not be done
 */
export async function askLife(
  bus: Bus,
  partition: number,
  request: LifeRequest,
  withinMs = answerWithinMs,
): Promise<LifeAnswer> {
  const answer = await requestCore(bus, subjects.commandsLife(partition), JSON.stringify(request), withinMs);
  return JSON.parse(decoder.decode(answer)) as LifeAnswer;
}

/** The partition whose worker knows the device; null when none does. @throws LOG_UNAVAILABLE when one does not answer */
export async function findDevice(bus: Bus, partitions: number, key: string): Promise<number | null> {
  const query: DevicesQuery = { key };
  const pages = Array.from({ length: partitions }, async (_, partition) => {
    const answer = await requestCore(bus, subjects.queryDevices(partition), JSON.stringify(query), findWithinMs);
    return JSON.parse(decoder.decode(answer)) as DevicesPage;
  });
  return (await Promise.all(pages)).find(({ devices }) => devices.length > 0)?.partition ?? null;
}
