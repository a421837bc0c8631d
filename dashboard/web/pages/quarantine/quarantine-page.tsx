import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { QuarantineAnswer, QuarantineItem, UnmatchedTopicsAnswer } from '../../../../events/api-intake.ts';
import { useResource } from '../../api/resource.ts';
import { get } from '../../api/request.ts';
import { beat, serverNowMs } from '../../live/clock.ts';
import { figures } from '../../live/feed.ts';
import { narrow } from '../../parts/narrow.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { place, setQuery } from '../../router/location.ts';
import { age } from '../../words/durations.ts';
import { count } from '../../words/numbers.ts';
import { cutMiddle, plural, pluralCount } from '../../words/plurals.ts';
import { moment } from '../../words/times.ts';
import { ItemDrawer } from './item-drawer.tsx';
import { UnmatchedTopics } from './unmatched-topics.tsx';

const reloadMs = 5_000;
const pageItems = 50;

export function QuarantinePage() {
  void beat.value;
  const reason = place.value.query.get('reason');
  const quarantine = useResource<QuarantineAnswer>(
    '/quarantine',
    { reason, limit: pageItems },
    { everyMs: reloadMs, keep: true },
  );
  const unmatched = useResource<UnmatchedTopicsAnswer>('/topics/unmatched', {}, { everyMs: reloadMs });
  const older = useSignal<{ readonly items: readonly QuarantineItem[]; readonly next: string | null } | null>(null);
  useEffect(() => {
    older.value = null;
  }, [reason]);
  const answer = quarantine.value.value;
  const failure = quarantine.failure.value;
  const items = answer === null ? [] : withOlder(answer.items, older.value?.items ?? []);
  const next = older.value === null ? (answer?.next ?? null) : older.value.next;
  const open = items.find((item) => item.id === place.value.query.get('item')) ?? null;
  const total = answer?.total ?? figures.value?.quarantine.total ?? null;
  const more = async () => {
    const result = await get<QuarantineAnswer>('/quarantine', { reason, limit: pageItems, after: items.at(-1)?.id });
    if (result.ok)
      older.value = { items: [...(older.value?.items ?? []), ...result.value.items], next: result.value.next };
    else quarantine.failure.value = result.failure;
  };
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Quarantine</h1>
        <span class="sub">
          {total === null ? '' : total === 0 ? 'nothing was set aside' : `${count(total)} set aside`}
        </span>
      </div>
      <div class="body">
        {failure !== null && (
          <FailureNote
            what="The quarantine could not be loaded."
            failure={failure}
            goesOn="What it holds is kept."
            retry={() => void quarantine.reload()}
          />
        )}
        <UnmatchedTopics
          answer={unmatched.value.value}
          failure={unmatched.failure.value}
          retry={() => void unmatched.reload()}
        />
        <section class="sec" aria-label="By reason">
          <header>
            <h2>By reason</h2>
          </header>
          {answer === null ? (
            <Loading what="reasons" sinceMs={quarantine.loadingSinceMs.value} />
          ) : answer.reasons.every((one) => one.count === 0) ? (
            <p class="why dim">Everything that arrived became a reading.</p>
          ) : (
            <Reasons answer={answer} chosen={reason} />
          )}
        </section>
        {items.length > 0 && (
          <section class="sec" aria-label="Items">
            <header>
              <h2>{reason === null ? 'Latest' : `Latest, ${reason}`}</h2>
              <span class="sub">{pluralCount(items.length, 'item')}</span>
              <span class="grow" />
              {reason !== null && (
                <a class="link" href="/quarantine">
                  All reasons
                </a>
              )}
            </header>
            <Items items={items} />
            {next !== null && (
              <div class="foot">
                <button type="button" class="btn" onClick={() => void more()}>
                  Show older
                </button>
              </div>
            )}
          </section>
        )}
        {open !== null && <ItemDrawer item={open} onClose={() => setQuery({ item: null })} />}
      </div>
    </>
  );
}

/** Older pages behind the newest one, each item once: the first page moves on while older ones stay. */
function withOlder(newest: readonly QuarantineItem[], older: readonly QuarantineItem[]): QuarantineItem[] {
  const seen = new Set(newest.map((item) => item.id));
  return [...newest, ...older.filter((item) => !seen.has(item.id))];
}

function Reasons({ answer, chosen }: { answer: QuarantineAnswer; chosen: string | null }) {
  return (
    <table class="reasons">
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col" class="only-desk">
            What it means
          </th>
          <th scope="col" class="num">
            Count
          </th>
          <th scope="col" class="num">
            Last
          </th>
        </tr>
      </thead>
      <tbody>
        {answer.reasons
          .filter((one) => one.count > 0)
          .map((one) => (
            <tr
              key={one.reason}
              class={chosen === one.reason ? 'sel row' : 'row'}
              onClick={() => setQuery({ reason: one.reason, item: null }, true)}
            >
              <td>
                <a
                  class="strong"
                  href={`/quarantine?reason=${one.reason}`}
                  aria-current={chosen === one.reason ? 'true' : undefined}
                >
                  {one.reason}
                </a>
              </td>
              <td class="dim clip only-desk">{one.sentence}</td>
              <td class="num">{count(one.count)}</td>
              <td class="num dim">{one.lastAtUs === null ? '' : `${age(serverNowMs() - one.lastAtUs / 1000)} ago`}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

const topicMax = 40;

function Items({ items }: { items: readonly QuarantineItem[] }) {
  const nowMs = serverNowMs();
  return (
    <table data-list>
      <thead class="stick">
        <tr>
          <th scope="col">Arrived</th>
          <th scope="col">Topic</th>
          <th scope="col" class="only-desk">
            Reason
          </th>
          <th scope="col" class="only-desk">
            Detail
          </th>
          <th scope="col" class="num">
            Size
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id} class="row" onClick={() => setQuery({ item: item.id }, true)}>
            <td class="nowrap">
              <a
                href={itemPath(item.id)}
                data-row
                aria-label={`${moment(item.receivedAtUs / 1000, nowMs)}, ${item.topic}`}
              >
                {moment(item.receivedAtUs / 1000, nowMs)}
              </a>
            </td>
            <td class={narrow.value ? 'mono clip' : 'mono'} title={item.topic}>
              {cutMiddle(item.topic, topicMax)}
            </td>
            <td class="dim only-desk">{item.reason}</td>
            <td class="dim clip only-desk" title={item.detail}>
              {item.detail}
            </td>
            <td class="num dim">{plural(item.bytes, 'byte')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function itemPath(id: string): string {
  const query = new URLSearchParams(place.value.query);
  query.set('item', id);
  return `/quarantine?${query}`;
}
