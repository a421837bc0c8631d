import { describe, expect, it } from 'vitest';
import { HeldLease } from './lease.ts';

/** A lease of 3 s that was confirmed at 0, on a clock that the test sets. */
function leaseAt() {
  const clock = { nowMs: 0 };
  return { clock, lease: new HeldLease('partition.0', () => clock.nowMs, 3_000, 0) };
}

/** Whether a promise has settled by the next turn. */
const settled = (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(
      () => 'resolved',
      (error: unknown) => (error as { code?: string }).code ?? 'rejected',
    ),
    new Promise((resolve) => setImmediate(resolve, 'waits')),
  ]);

describe('a lease', () => {
  it.each<[nowMs: number, valid: boolean, confirmed: string]>([
    [0, true, 'resolved'],
    [2_999, true, 'resolved'],
    [3_000, false, 'waits'],
    [3_600_000, false, 'waits'],
  ])('after %i ms without a renewal', async (nowMs, valid, confirmed) => {
    const { clock, lease } = leaseAt();
    clock.nowMs = nowMs;
    expect(lease.isValid).toBe(valid);
    expect(await settled(lease.confirmed())).toBe(confirmed);
    expect(lease.signal.aborted).toBe(false);
  });

  it('whoever slept and wakes waits until it is renewed, or learns that it is lost', async () => {
    const { clock, lease } = leaseAt();
    clock.nowMs = 60_000;
    const waiting = lease.confirmed();
    expect(await settled(waiting)).toBe('waits');
    // Sent before the sleep and answered after it: that says nothing of now.
    lease.confirm(100);
    expect(await settled(waiting)).toBe('waits');
    lease.confirm(59_990);
    expect(await settled(waiting)).toBe('resolved');
    clock.nowMs = 120_000;
    const again = lease.confirmed();
    lease.lose('another process has it');
    expect(await settled(again)).toBe('FENCED');
    expect(lease.signal.aborted).toBe(true);
    lease.confirm(120_000);
    expect(await settled(lease.confirmed())).toBe('FENCED');
  });

  it('one that is to finish stays valid meanwhile', async () => {
    const { lease } = leaseAt();
    lease.finish();
    expect(lease.signal.aborted).toBe(true);
    expect(await settled(lease.confirmed())).toBe('resolved');
  });
});
