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
    const { group, node, why, via } = request;
    const { topic, payload } = rebirthCommand(request, nowMs);
    const bytes = Buffer.from(payload).toString('base64');
    const message: DeviceMessage = { topic, payload: bytes, ...(via ? { via } : {}) };
    publishCore(bus, subjects.commandsRebirth, JSON.stringify(message));
    log.info({ group, node, why, bridge: via?.bridge }, 'a Sparkplug edge node is asked for its births');
  }
}
