/**
 * How a device gets a command. `json`: with its id, so that it knows a repeat; `raw`: the payload alone; `sparkplug`: an
 * NCMD or DCMD, which `infra/sparkplug/command.ts` writes.
 */
export const commandFormats = ['json', 'raw', 'sparkplug'] as const;
export type CommandFormat = (typeof commandFormats)[number];

export interface CommandContent {
  readonly id: string;
  readonly command: string;
  /** Text, or anything that JSON has; undefined: none. */
  readonly payload?: unknown;
}

const encoder = new TextEncoder();

/** The bytes that a device gets. */
export function encodeCommand(
  format: Exclude<CommandFormat, 'sparkplug'>,
  { id, command, payload }: CommandContent,
): Uint8Array {
  switch (format) {
    case 'json':
      return encoder.encode(JSON.stringify({ id, command, ...(payload === undefined ? {} : { payload }) }));
    case 'raw':
      if (payload === undefined) return new Uint8Array();
      return encoder.encode(typeof payload === 'string' ? payload : JSON.stringify(payload));
  }
}

/** What a device publishes on its answer topic. */
export interface CommandAnswer {
  readonly id: string;
  readonly isDone: boolean;
  /** What it says of it, cut at 500 characters. */
  readonly detail: string;
}

const detailMax = 500;
const decoder = new TextDecoder();

/**
 * Reads `{"id": "...", "ok": true | false, "message": "..."}`; `ok` absent: done. Where the topic names the id, anything
 * that is no such object is an answer that says it is done.
 * @returns null when it names no command
 */
export function decodeAnswer(payload: Uint8Array, topicId: string | null): CommandAnswer | null {
  const text = decoder.decode(payload);
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: the topic has to say which command it answers.
  }
  const { id, ok, message } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const named = topicId ?? (typeof id === 'string' ? id : null);
  if (named === null) return null;
  const detail = typeof message === 'string' ? message : '';
  return { id: named, isDone: ok !== false, detail: detail.slice(0, detailMax) };
}
