import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on a terminal without showing what is typed. Null: it was given up (Ctrl-C, Ctrl-D). Needs a TTY on stdin. */
export function askSecret(question: string): Promise<string | null> {
  process.stderr.write(question);
  // Readline echoes to its output: to nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    const end = (answer: string | null) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    };
    lines.once('line', end);
    lines.once('SIGINT', () => end(null));
    lines.once('close', () => resolve(null));
  });
}
