import type { QuarantineGroup, QuarantineGroupsAnswer } from '../../../../events/api-intake.ts';
import { serverNowMs } from '../../live/clock.ts';
import { narrow } from '../../parts/narrow.ts';
import { setQuery } from '../../router/location.ts';
import { age } from '../../words/durations.ts';
import { count } from '../../words/numbers.ts';
import { cutMiddle, pluralCount } from '../../words/plurals.ts';
import { moment } from '../../words/times.ts';

const topicMax = 40;
const narrowMax = 19;

/** Reason and device, largest first; each opens its items. */
export function Groups({
  answer,
  chosen,
}: {
  answer: QuarantineGroupsAnswer;
  chosen: (group: QuarantineGroup) => boolean;
}) {
  const nowMs = serverNowMs();
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">Device or topic</th>
            <th scope="col">Reason</th>
            <th scope="col" class="only-desk">
              Template now
            </th>
            <th scope="col" class="num only-desk">
              First
            </th>
            <th scope="col" class="num">
              Count
            </th>
            <th scope="col" class="num only-desk">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.groups.map((group) => {
            const { reason, by, key, topic, template, firstAtUs, lastAtUs } = group;
            const query = queryOf(group);
            return (
              <tr
                key={`${reason} ${by} ${key} ${key === null ? topic : ''}`}
                class={chosen(group) ? 'sel row' : 'row'}
                onClick={() => setQuery({ ...query, item: null }, true)}
              >
                <td class="clip" title={key ?? topic}>
                  <a
                    class={key === null ? 'mono' : 'strong'}
                    href={`/quarantine?${new URLSearchParams(Object.entries(query).filter((one): one is [string, string] => one[1] !== null))}`}
                    aria-current={chosen(group) ? 'true' : undefined}
                  >
                    {cutMiddle(key ?? topic, narrow.value ? narrowMax : topicMax)}
                  </a>
                </td>
                <td class="dim">
                  {reason}
                  {by === 'storage' && <span class="faint only-desk"> by storage</span>}
                </td>
                <td class="mono nowrap only-desk" title={template ?? undefined}>
                  {template === null ? <span class="faint">none</span> : cutMiddle(template, topicMax)}
                </td>
                <td class="num dim only-desk">{moment(firstAtUs / 1000, nowMs)}</td>
                <td class="num">{count(group.count)}</td>
                <td class="num dim nowrap only-desk">{age(nowMs - lastAtUs / 1000)} ago</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {answer.beyondMax > 0 && <p class="foot dim">{pluralCount(answer.beyondMax, 'item')} of further groups.</p>}
    </>
  );
}

/** What of the address means this group. */
function queryOf({ reason, key, topic }: QuarantineGroup) {
  return { reason, key, topic: key === null ? topic : null };
}
