import { type Ledger, ledgerDifference } from '../../events/ledger.ts';
import { countText } from './quantities.ts';
import type { Style } from './style.ts';

/** `577,440 received = 577,401 stored + 2 quarantined + 37 duplicate, balanced` */
export function ledgerLine(style: Style, ledger: Ledger): string {
  const parts = (['stored', 'quarantined', 'duplicate', 'filtered', 'inFlight'] as const)
    .filter((name) => ledger[name] > 0 || name === 'stored')
    .map((name) => `${style.bold(countText(ledger[name]))} ${name === 'inFlight' ? 'in flight' : name}`);
  const difference = ledgerDifference(ledger);
  const verdict =
    difference === 0
      ? 'balanced'
      : style.red(difference > 0 ? `${countText(difference)} missing` : `${countText(-difference)} too many`);
  return `${style.bold(countText(ledger.received))} received = ${parts.join(' + ')}, ${verdict}`;
}
