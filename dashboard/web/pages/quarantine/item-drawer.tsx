import type { QuarantineItem } from '../../../../events/api-intake.ts';
import { CopyText } from '../../parts/copy.tsx';
import { Drawer } from '../../parts/drawer.tsx';
import { everyDigit } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';
import { iso } from '../../words/times.ts';
import { bytesOfBase64, hexLines } from './payload.ts';

/** What was set aside, and why: the sentence, where it came from, its first bytes. */
export function ItemDrawer({ item, onClose }: { item: QuarantineItem; onClose: () => void }) {
  const first = bytesOfBase64(item.firstBytes);
  return (
    <Drawer title={item.reason} onClose={onClose}>
      <div class="why">
        <p>{item.sentence}</p>
        {item.detail !== '' && <p class="dim">{item.detail}</p>}
      </div>
      <dl class="dl left">
        <dt>Topic</dt>
        <dd>
          <CopyText text={item.topic} />
        </dd>
        <dt>Client</dt>
        <dd>{item.client === '' ? 'not named' : <CopyText text={item.client} />}</dd>
        <dt>Arrived</dt>
        <dd>
          <CopyText text={iso(item.receivedAtUs / 1000)} />
        </dd>
        <dt>Log position</dt>
        <dd>
          <CopyText
            text={`p${item.origin.partition} #${everyDigit(item.origin.sequence)}, record ${item.origin.index}`}
          />
        </dd>
      </dl>
      <header class="sec-h">
        <h3>
          {first.length < item.bytes
            ? `First ${first.length} of ${plural(item.bytes, 'byte')}`
            : plural(item.bytes, 'byte')}
        </h3>
      </header>
      <pre class="code" tabIndex={0} role="region" aria-label="Payload as hex and text">
        {hexLines(first).map(({ offset, hex, text }) => `${offset}  ${hex.padEnd(47)}  ${text}\n`)}
      </pre>
    </Drawer>
  );
}
