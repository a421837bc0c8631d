import { Agent, request } from 'undici';
import { parseRetryAfter, type AttemptResult } from './retry-schedule.ts';
import type { TargetGuard } from '../../infra/targets/target-guard.ts';

/** How long a receiver has for its answer, ms: what Standard Webhooks recommends. */
export const answerWithinMs = 15_000;

/** Bytes of an answer's body that are read; nothing in it matters. */
const answerBytesMax = 16 * 1024;

/** Sends webhooks over connections of its own. */
export interface WebhookClient {
  /** Makes one attempt; failures are results. */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<AttemptResult>;
  close(): Promise<void>;
}

/** @param connectionsMax connections to one receiver */
export function createWebhookClient(
  guard: TargetGuard,
  { connectionsMax, withinMs = answerWithinMs }: { connectionsMax: number; withinMs?: number },
): WebhookClient {
  const agent = new Agent({
    connections: connectionsMax,
    pipelining: 1,
    connect: { lookup: guard.lookup, timeout: withinMs },
    headersTimeout: withinMs,
    bodyTimeout: withinMs,
    maxHeaderSize: answerBytesMax,
  });
  return {
    async post(url, headers, body, signal) {
      const startedAt = performance.now();
      const result = (status: number | null, error: string, retryAfter?: string): AttemptResult => ({
        status,
        error,
        retryAfterMs: parseRetryAfter(retryAfter, Date.now()),
        durationMs: Math.round(performance.now() - startedAt),
      });
      const refused = guard.refusal(url);
      if (refused !== null) return result(null, refused);
      const within = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
      try {
        // Redirects are not followed: the guard has judged this address and no other.
        const answer = await request(url, { dispatcher: agent, method: 'POST', headers, body, signal: within });
        const status = answer.statusCode;
        const retryAfter = answer.headers['retry-after'];
        await drain(answer.body, within);
        return result(status, failureOf(status), Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
      } catch (cause) {
        return result(null, within.aborted ? `No answer within ${withinMs / 1000} s.` : networkFailure(cause));
      }
    },
    close: () => agent.destroy(),
  };
}

interface Body {
  dump(options: { limit: number; signal: AbortSignal }): Promise<void>;
}

/** Reads the body away, so that the connection can serve the next delivery. */
async function drain(body: Body, signal: AbortSignal): Promise<void> {
  await body.dump({ limit: answerBytesMax, signal }).catch(() => {
    // The status has decided already; a body that breaks off or never ends only costs its connection.
  });
}

function failureOf(status: number): string {
  if (status >= 200 && status < 300) return '';
  if (status >= 300 && status < 400) return `The receiver answered ${status}; redirects are not followed.`;
  return status === 410 ? 'The receiver answered 410: it wants no more.' : `The receiver answered ${status}.`;
}

function networkFailure(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return cause.message === '' && code !== undefined ? code : cause.message;
}
