import type { DeliveriesAnswer, WebhookView } from '../../../../events/api-alerts.ts';
import type { Delivery } from '../../../../events/delivery.ts';
import { useResource } from '../../api/resource.ts';
import { serverNowMs } from '../../live/clock.ts';
import { narrow } from '../../parts/narrow.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { devicePath } from '../../router/routes.ts';
import { duration } from '../../words/durations.ts';
import { cutMiddle, plural } from '../../words/plurals.ts';
import { moment } from '../../words/times.ts';

const reloadMs = 5_000;

/** The latest attempts to call one webhook. */
export function Deliveries({ webhook }: { webhook: WebhookView }) {
  const deliveries = useResource<DeliveriesAnswer>(
    `/webhooks/${encodeURIComponent(webhook.name)}/deliveries`,
    {},
    { everyMs: reloadMs },
  );
  const items = deliveries.value.value?.items ?? null;
  const failure = deliveries.failure.value;
  return (
    <section class="sec" aria-label={`Deliveries to ${webhook.name}`}>
      <header>
        <h2>Deliveries to {webhook.name}</h2>
        <span class="sub">{items === null ? '' : `latest ${items.length}`}</span>
      </header>
      {webhook.failing && webhook.lastError !== '' && (
        <p class="why">
          <span class="warn">{webhook.lastError}</span>{' '}
          <span class="dim">
            {plural(webhook.waiting, 'delivery', 'deliveries')} waiting; others are not held back.
          </span>
        </p>
      )}
      {failure !== null && (
        <FailureNote
          what="The deliveries could not be loaded."
          failure={failure}
          goesOn="They go on."
          retry={() => void deliveries.reload()}
        />
      )}
      {items === null ? (
        <Loading what="deliveries" sinceMs={deliveries.loadingSinceMs.value} />
      ) : items.length === 0 ? (
        <p class="why dim">Nothing was delivered yet: no rule has fired since it was added.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Device</th>
              <th scope="col" class="only-desk">
                Rule
              </th>
              <th scope="col" class="only-desk">
                Told
              </th>
              <th scope="col">Outcome</th>
              <th scope="col" class="num only-desk">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Attempt key={`${item.id} ${item.attempt} ${item.atUs}`} item={item} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Attempt({ item }: { item: Delivery }) {
  const nowMs = serverNowMs();
  const outcome =
    item.outcome === 'delivered'
      ? `answered ${item.status}`
      : `${item.error.replace(/\.$/, '')}${item.outcome === 'retry' && item.nextAttemptAtUs !== null ? `; next try ${moment(item.nextAttemptAtUs / 1000, nowMs)}` : '; given up'}`;
  return (
    <tr>
      <td class="nowrap">{moment(item.atUs / 1000, nowMs)}</td>
      <td>
        <a class="strong" href={devicePath(item.key)}>
          {cutMiddle(item.key, narrow.value ? 16 : 28)}
        </a>
      </td>
      <td class="dim only-desk">{item.rule}</td>
      <td class="dim only-desk">{item.state}</td>
      <td class={item.outcome === 'delivered' ? 'clip dim' : 'clip warn'} title={outcome}>
        {outcome}
        {item.attempt > 1 ? `, attempt ${item.attempt}` : ''}
      </td>
      <td class="num dim only-desk">{duration(item.durationMs)}</td>
    </tr>
  );
}
