import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { RedriveCommand, RedriveReport } from '../../../../events/api-intake.ts';
import { post, type Failure } from '../../api/request.ts';
import { Drawer } from '../../parts/drawer.tsx';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { count } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';

/** What is to be redriven, as the server is asked. */
export type RedriveWhat = Pick<RedriveCommand, 'ids' | 'filter'>;

type Sum = Pick<RedriveReport, 'considered' | 'appended' | 'gone' | 'skipped'>;

type Stage = { readonly is: 'asking' | 'running' | 'done' } | { readonly is: 'ready'; readonly preview: RedriveReport };

const nothing: Sum = { considered: 0, appended: 0, gone: 0, skipped: 0 };

/** Says what a redrive would do, does it on request, then says what it did. */
export function RedriveDialog({ what, onClose }: { what: RedriveWhat; onClose: () => void }) {
  const stage = useSignal<Stage>({ is: 'asking' });
  const failure = useSignal<Failure | null>(null);
  const sum = useSignal<Sum>(nothing);
  const ask = async () => {
    stage.value = { is: 'asking' };
    failure.value = null;
    const result = await post<RedriveReport>('/quarantine/redrive', { ...what, dryRun: true });
    if (result.ok) stage.value = { is: 'ready', preview: result.value };
    else failure.value = result.failure;
  };
  const run = async () => {
    stage.value = { is: 'running' };
    failure.value = null;
    let page: Partial<Pick<RedriveCommand, 'after' | 'until'>> = {};
    for (;;) {
      const result = await post<RedriveReport>('/quarantine/redrive', { ...what, ...page });
      if (!result.ok) {
        failure.value = result.failure;
        return;
      }
      const { next, until } = result.value;
      sum.value = added(sum.value, result.value);
      if (next === null) break;
      page = { after: next, until };
    }
    stage.value = { is: 'done' };
  };
  useEffect(() => void ask(), []);
  const now = stage.value;
  return (
    <Drawer kind="dialog" title="Redrive" onClose={onClose}>
      {failure.value !== null && (
        <FailureNote
          what={now.is === 'running' ? 'The redrive was interrupted.' : 'What it would do could not be asked.'}
          failure={failure.value}
          goesOn={
            now.is === 'running'
              ? `${plural(sum.value.appended, 'record')} are in the log again. Trying again takes none twice.`
              : ''
          }
          retry={() => void (now.is === 'running' ? run() : ask())}
        />
      )}
      {now.is === 'asking' && failure.value === null && <Loading what="what it would become" sinceMs={Date.now()} />}
      {now.is === 'ready' && <Preview preview={now.preview} />}
      {now.is === 'running' && failure.value === null && (
        <p class="why" aria-live="polite">
          {plural(sum.value.considered, 'item')} so far.
        </p>
      )}
      {now.is === 'done' && <Result sum={sum.value} />}
      <div class="foot">
        <span class="grow" />
        {now.is === 'ready' && now.preview.considered > now.preview.gone && (
          <button type="button" class="btn primary" onClick={() => void run()}>
            Redrive {count(now.preview.considered - now.preview.gone)}
            {now.preview.next === null ? '' : ' and more'}
          </button>
        )}
        <button type="button" class="btn" onClick={onClose}>
          {now.is === 'done' ? 'Close' : 'Cancel'}
        </button>
      </div>
    </Drawer>
  );
}

function Preview({ preview: { considered, gone, skipped, next, would } }: { preview: RedriveReport }) {
  const held = considered - gone;
  const refused = Object.entries(would?.refused ?? {});
  return (
    <div class="why" aria-live="polite">
      <p>
        {held === 0
          ? 'There is nothing to redrive.'
          : `${plural(held, 'record')}${next === null ? '' : ', and those after them,'} ${held === 1 && next === null ? 'goes' : 'go'} into the log again as ${held === 1 && next === null ? 'it' : 'they'} arrived.`}
      </p>
      <ul class="verdicts">
        {would !== null && would.readings > 0 && (
          <li>
            {plural(would.readings, 'reading')} at {would.readings === 1 ? 'its' : 'their'} own event time: windows are
            revised, rules judge {would.readings === 1 ? 'it' : 'them'}.
          </li>
        )}
        {refused.map(([reason, number]) => (
          <li key={reason}>
            {count(number)} would be refused again, <b>{reason}</b>.
          </li>
        ))}
        {would !== null && would.filtered > 0 && <li>{count(would.filtered)} would be filtered by a transform.</li>}
        {gone > 0 && <li>{count(gone)} the log no longer holds.</li>}
        {skipped > 0 && (
          <li>
            {plural(skipped, 'item')}, redriven before, {skipped === 1 ? 'is' : 'are'} passed over.
          </li>
        )}
      </ul>
      {next !== null && <p class="dim">This says it of the first {count(considered)}.</p>}
    </div>
  );
}

function Result({ sum: { appended, gone, skipped } }: { sum: Sum }) {
  return (
    <div class="why" role="status">
      <p>
        {appended === 0
          ? 'Nothing was put into the log.'
          : `${plural(appended, 'record')} ${appended === 1 ? 'is' : 'are'} in the log again.`}
      </p>
      {appended > 0 && <p class="dim">What became of each stands in the list within a second or two.</p>}
      {gone > 0 && <p class="dim">{count(gone)} the log no longer holds.</p>}
      {skipped > 0 && (
        <p class="dim">
          {plural(skipped, 'item')}, redriven before, {skipped === 1 ? 'was' : 'were'} passed over.
        </p>
      )}
    </div>
  );
}

function added(a: Sum, b: Sum): Sum {
  return {
    considered: a.considered + b.considered,
    appended: a.appended + b.appended,
    gone: a.gone + b.gone,
    skipped: a.skipped + b.skipped,
  };
}
