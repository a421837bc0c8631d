import { setTimeout as wait } from 'node:timers/promises';
import type { WebhookDefinition } from '../../events/delivery.ts';
import type { WebhookReport } from '../../events/health.ts';
import { buckets } from '../../events/subjects.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import type { Config } from '../../infra/config/schema.ts';
import type { Log } from '../../infra/log.ts';
import { restartOnFailure } from '../restart-on-failure.ts';
import { deliveriesInFlightMax } from './deliverer.ts';
import { definitionsOf, disable, parseDefinition, syncConfigWebhooks } from './definitions.ts';
import { allowedNetworks, createTargetGuard, type ResolveAll } from '../../infra/targets/target-guard.ts';
import { createWebhookClient } from './webhook-client.ts';
import { WebhookRunner } from './webhook-runner.ts';
import { forgetState, takePlace } from './webhook-state.ts';

/** Webhooks at work; further ones do not run and say so. */
export const webhooksMax = 100;
/** How long the stop of one webhook waits. */
const stopWithinMs = 5_000;

export interface WebhooksOptions {
  readonly config: Pick<Config, 'webhooks' | 'webhookNetworks'> & { readonly http: Pick<Config['http'], 'host'> };
  readonly bus: Bus;
  readonly log: Log;
  /** Resolves names; the system's resolver by default. */
  readonly resolve?: ResolveAll;
  /** How long a receiver has, ms. */
  readonly answerWithinMs?: number;
  /** Of the lease they run under: awaited before anything is sent or written. */
  readonly confirmed?: () => Promise<void>;
}

export interface Webhooks extends AsyncDisposable {
  report(): readonly WebhookReport[];
  /** By webhook, the sequence in ALERTS that it must still be able to read after; 0 while that is not known. */
  positions(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

interface Running {
  readonly runner: WebhookRunner;
  stop(): Promise<void>;
}

/** Runs all webhooks, those of the configuration and those made by REST, and follows their changes in KV. */
export async function startWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const { config, bus, log } = options;
  const checkpoints = await createCheckpoints(bus);
  const bucket = await openBucket(bus, buckets.webhooks);
  const stopping = new AbortController();
  const removed = await syncConfigWebhooks(bucket, config.webhooks, (name, secret) =>
    log.warn({ webhook: name, secret }, 'a secret was made for the webhook; it is shown only this once'),
  );
  for (const name of removed) await forgetState(checkpoints, name);
  // Each has its place in ALERTS before anything is written there: a new one misses nothing that is said from now on.
  const begun = new Map<string, number>();
  for (const definition of await definitionsOf(bucket)) {
    if (definition.disabled) continue;
    const { queue } = await takePlace(bus, checkpoints, definition, stopping.signal);
    begun.set(definition.name, queue.cursor.sequence);
  }
  const guard = createTargetGuard(allowedNetworks(config), options.resolve);
  const running = new Map<string, Running>();
  const refused = new Map<string, WebhookReport>();

  const start = (definition: WebhookDefinition): Running => {
    const client = createWebhookClient(guard, {
      connectionsMax: deliveriesInFlightMax,
      ...(options.answerWithinMs === undefined ? {} : { withinMs: options.answerWithinMs }),
    });
    const webhook = definition.name;
    const onGone = async () => {
      log.warn({ webhook }, 'the receiver answered 410: the webhook is disabled');
      await disable(bucket, definition);
    };
    const runner = new WebhookRunner(definition, {
      bus,
      checkpoints,
      client,
      log,
      onGone,
      confirmed: options.confirmed,
    });
    const own = new AbortController();
    const ended = restartOnFailure(
      (signal) => runner.run(signal),
      own.signal,
      (why, error) => {
        runner.setStopped(why);
        if (why !== '') log.error({ webhook, error }, 'the webhook stopped');
      },
    );
    return {
      runner,
      async stop() {
        own.abort();
        // Without NATS it is left behind: its state is as it was last saved.
        await Promise.race([ended, wait(stopWithinMs, undefined, { ref: false })]);
        await client.close();
      },
    };
  };

  const apply = async (name: string, definition: WebhookDefinition | null) => {
    refused.delete(name);
    begun.delete(name);
    const present = running.get(name);
    if (present !== undefined) {
      if (JSON.stringify(present.runner.definition) === JSON.stringify(definition)) return;
      await present.stop();
      running.delete(name);
    }
    if (definition === null) return forgetState(checkpoints, name);
    if (!definition.disabled && running.size < webhooksMax) running.set(name, start(definition));
    else if (refused.size < webhooksMax)
      refused.set(
        name,
        idle(name, definition.disabled ? 'Disabled: the receiver answered 410.' : `More than ${webhooksMax} webhooks.`),
      );
  };

  const follow = async (signal: AbortSignal) => {
    for await (const { key, value } of bucket.watch(signal)) {
      const definition = value === null ? null : parseDefinition(key, value);
      if (value !== null && definition === null)
        log.error({ webhook: key }, 'KV webhooks holds no definition under it');
      await apply(key, definition);
    }
  };
  const following = restartOnFailure(follow, stopping.signal, (why, error) => {
    if (why !== '') log.error({ error }, 'changes of webhooks are not followed');
  });

  const stop = async () => {
    stopping.abort();
    await following;
    await Promise.all(Array.from(running.values(), (one) => one.stop()));
  };
  return {
    report: () => [...Array.from(running.values(), ({ runner }) => runner.report()), ...refused.values()],
    positions: () => {
      const positions = new Map(begun);
      for (const [name, { runner }] of running) positions.set(name, runner.position ?? 0);
      return positions;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function idle(name: string, why: string): WebhookReport {
  return { name, waiting: 0, delivered: 0, failing: true, lastError: why };
}
