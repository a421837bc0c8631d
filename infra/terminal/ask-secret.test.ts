import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askSecret } from './ask-secret.ts';

/** What is answered when these keys are pressed, and what stands on the screen then. */
async function typed(keys: string): Promise<{ answer: string | null; shown: string }> {
  const input = new PassThrough();
  let shown = '';
  const asked = askSecret('A password: ', input, { write: (text) => (shown += text) });
  input.write(keys);
  return { answer: await asked, shown };
}

it.each([
  ['a line', 'correct horse\r', 'correct horse'],
  ['an empty one', '\r', ''],
  ['one that was corrected', 'correx\u007fct\r', 'correct'],
  ['Ctrl-C', 'corr\u0003', null],
  ['Ctrl-D', '\u0004', null],
])('%s', async (_, keys, answer) => expect(await typed(keys)).toEqual({ answer, shown: 'A password: \n' }));

it('asks again on the same terminal', async () => {
  const input = new PassThrough();
  const output = { write: () => true };
  const first = askSecret('A password: ', input, output);
  input.write('one\r');
  expect(await first).toBe('one');
  const second = askSecret('The same again: ', input, output);
  input.write('two\r');
  expect(await second).toBe('two');
});
