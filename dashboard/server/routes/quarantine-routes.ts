import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import type {
  QuarantineItem,
  QuarantineItemAnswer,
  RedriveCommand,
  RedriveReport,
} from '../../../events/api-intake.ts';
import { redrivePerRequestMax } from '../../../events/redrive.ts';
import { streams } from '../../../events/subjects.ts';
import { streamInfo } from '../../../infra/bus/streams.ts';
import { MillraceError } from '../../../infra/errors.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import { apiError } from '../schemas/parts.ts';
import {
  quarantineAnswer,
  quarantineFilter,
  quarantineGroupsAnswer,
  quarantineItemAnswer,
  quarantineReason,
  redriveCommand,
  redriveReport,
} from '../schemas/quarantine-answers.ts';
import type { Views } from '../views.ts';

/** What was set aside: to look through, to look into, and to put into the log again. */
export function quarantineRoutes(app: App, views: Views): void {
  const { quarantine, quarantineScan: scan, inForce } = views;
  const tags = ['intake'];
  const cursor = z.string().max(64).describe('cursor: `next` of the page before');
  app.get(
    `${apiPath}/quarantine`,
    {
      schema: {
        tags,
        summary: 'What could not become a stored reading: counts by reason, and the items, newest first',
        querystring: quarantineFilter.extend({
          limit: z.coerce.number().int().min(1).max(200).default(50),
          after: cursor.optional(),
        }),
        response: { 200: quarantineAnswer, 503: apiError },
      },
    },
    async ({ query: { limit, after, ...filter } }) => ({
      total: quarantine.total,
      reasons: quarantine.reasons(),
      ...(await scan.older(filter, limit, after ?? null)),
    }),
  );
  app.get(
    `${apiPath}/quarantine/groups`,
    {
      schema: {
        tags,
        summary: 'What was set aside by reason and device, largest first',
        querystring: z.object({
          reason: quarantineReason.optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
        response: { 200: quarantineGroupsAnswer },
      },
    },
    async ({ query: { reason, limit } }) => quarantine.groups(reason ?? null, limit, inForce.config.topics),
  );
  app.get(
    `${apiPath}/quarantine/items/:id`,
    {
      schema: {
        tags,
        summary: 'One item with its whole payload, and what the configuration in force would make of it',
        params: z.object({ id: z.string().max(64) }),
        response: { 200: quarantineItemAnswer, 404: apiError, 503: apiError },
      },
    },
    async ({ params: { id } }) => itemAnswer(views, await find(views, id)),
  );
  app.post(
    `${apiPath}/quarantine/redrive`,
    {
      schema: {
        tags,
        summary: 'Appends records of items to the log again, with their own origin and time',
        body: redriveCommand,
        response: { 200: redriveReport, 400: apiError, 503: apiError },
      },
    },
    async ({ body }) => redrive(views, body),
  );
}

async function find({ quarantineScan }: Views, id: string): Promise<QuarantineItem> {
  const item = await quarantineScan.get(id);
  if (item === null)
    throw new ApiFailure(404, 'NOT_FOUND', `The quarantine holds no item "${id}": it was trimmed, or never there.`);
  return item;
}

async function itemAnswer({ redriver }: Views, item: QuarantineItem): Promise<QuarantineItemAnswer> {
  const [record] = await redriver.publishes([item]);
  if (!record) return { item, payload: null, now: null };
  const payload = Buffer.from(record.payload).toString('base64');
  try {
    const { version, publishes } = await redriver.verdicts([[item, record]]);
    return { item, payload, now: { version, verdicts: publishes[0] ?? [] } };
  } catch (error) {
    // Without processors the item is shown all the same.
    if (error instanceof MillraceError && error.code === 'LOG_UNAVAILABLE') return { item, payload, now: null };
    throw error;
  }
}

async function redrive(views: Views, command: RedriveCommand): Promise<RedriveReport> {
  const { redriver } = views;
  const dryRun = command.dryRun === true;
  const { items, skipped, next, until } = await targets(views, command);
  const done = dryRun ? await redriver.dryRun(items) : await redriver.redrive(items);
  return { dryRun, considered: items.length, skipped, next, until, ...done };
}

type Targets = Pick<RedriveReport, 'skipped' | 'next' | 'until'> & { readonly items: readonly QuarantineItem[] };

async function targets({ quarantineScan, bus }: Views, command: RedriveCommand): Promise<Targets> {
  const { ids, filter, after, limit = redrivePerRequestMax } = command;
  if ((ids === undefined) === (filter === undefined))
    throw new ApiFailure(400, 'BAD_REQUEST', 'A redrive names either ids or a filter.');
  if (ids !== undefined) {
    const found = await Promise.all([...new Set(ids)].map((id) => quarantineScan.get(id)));
    const items = found.filter((item) => item !== null);
    return { items, skipped: found.length - items.length, next: null, until: 0 };
  }
  // What is refused again meanwhile comes behind, and is left alone.
  const until = command.until ?? (await streamInfo(bus, streams.quarantine)).lastSequence;
  return { ...(await quarantineScan.newer(filter!, limit, after ?? null, until)), until };
}
