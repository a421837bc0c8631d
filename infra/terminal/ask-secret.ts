import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Output } from './live-line.ts';

/**
 * Asks on a terminal without showing what is typed. Null: it was given up (Ctrl-C, Ctrl-D).
 * @param input a TTY, which is read key by key
 */
export function askSecret(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: Output = process.stderr,
): Promise<string | null> {
  output.write(question);
  // Readline echoes to its output: to nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = withKeys(() => createInterface({ input, output: nowhere, terminal: true }));
  return new Promise((resolve) => {
    const end = (answer: string | null) => {
      // Before it is closed: that is told at once, and counts as given up.
      resolve(answer);
      lines.close();
    };
    lines.once('line', end);
    lines.once('SIGINT', () => end(null));
    lines.once('close', () => {
      output.write('\n');
      resolve(null);
    });
  });
}

/**
 * Where TERM says that the terminal is dumb, readline takes a backspace for a character: what moves on the screen is
 * nothing that this one has to know.
 */
function withKeys<Made>(make: () => Made): Made {
  const { TERM } = process.env;
  if (TERM === 'dumb') delete process.env.TERM;
  try {
    return make();
  } finally {
    if (TERM !== undefined) process.env.TERM = TERM;
  }
}
