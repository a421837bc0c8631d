import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { QuarantineAnswer, QuarantineItem, UnmatchedTopicsAnswer } from '../../../../events/api-intake.ts';
import { useResource } from '../../api/resource.ts';
import { get } from '../../api/request.ts';
import { beat } from '../../live/clock.ts';
import { figures } from '../../live/feed.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { place, setQuery } from '../../router/location.ts';
import { count } from '../../words/numbers.ts';
import { pluralCount } from '../../words/plurals.ts';
import { ItemDrawer } from './item-drawer.tsx';
import { Items, Reasons } from './quarantine-tables.tsx';
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
