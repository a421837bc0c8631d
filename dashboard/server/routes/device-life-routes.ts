import { z } from 'zod';
import { apiPath } from '../../../events/api.ts';
import { labelCharsMax, undoable, type LifeRequest } from '../../../events/life.ts';
import { partitionOf } from '../../../events/topics.ts';
import { MillraceError } from '../../../infra/errors.ts';
import { ApiFailure } from '../http/api-failure.ts';
import type { App } from '../http/app.ts';
import { apiError } from '../schemas/parts.ts';
import type { Views } from '../views.ts';

const params = z.object({ key: z.string().describe('device key, as one encoded segment: plant1%2Fpress-7') });
const key = z.string().min(1).max(4_096);
const bodies = {
  rename: z.strictObject({ label: z.string().max(labelCharsMax).describe('what people see; empty: its name again') }),
  replace: z.strictObject({ by: key.describe('the key that the new hardware publishes under') }),
  undo: z.strictObject({ of: z.enum(undoable).describe('what is taken back') }),
  retire: z.strictObject({}),
  revive: z.strictObject({}),
  erase: z.strictObject({ confirm: key.describe('the device key once more: nothing brings it back') }),
} as const;
const summaries = {
  rename: 'Gives a device a name for people; its key stays',
  replace: 'New hardware goes on with the history of the old',
  undo: 'Takes a rename or a replacement back, from here on; what came in between stays',
  retire: 'Rules and windows leave a device out; its readings are stored as before',
  revive: 'The end of a retirement',
  erase: 'Deletes all that is known and stored of a device; the log holds its records until it is trimmed',
} as const;
const done = z.object({
  sequence: z.int().describe('position in the log from which on it is so'),
});

/** What people do with devices: it is appended to the log by the worker of the device's partition. */
export function deviceLifeRoutes(app: App, views: Views): void {
  for (const kind of ['rename', 'replace', 'undo', 'retire', 'revive', 'erase'] as const) {
    app.post(
      `${apiPath}/devices/:key/${kind}`,
      {
        schema: {
          tags: ['devices'],
          summary: summaries[kind],
          params,
          // A request without a body says as much as an empty one.
          body: kind === 'retire' || kind === 'revive' ? bodies[kind].nullish() : bodies[kind],
          response: { 200: done, 400: apiError, 404: apiError, 409: apiError, 503: apiError },
        },
      },
      async ({ params: of, body }) => perform(views, requestOf(views, kind, of.key, body)),
    );
  }
}

function requestOf(views: Views, kind: keyof typeof bodies, of: string, body: unknown): LifeRequest {
  if (kind === 'rename') return { kind, key: of, label: (body as z.infer<typeof bodies.rename>).label };
  if (kind === 'replace') {
    const { by } = body as z.infer<typeof bodies.replace>;
    const byPartition = views.mirror.get(by)?.partition;
    return { kind, key: of, by, ...(byPartition !== undefined && { byPartition }) };
  }
  if (kind === 'undo') return { kind, key: of, of: (body as z.infer<typeof bodies.undo>).of };
  if (kind === 'erase' && (body as z.infer<typeof bodies.erase>).confirm !== of)
    throw new ApiFailure(400, 'NOT_CONFIRMED', `"confirm" has to be the key of the device, "${of}".`);
  return { kind, key: of };
}

async function perform(views: Views, request: LifeRequest): Promise<{ sequence: number }> {
  const partition = views.mirror.get(request.key)?.partition ?? partitionOf(request.key, views.partitions);
  try {
    const answer = await views.life(partition, request);
    if (answer.outcome === 'done') return { sequence: answer.sequence };
    if (answer.outcome === 'unknown') throw new ApiFailure(404, 'NOT_FOUND', answer.message);
    throw new ApiFailure(409, 'REFUSED', answer.message);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'LOG_UNAVAILABLE') throw error;
    const why = `The worker of partition ${partition} does not answer.`;
    throw new ApiFailure(503, 'NO_ANSWER', `${why} It may or may not be done; to ask again does no harm.`);
  }
}
