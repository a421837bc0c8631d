import { NatsError } from 'nats';
import { MillraceError } from '../errors.ts';

/**
 * JetStream's refusals by number (server/errors.json of nats-server). Texts differ between versions, numbers do not.
 */
export const apiErrors = {
  insufficientResources: 10023,
  messageNotFound: 10037,
  storageResourcesExceeded: 10047,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
  /** The store refused: "maximum bytes exceeded", or a disk that is full. */
  storeFailed: 10077,
} as const;

/** The number of JetStream's refusal, null when the failure is not one (timeout, link down, no responders). */
export function apiErrorOf(error: unknown): number | null {
  return error instanceof NatsError ? (error.api_error?.err_code ?? null) : null;
}

/** The stream has no room. */
export function isFull(error: unknown): boolean {
  const code = apiErrorOf(error);
  return (
    code === apiErrors.storeFailed ||
    code === apiErrors.storageResourcesExceeded ||
    code === apiErrors.insufficientResources
  );
}

/**
 * The call got no clear answer, or the server is still on its way up: it may or may not have happened, and may be
 * tried again. 503 is either "no responders" or "JetStream not enabled" and means the same here.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof NatsError)) return false;
  if (error.api_error !== undefined) return error.api_error.code === 503 && !isFull(error);
  return ['503', '408', 'TIMEOUT', 'DISCONNECT', 'CONNECTION_REFUSED', 'CONNECTION_TIMEOUT', 'CANCELLED'].includes(
    error.code,
  );
}

/** Wraps a failure of the bus, unless it is already one of ours. */
export function unavailable(what: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError('LOG_UNAVAILABLE', `${what}: ${text}`, { cause });
}
