import type { QuarantineAnswer, QuarantineItem } from '../../../../events/api-intake.ts';
import { serverNowMs } from '../../live/clock.ts';
import { narrow } from '../../parts/narrow.ts';
import { place, setQuery } from '../../router/location.ts';
import { age } from '../../words/durations.ts';
import { count } from '../../words/numbers.ts';
import { cutMiddle, pluralCount } from '../../words/plurals.ts';
import { outcomeWords } from './outcome-words.ts';
import { moment } from '../../words/times.ts';

/** Reasons something was set aside for, with their numbers; each opens its items. */
export function Reasons({ answer, chosen }: { answer: QuarantineAnswer; chosen: string | null }) {
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
              onClick={() => setQuery({ reason: one.reason, key: null, topic: null, item: null }, true)}
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

/** What was set aside, newest first; each opens in the drawer. */
export function Items({ items }: { items: readonly QuarantineItem[] }) {
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
          <th scope="col" class="only-desk">
            Redriven
          </th>
          <th scope="col" class="num only-desk">
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
            <td class={item.outcome === null ? 'dim nowrap only-desk' : 'nowrap only-desk'}>{outcomeWords(item)}</td>
            <td class="num dim only-desk">{pluralCount(item.bytes, 'byte')}</td>
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
