import { subjects, type DeviceMessage } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { publishCore } from '../../infra/bus/core.ts';
import type { Log } from '../../infra/log.ts';
import { rebirthCommand } from '../decode/sparkplug/rebirth-command.ts';
import type { Step } from '../step.ts';

/** Messages older than this are read again after a stop: what they asked for is no longer wanted, ms. */
const staleMs = 60_000;

/**
 * Has ingest ask edge nodes for their births. At most once, as Sparkplug's commands are: a node that goes on without a
 * birth is asked again.
 */
export function sendRebirthRequests(bus: Bus, log: Log, { rebirths, nowUs }: Step, nowMs: number): void {
  if (rebirths.length === 0 || nowMs - nowUs / 1e3 > staleMs) return;
  for (const request of rebirths) {
    const { topic, payload } = rebirthCommand(request, nowMs);
    const message: DeviceMessage = { topic, payload: Buffer.from(payload).toString('base64') };
    publishCore(bus, subjects.commandsRebirth, JSON.stringify(message));
    const { group, node, why } = request;
    log.info({ group, node, why }, 'a Sparkplug edge node is asked for its births');
  }
}
