import { useSignal } from '@preact/signals';
import type { QuarantineItem, QuarantineItemAnswer } from '../../../../events/api-intake.ts';
import { useResource } from '../../api/resource.ts';
import { CopyText } from '../../parts/copy.tsx';
import { Drawer } from '../../parts/drawer.tsx';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { everyDigit } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';
import { iso } from '../../words/times.ts';
import { outcomeWords } from './outcome-words.ts';
import { bytesOfBase64, hexLines, textOf } from './payload.ts';
import { Verdicts } from './verdicts.tsx';

const reloadMs = 3_000;

interface ItemDrawerProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly onRedrive: (item: QuarantineItem) => void;
}

/** What was set aside, and why: the sentence, where it came from, its payload, what it would become now. */
export function ItemDrawer({ id, onClose, onRedrive }: ItemDrawerProps) {
  const resource = useResource<QuarantineItemAnswer>(
    `/quarantine/items/${encodeURIComponent(id)}`,
    {},
    { everyMs: reloadMs },
  );
  const answer = resource.value.value;
  const failure = resource.failure.value;
  return (
    <Drawer title={answer?.item.reason ?? 'Quarantined'} onClose={onClose}>
      {failure !== null && (
        <FailureNote
          what="The item could not be loaded."
          failure={failure}
          goesOn=""
          retry={() => void resource.reload()}
        />
      )}
      {answer === null ? (
        failure === null && <Loading what="the item" sinceMs={resource.loadingSinceMs.value} />
      ) : (
        <Item answer={answer} onRedrive={onRedrive} />
      )}
    </Drawer>
  );
}

function Item({ answer, onRedrive }: { answer: QuarantineItemAnswer; onRedrive: (item: QuarantineItem) => void }) {
  const { item, payload } = answer;
  const { origin, several } = item;
  const outcome = outcomeWords(item);
  return (
    <>
      <div class="why">
        <p>{item.sentence}</p>
        {item.detail !== '' && <p class="dim">{item.detail}</p>}
      </div>
      <dl class="dl left">
        {item.key !== null && (
          <>
            <dt>Device</dt>
            <dd>{item.key}</dd>
          </>
        )}
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
            text={`p${origin.partition} #${everyDigit(origin.sequence)}, record ${origin.index}${several ? `, reading ${origin.part ?? 0}` : ''}`}
          />
        </dd>
        <dt>Redriven</dt>
        <dd>{outcome === '' ? 'never' : outcome}</dd>
      </dl>
      <header class="sec-h">
        <h3>{answer.now === null ? 'Now' : `Under version ${answer.now.version}, now in force, it would be`}</h3>
      </header>
      <Verdicts answer={answer} />
      {payload !== null && (
        <div class="foot">
          <button type="button" class="btn primary" onClick={() => onRedrive(item)}>
            Redrive
          </button>
          <span class="dim">Puts the record into the log again; you see first what becomes of it.</span>
        </div>
      )}
      <Payload answer={answer} />
    </>
  );
}

function Payload({ answer: { item, payload } }: { answer: QuarantineItemAnswer }) {
  const asText = useSignal<boolean | null>(null);
  const bytes = bytesOfBase64(payload ?? item.firstBytes);
  const text = textOf(bytes);
  const isText = text !== null && asText.value !== false;
  return (
    <>
      <header class="sec-h">
        <h3>
          {bytes.length < item.bytes
            ? `First ${bytes.length} of ${plural(item.bytes, 'byte')}`
            : plural(item.bytes, 'byte')}
        </h3>
        <span class="grow" />
        {text !== null && (
          <Segmented
            label="Payload as"
            options={[
              ['text', 'Text'],
              ['hex', 'Hex'],
            ]}
            value={isText ? 'text' : 'hex'}
            onChange={(value) => (asText.value = value === 'text')}
          />
        )}
      </header>
      <pre class="code" tabIndex={0} role="region" aria-label={isText ? 'Payload as text' : 'Payload as hex and text'}>
        {isText
          ? text
          : hexLines(bytes).map(({ offset, hex, text: line }) => `${offset}  ${hex.padEnd(47)}  ${line}\n`)}
      </pre>
    </>
  );
}
