import { apiPath, type ApiError } from '../../../events/api.ts';

/** Why an answer did not come: a code, a sentence, and the HTTP status (0: no answer at all). */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export type Parameters = Readonly<Record<string, string | number | null | undefined>>;

/** `GET /api/v1<path>`. A request given up by `signal` is the only thing it throws. */
export async function get<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<Result<T>> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const search = query.size === 0 ? '' : `?${query}`;
  try {
    const response = await fetch(`${apiPath}${path}${search}`, { signal, headers: { accept: 'application/json' } });
    if (response.ok) return { ok: true, value: (await response.json()) as T };
    return { ok: false, failure: await failureOf(response) };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    return { ok: false, failure: { code: 'NO_ANSWER', message: 'The dashboard server does not answer.', status: 0 } };
  }
}

/** `POST /api/v1<path>` with a JSON body. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- who asks says which answer it expects
export async function post<T>(path: string, body: unknown): Promise<Result<T>> {
  try {
    const response = await fetch(apiPath + path, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) return { ok: true, value: (await response.json()) as T };
    return { ok: false, failure: await failureOf(response) };
  } catch {
    return { ok: false, failure: { code: 'NO_ANSWER', message: 'The dashboard server does not answer.', status: 0 } };
  }
}

async function failureOf(response: Response): Promise<Failure> {
  const text = await response.text();
  try {
    const { error, message } = JSON.parse(text) as ApiError;
    return { code: error, message, status: response.status };
  } catch {
    // Not from our server (a proxy's page): its status is all there is to say.
    return { code: 'NO_ANSWER', message: `The server answered ${response.status}.`, status: response.status };
  }
}
