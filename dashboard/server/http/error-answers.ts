import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { ApiError } from '../../../events/api.ts';
import { MillraceError } from '../../../infra/errors.ts';
import { ApiFailure } from './api-failure.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ApiError;
  /** Nobody expected it: it belongs in the log. */
  readonly unexpected: boolean;
}

/** What a client is told of a failure. Of unexpected ones it learns no more than that they happened. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ApiFailure) return answer(error.status, error.code, error.message);
  if (error instanceof MillraceError && (error.code === 'STORAGE_UNAVAILABLE' || error.code === 'LOG_UNAVAILABLE'))
    return answer(503, error.code, error.message);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const places = error.validation.map(({ instancePath, message }) => `${place(instancePath)}${message ?? ''}`);
    return answer(400, 'BAD_REQUEST', `${places.join('; ')}.`);
  }
  const { statusCode, code, message } = error as FastifyError;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return answer(statusCode, code, message);
  return {
    status: 500,
    body: { error: 'INTERNAL', message: "The dashboard's server failed; its log says why." },
    unexpected: true,
  };
}

function answer(status: number, error: string, message: string): ErrorAnswer {
  return { status, body: { error, message }, unexpected: false };
}

function place(path: string | undefined): string {
  const name = (path ?? '').replace(/^\//, '').replaceAll('/', '.');
  return name === '' ? '' : `${name}: `;
}
