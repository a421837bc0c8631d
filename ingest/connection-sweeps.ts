import type { AccessControl } from './access/access-control.ts';
import type { RefusalAudit } from './access/refusal-audit.ts';
import type { DeviceConnection } from './connection.ts';
import type { Refusals } from './refusals.ts';

/** Bytes of packets without an end, of all clients; above it those are cut off that were silent longest. */
export const unfinishedBytesMax = 64 * 1024 * 1024;

/** Closes those not heard of for longer than their keepalive allows; who is not read cannot be blamed. */
export function closeSilent(connections: Iterable<DeviceConnection>, refusals: Refusals, nowMs: number): void {
  for (const connection of connections) {
    if (connection.destroyed) continue;
    if (connection.unread) connection.heardAtMs = nowMs;
    if (nowMs - connection.heardAtMs <= connection.silenceMaxMs) continue;
    refusals.count('silent', connection.who);
    connection.destroy();
  }
}

/** Disconnects whose credential, certificate or token is none any more. */
export function closeEnded(
  connections: Iterable<DeviceConnection>,
  {
    access,
    audit,
    refusals,
  }: { readonly access: AccessControl; readonly audit: RefusalAudit; readonly refusals: Refusals },
): void {
  for (const connection of connections) {
    const { identity, registeredAs: client, peer, destroyed } = connection;
    const ended = identity === null || destroyed ? null : access.ended(identity);
    if (ended === null) continue;
    refusals.count(ended, connection.who);
    const reason = 'It was connected, and is disconnected.';
    audit.refused(ended, { who: identity!.name, address: peer.address, client: client ?? '', reason });
    connection.destroy();
  }
}

/** Closes those with unfinished packets down to three quarters, so that the next bytes do not look for another. */
export function cutOffUnfinished(
  connections: Iterable<DeviceConnection>,
  refusals: Refusals,
  heldBytes: () => number,
): void {
  const holding = [...connections].filter(({ unfinishedBytes, destroyed }) => unfinishedBytes > 0 && !destroyed);
  holding.sort((a, b) => a.heardAtMs - b.heardAtMs);
  for (const connection of holding) {
    if (heldBytes() <= (unfinishedBytesMax * 3) / 4) return;
    refusals.count('unfinished', connection.who);
    connection.destroy();
  }
}
