import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { figures, listenTo, onFrame, onReturn, pulse } from '../../live/feed.ts';
import { isLost } from '../../live/pulse.ts';
import { unknownNow } from '../../live/unknown.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { ProcessingNote } from '../../parts/processing-note.tsx';
import { place, setQuery } from '../../router/location.ts';
import { pageKeys } from '../../shell/keys.ts';
import { count } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';
import { DeviceList, rowsMax } from './device-list.ts';
import { DevicesTable } from './devices-table.tsx';
import { Filters } from './filters.tsx';
import { moved, ordered, sortOf, sortText, nextSort, type Sort } from './order.ts';

const refreshMs = 10_000;
/** Rows are put in order anew at most this often, and never under the pointer or the focus. */
const orderMs = 1_000;

export function DevicesPage() {
  const list = useMemo(() => new DeviceList(), []);
  const search = place.value.query.get('q') ?? '';
  const sort = sortOf(place.value.query.get('sort'));
  const shown = useShownOrder(list, sort, search);
  const listening = useMemo(() => listenTo(), []);

  useEffect(() => {
    void list.load(search);
  }, [search]);
  useEffect(() => {
    const ends = [onFrame((frame) => void list.take(frame)), onReturn(() => list.reload())];
    const timer = setInterval(() => !document.hidden && void list.reload(), refreshMs);
    return () => {
      for (const end of ends) end();
      clearInterval(timer);
      listening.end();
      list.end();
    };
  }, []);

  // The list is loaded every few seconds, the number in the navigation is live: the first device is loaded at once.
  const someDevices = (figures.value?.sensors.devices ?? 0) > 0;
  useEffect(() => {
    if (list.answer.peek() !== null) void list.reload();
  }, [someDevices]);

  void list.version.value;
  const answer = list.answer.value;
  const failure = list.failure.value;
  const total = answer?.total ?? figures.value?.sensors.devices ?? null;
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Devices</h1>
        <span class="sub">
          {total === null
            ? ''
            : answer === null || unknownNow() !== null
              ? count(total)
              : `${count(total)}, ${count(total - answer.stale - answer.retired)} reporting`}
        </span>
        <span class="grow" />
        {shown.waiting > 0 && (
          <button type="button" class="btn" onClick={shown.apply}>
            {shown.waiting} moved, press <kbd>.</kbd> to re-sort
          </button>
        )}
      </div>
      <div class="body">
        <ProcessingNote />
        {failure !== null && (
          <FailureNote
            what={failure.code === 'BAD_QUERY' ? 'The search cannot be read.' : 'The list could not be loaded.'}
            failure={failure}
            goesOn={failure.code === 'BAD_QUERY' || isLost(pulse.value) ? '' : 'Values of the rows shown stay live.'}
            retry={() => void list.reload()}
          />
        )}
        <section class="sec" aria-label="Devices">
          <Filters search={search} answer={answer} onSearch={(q) => setQuery({ q: q === '' ? null : q })} />
          {answer === null ? (
            <Loading what="devices" sinceMs={list.loadingSinceMs.value} />
          ) : answer.matched === 0 ? (
            <p class="why dim">
              {answer.total > 0
                ? 'No device matches the search.'
                : unknownNow() === null
                  ? 'No device has sent a reading yet.'
                  : 'No device is known: processors tell of them.'}
            </p>
          ) : (
            <DevicesTable
              list={list}
              answer={answer}
              order={shown.order}
              sort={sort}
              onSort={(by) => setQuery({ sort: sortText(nextSort(sort, by)) }, true)}
              onHold={shown.hold}
              onView={(keys) => listening.change(keys)}
            />
          )}
          {answer !== null && (answer.matched > rowsMax || answer.beyondMax > 0) && (
            <p class="foot dim">
              {answer.beyondMax > 0
                ? `${plural(answer.beyondMax, 'device')} beyond the limit of this server.`
                : `The first ${count(rowsMax)} of ${count(answer.matched)} are listed; a search finds the rest.`}
            </p>
          )}
        </section>
      </div>
    </>
  );
}

interface ShownOrder {
  readonly order: readonly string[];
  /** Rows that would stand elsewhere, while the order is held. */
  readonly waiting: number;
  apply(): void;
  hold(held: boolean): void;
}

/** The order on the page: renewed once a second, frozen while the pointer or the focus is in the table. */
function useShownOrder(list: DeviceList, sort: Sort, search: string): ShownOrder {
  const order = useSignal<readonly string[]>([]);
  const waiting = useSignal(0);
  const held = useRef(false);
  const lastMs = useRef(0);
  const asked = useRef('');
  const version = list.version.value;
  const apply = () => {
    order.value = ordered(list.rows.values(), sort);
    waiting.value = 0;
    lastMs.current = performance.now();
  };
  useEffect(() => {
    const question = `${sort.by} ${sort.down} ${search}`;
    // Another sort or search, or rows that came or went: the old order says nothing.
    if (
      question !== asked.current ||
      order.peek().length !== list.rows.size ||
      order.peek().some((key) => !list.rows.has(key))
    ) {
      asked.current = question;
      apply();
    } else if (performance.now() - lastMs.current >= orderMs) {
      if (!held.current) apply();
      else {
        lastMs.current = performance.now();
        waiting.value = moved(order.peek(), ordered(list.rows.values(), sort));
      }
    }
  }, [version, sort.by, sort.down, search]);
  useEffect(() => pageKeys({ '.': apply }));
  return {
    order: order.value,
    waiting: waiting.value,
    apply,
    hold(now) {
      held.current = now;
    },
  };
}
