/** The line of the terminal that says what set-up did; see setup-line.mjs. */
export interface SetupLine {
  readonly notes: readonly string[];
  doing(text: string): void;
  done(note: string): void;
  say(sentence: string): void;
  clear(): void;
  finish(): void;
}

export const notesVariable: string;

export function createSetupLine(
  stream?: { write(text: string): unknown; isTTY?: boolean; columns?: number },
  env?: Record<string, string | undefined>,
): SetupLine;
