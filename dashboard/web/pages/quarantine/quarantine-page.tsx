import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type {
  QuarantineAnswer,
  QuarantineFilter,
  QuarantineGroupsAnswer,
  QuarantineItem,
  UnmatchedTopicsAnswer,
} from '../../../../events/api-intake.ts';
import type { QuarantineReason } from '../../../../events/quarantine.ts';
import { useResource } from '../../api/resource.ts';
import { get } from '../../api/request.ts';
import { beat } from '../../live/clock.ts';
import { figures } from '../../live/feed.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { place, setQuery } from '../../router/location.ts';
import { count } from '../../words/numbers.ts';
import { pluralCount } from '../../words/plurals.ts';
import { Groups } from './groups.tsx';
import { ItemDrawer } from './item-drawer.tsx';
import { Items, Reasons } from './quarantine-tables.tsx';
import { RedriveDialog, type RedriveWhat } from './redrive-dialog.tsx';
import { UnmatchedTopics } from './unmatched-topics.tsx';

const reloadMs = 5_000;
const pageItems = 50;
const groupsShown = 12;

export function QuarantinePage() {
  void beat.value;
  const { query } = place.value;
  const [reason, key, topic, open] = ['reason', 'key', 'topic', 'open'].map((name) => query.get(name)) as [
    QuarantineReason | null,
    string | null,
    string | null,
    string | null,
  ];
  const isFiltered = reason !== null || key !== null || topic !== null;
  const redriving = useSignal<RedriveWhat | null>(null);
  const quarantine = useResource<QuarantineAnswer>(
    '/quarantine',
    { reason, key, topic, open, limit: pageItems },
    { everyMs: reloadMs, keep: true },
  );
  const groups = useResource<QuarantineGroupsAnswer>(
    '/quarantine/groups',
    { reason, limit: groupsShown },
    { everyMs: reloadMs, keep: true },
  );
  const unmatched = useResource<UnmatchedTopicsAnswer>('/topics/unmatched', {}, { everyMs: reloadMs });
  const older = useSignal<{ readonly items: readonly QuarantineItem[]; readonly next: string | null } | null>(null);
  useEffect(() => {
    older.value = null;
  }, [reason, key, topic, open]);
  const answer = quarantine.value.value;
  const failure = quarantine.failure.value;
  const items = answer === null ? [] : withOlder(answer.items, older.value?.items ?? []);
  const next = older.value === null ? (answer?.next ?? null) : older.value.next;
  const item = query.get('item');
  const filter: QuarantineFilter = {
    ...(reason !== null && { reason }),
    ...(key !== null && { key }),
    ...(topic !== null && { topic }),
  };
  const total = answer?.total ?? figures.value?.quarantine.total ?? null;
  const more = async () => {
    const result = await get<QuarantineAnswer>('/quarantine', {
      reason,
      key,
      topic,
      open,
      limit: pageItems,
      after: next,
    });
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
        {groups.value.value !== null && groups.value.value.groups.length > 0 && (
          <section class="sec" aria-label="By device">
            <header>
              <h2>By device</h2>
              <span class="sub">{reason === null ? 'largest first' : reason}</span>
            </header>
            <Groups
              answer={groups.value.value}
              chosen={(group) =>
                isFiltered && group.reason === reason && (key === null ? group.topic === topic : group.key === key)
              }
            />
          </section>
        )}
        {answer !== null && total !== null && total > 0 && (
          <section class="sec" aria-label="Items">
            <header>
              <h2>
                {isFiltered
                  ? `Latest, ${[reason, key ?? topic].filter((text) => text !== null).join(' of ')}`
                  : 'Latest'}
              </h2>
              <span class="sub">{pluralCount(items.length, 'item')}</span>
              <span class="grow" />
              {isFiltered && (
                <a class="link" href="/quarantine">
                  Clear filter
                </a>
              )}
              <Segmented
                label="Which items"
                options={[
                  ['all', 'All'],
                  ['open', 'Still standing'],
                ]}
                value={open === null ? 'all' : 'open'}
                onChange={(value) => setQuery({ open: value === 'open' ? 'true' : null }, true)}
              />
              <button type="button" class="btn" onClick={() => (redriving.value = { filter })}>
                {isFiltered ? 'Redrive these' : 'Redrive all'}
              </button>
            </header>
            {items.length === 0 ? (
              <p class="why dim">None of these {next === null ? 'is there' : 'among the latest'}.</p>
            ) : (
              <Items items={items} />
            )}
            {next !== null && (
              <div class="foot">
                <button type="button" class="btn" onClick={() => void more()}>
                  Show older
                </button>
              </div>
            )}
          </section>
        )}
        {item !== null && (
          <ItemDrawer
            key={item}
            id={item}
            onClose={() => setQuery({ item: null })}
            onRedrive={({ id }) => (redriving.value = { ids: [id] })}
          />
        )}
        {redriving.value !== null && (
          <RedriveDialog
            what={redriving.value}
            onClose={() => {
              redriving.value = null;
              void quarantine.reload();
            }}
          />
        )}
      </div>
    </>
  );
}

/** Older pages behind the newest one, each item once: the first page moves on while older ones stay. */
function withOlder(newest: readonly QuarantineItem[], older: readonly QuarantineItem[]): QuarantineItem[] {
  const seen = new Set(newest.map((item) => item.id));
  return [...newest, ...older.filter((item) => !seen.has(item.id))];
}
