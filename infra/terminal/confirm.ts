import { createInterface } from 'node:readline/promises';

/** Whether somebody can be asked on this terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks a question that is answered with yes or no; anything but yes is no. Needs a terminal. */
export async function confirmed(asked: string): Promise<boolean> {
  const question = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await question.question(`  ${asked} [y/N] `)).trim());
  } finally {
    question.close();
  }
}
