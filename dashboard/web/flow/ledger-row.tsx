import type { LogGap } from '../../../events/ledger.ts';
import type { LedgerFigures } from '../../../events/pipeline.ts';
import { Mark } from '../parts/marks.tsx';
import { pluralCount } from '../words/plurals.ts';
import { gapText } from '../words/gaps.ts';
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
      <Balance difference={ledger.difference} gaps={ledger.gaps} />
    </p>
  );
}

/** "balanced", or what is missing or counted twice, and what could not be read at all. */
export function Balance({ difference, gaps = [] }: { difference: number; gaps?: readonly LogGap[] }) {
  if (difference === 0) {
    const latest = gaps.at(-1);
    return (
      <span class="st">
        <Mark kind={latest === undefined ? 'ok' : 'warning'} /> balanced
        {latest !== undefined && `, ${pluralCount(gaps.length, 'gap')}: ${gapText(latest)}`}
      </span>
    );
  }
  return (
    <span class="st crit">
      <Mark kind="critical" /> {everyDigit(Math.abs(difference))} {difference > 0 ? 'missing' : 'counted twice'}
    </span>
  );
}
