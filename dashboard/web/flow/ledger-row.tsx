import type { LedgerFigures } from '../../../events/pipeline.ts';
import { Mark } from '../parts/marks.tsx';
import { everyDigit } from '../words/numbers.ts';

/** received = stored + quarantined + duplicate + filtered + in flight, every digit of it. */
export function LedgerRow({ ledger }: { ledger: LedgerFigures }) {
  const parts = [
    ['stored', ledger.stored],
    ['quarantined', ledger.quarantined],
    ['duplicate', ledger.duplicate],
    ...(ledger.filtered === 0 ? [] : [['filtered', ledger.filtered] as const]),
    ['in flight', ledger.inFlight],
  ] as const;
  return (
    <p class="ledger">
      <span>Ledger</span>
      <span>
        <b>{everyDigit(ledger.received)}</b> received
      </span>
      {parts.map(([word, amount], i) => (
        <span key={word}>
          <span class="op">{i === 0 ? '=' : '+'}</span> <b>{everyDigit(amount)}</b> {word}
        </span>
      ))}
      <Balance difference={ledger.difference} />
    </p>
  );
}

/** "balanced", or what is missing or counted twice. */
export function Balance({ difference }: { difference: number }) {
  if (difference === 0) {
    return (
      <span class="st">
        <Mark kind="ok" /> balanced
      </span>
    );
  }
  return (
    <span class="st crit">
      <Mark kind="critical" /> {everyDigit(Math.abs(difference))} {difference > 0 ? 'missing' : 'counted twice'}
    </span>
  );
}
