import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import type { Admitted } from './admission.ts';
import { RequestRefused } from './answer.ts';

/** How long what is left of a refused body is read and dropped, ms: an answer before its end may be lost with a reset. */
const drainMs = 2_000;

/**
 * The body of a request, unpacked. Never more than `bytesMax` of it is held, however small its packed form.
 * @throws RequestRefused 400 (not gzip), 413, 415, 429; an ordinary error when the client goes away
 */
export async function readBody(request: IncomingMessage, bytesMax: number, admitted: Admitted): Promise<Buffer> {
  const tooLarge = () =>
    new RequestRefused(
      413,
      'too-large',
      `The body is larger than ${bytesMax} bytes (ingestHttp.bodyMax): send less at once.`,
    );
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const collect = async (from: AsyncIterable<Buffer>) => {
    for await (const chunk of from) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge();
      admitted.hold(chunk.length);
      chunks.push(chunk);
    }
  };
  // The request is not destroyed with the iteration: its answer goes over the same socket.
  const source = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const unpack = unpackerOf(request.headers['content-encoding']);
  if (unpack === null) await collect(source);
  else
    try {
      await pipeline(source, unpack, collect);
    } catch (error) {
      throw zlibFailed(error)
        ? new RequestRefused(400, 'bad-encoding', `The body is not valid gzip: ${(error as Error).message}.`)
        : error;
    }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
}

function unpackerOf(encoding: string | undefined) {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    default:
      throw new RequestRefused(415, 'bad-encoding', `Content-Encoding ${encoding} is not read: send gzip or none.`);
  }
}

function zlibFailed(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}

/** Reads and drops what is left of a body, for a short while. @returns whether it came to its end */
export async function drain(request: IncomingMessage): Promise<boolean> {
  if (request.complete || request.destroyed) return request.complete;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, drainMs);
  request
    .once('end', resolve)
    .once('close', resolve)
    .once('error', () => resolve());
  request.resume();
  await promise;
  clearTimeout(timer);
  return request.complete;
}
