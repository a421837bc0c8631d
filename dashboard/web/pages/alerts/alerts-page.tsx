import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ActiveAlert, AlertsAnswer, PastAlert } from '../../../../events/api-alerts.ts';
import { groupName } from '../../../../events/group-name.ts';
import { useResource } from '../../api/resource.ts';
import { beat, logNowMs } from '../../live/clock.ts';
import { figures, onFrame } from '../../live/feed.ts';
import { unknownNow } from '../../live/unknown.ts';
import { Mark, alertMark } from '../../parts/marks.tsx';
import { narrow } from '../../parts/narrow.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { ProcessingNote } from '../../parts/processing-note.tsx';
import { valueText } from '../../parts/value.tsx';
import { go, place, setQuery } from '../../router/location.ts';
import { pageKeys } from '../../shell/keys.ts';
import { age, lasted } from '../../words/durations.ts';
import { moment, startOfDay } from '../../words/times.ts';
import { AlertDetail } from './alert-detail.tsx';
import { countsWords } from './words.ts';
import { useKeptDecimals } from '../../words/kept-decimals.ts';

const reloadMs = 10_000;

export function AlertsPage() {
  const alerts = useResource<AlertsAnswer>('/alerts', {}, { everyMs: reloadMs });
  const answer = alerts.value.value;
  const failure = alerts.failure.value;
  useEffect(() => onFrame((frame) => void (frame.type === 'alert' && alerts.reload())), []);
  const id = place.value.query.get('id');
  useEffect(() => pageKeys(id === null ? {} : { Escape: () => setQuery({ id: null }, true) }), [id]);
  const all = answer === null ? [] : [...answer.active, ...resolvedToday(answer.resolved)];
  // On a wide page something is always explained: the first, until one is chosen. New alerts never move the choice.
  const chosen = id === null ? (narrow.value ? undefined : all[0]) : (all.find((alert) => alert.id === id) ?? null);
  const counts = answer?.counts ?? figures.value?.alerts ?? null;
  const list = (
    <section class="sec" aria-label="Alerts">
      {answer === null ? (
        <Loading what="alerts" sinceMs={alerts.loadingSinceMs.value} />
      ) : (
        <Lists answer={answer} selected={chosen?.id ?? id} />
      )}
    </section>
  );
  const note = failure !== null && (
    <FailureNote
      what="The alerts could not be loaded."
      failure={failure}
      goesOn="Rules go on judging; webhooks are called."
      retry={() => void alerts.reload()}
    />
  );
  const detail = id !== null || chosen ? <AlertDetail id={id ?? chosen!.id} known={chosen ?? null} /> : null;
  if (narrow.value && id !== null) {
    const at = all.findIndex((alert) => alert.id === id);
    return (
      <>
        <div class="head">
          <a class="link" href="/alerts">
            Alerts
          </a>
          <span class="grow" />
          <span class="sub">{at < 0 ? '' : `${at + 1} of ${all.length}`}</span>
        </div>
        <div class="body">
          <ProcessingNote />
          {note}
          {detail}
        </div>
      </>
    );
  }
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Alerts</h1>
        <span class="sub">{counts === null ? '' : countsWords(counts)}</span>
      </div>
      <div class="body">
        <ProcessingNote />
        {note}
        <div class="split alerts">
          {list}
          {!narrow.value && detail}
        </div>
      </div>
    </>
  );
}

function resolvedToday(resolved: readonly PastAlert[]): readonly PastAlert[] {
  const midnightUs = startOfDay(logNowMs()) * 1000;
  return resolved.filter((alert) => alert.resolvedAtUs >= midnightUs);
}

function Lists({ answer, selected }: { answer: AlertsAnswer; selected: string | null | undefined }) {
  void beat.value;
  const lost = unknownNow() !== null;
  const decimals = useKeptDecimals(new Map(answer.active.map((alert) => [alert.id, alert.latest ?? alert.value])));
  const resolved = resolvedToday(answer.resolved);
  const nowMs = logNowMs();
  return (
    <ul class="alist wraps" data-list>
      <li class="grp">Active{answer.active.length === 0 ? ', none' : `, ${answer.active.length}`}</li>
      {answer.active.map((alert) => (
        <Item
          key={alert.id}
          alert={alert}
          selected={selected === alert.id}
          mark={<Mark kind={alertMark(alert.state, alert.severity, lost)} label={lost ? 'unknown' : alert.severity} />}
        >
          <span class="strong">{latest(alert, decimals.get(alert.id))}</span>
          <span class="m">
            {[
              age(nowMs - alert.firingSinceUs / 1000),
              ...Object.values(alert.tags),
              ...(alert.state === 'unknown' ? ['unknown now'] : []),
            ].join(', ')}
          </span>
        </Item>
      ))}
      <li class="grp">Resolved today{resolved.length === 0 ? ', none' : `, ${resolved.length}`}</li>
      {resolved.map((alert) => (
        <Item key={alert.id} alert={alert} selected={selected === alert.id} mark={<Mark kind="ok" label="resolved" />}>
          <span class="r">{lasted((alert.resolvedAtUs - alert.firingSinceUs) / 1000)}</span>
          <span class="m">from {moment(alert.firingSinceUs / 1000, nowMs)}</span>
        </Item>
      ))}
    </ul>
  );
}

interface ItemProps {
  readonly alert: Pick<ActiveAlert, 'id' | 'device' | 'label' | 'condition' | 'key'>;
  readonly selected: boolean;
  readonly mark: ComponentChildren;
  readonly children: ComponentChildren;
}

function Item({ alert, selected, mark, children }: ItemProps) {
  const href = `/alerts?id=${encodeURIComponent(alert.id)}`;
  return (
    <li class={selected ? 'sel row' : 'row'} onClick={() => go(href)}>
      {mark}
      <a class="t" href={href} data-row aria-current={selected ? 'true' : undefined} title={alert.key}>
        {groupName(alert)} <span class="dim">{alert.condition}</span>
      </a>
      {children}
    </li>
  );
}

function latest(alert: ActiveAlert, decimals: number | undefined): string {
  const text = valueText(alert.latest ?? alert.value, decimals);
  return alert.unit === '' ? text : `${text} ${alert.unit}`;
}
