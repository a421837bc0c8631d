import type { WebhooksAnswer, WebhookView } from '../../../../events/api-alerts.ts';
import { useResource } from '../../api/resource.ts';
import { Mark } from '../../parts/marks.tsx';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { place, setQuery } from '../../router/location.ts';
import { count } from '../../words/numbers.ts';
import { cutMiddle, plural } from '../../words/plurals.ts';

import { Deliveries } from './deliveries.tsx';

const reloadMs = 5_000;

export function WebhooksPage() {
  const webhooks = useResource<WebhooksAnswer>('/webhooks', {}, { everyMs: reloadMs });
  const items = webhooks.value.value?.items ?? null;
  const failure = webhooks.failure.value;
  const asked = place.value.query.get('webhook');
  const chosen = items?.find(({ name }) => name === asked) ?? items?.[0] ?? null;
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Webhooks</h1>
        <span class="sub">{items === null ? '' : plural(items.length, 'webhook')}</span>
      </div>
      <div class="body">
        {failure !== null && (
          <FailureNote
            what="The webhooks could not be loaded."
            failure={failure}
            goesOn="Deliveries go on."
            retry={() => void webhooks.reload()}
          />
        )}
        <section class="sec" aria-label="Webhooks">
          {items === null ? (
            <Loading what="webhooks" sinceMs={webhooks.loadingSinceMs.value} />
          ) : items.length === 0 ? (
            <p class="why dim">
              Nobody is told of alerts yet. Add an entry under <code>webhooks:</code> in millrace.yaml, or send one to{' '}
              <code>POST /api/v1/webhooks</code>.
            </p>
          ) : (
            <List items={items} chosen={chosen} />
          )}
        </section>
        {chosen !== null && <Deliveries webhook={chosen} key={chosen.name} />}
      </div>
    </>
  );
}

function List({ items, chosen }: { items: readonly WebhookView[]; chosen: WebhookView | null }) {
  return (
    <table data-list>
      <thead class="stick">
        <tr>
          <th scope="col">Webhook</th>
          <th scope="col" class="only-desk">
            Address
          </th>
          <th scope="col" class="only-desk">
            Rules
          </th>
          <th scope="col">State</th>
          <th scope="col" class="num">
            Waiting
          </th>
          <th scope="col" class="num only-desk">
            Delivered
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr
            key={item.name}
            class={item === chosen ? 'sel row' : 'row'}
            onClick={() => setQuery({ webhook: item.name }, true)}
          >
            <td>
              <a
                class="strong"
                href={`/webhooks?webhook=${encodeURIComponent(item.name)}`}
                data-row
                aria-current={item === chosen ? 'true' : undefined}
              >
                {item.name}
              </a>{' '}
              <span class="faint only-desk">
                {item.source === 'config' ? 'from the configuration' : 'added by the API'}
              </span>
            </td>
            <td class="mono clip only-desk" title={item.url}>
              {cutMiddle(item.url, 60)}
            </td>
            <td class="dim only-desk">{item.rules.includes('*') ? 'all' : item.rules.join(', ')}</td>
            <td>
              <span class={item.failing ? 'st warn' : 'st dim'}>
                {item.failing && <Mark kind="warning" />}
                {item.disabled ? 'disabled' : item.failing ? 'failing' : ''}
              </span>
            </td>
            <td class="num">{count(item.waiting)}</td>
            <td class="num only-desk">{count(item.delivered)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
