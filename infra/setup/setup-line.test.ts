import { expect, test } from 'vitest';
import { createSetupLine, notesVariable } from './setup-line.mjs';

function collect(isTTY: boolean) {
  let text = '';
  return { isTTY, columns: 40, write: (part: string) => (text += part), text: () => text };
}

test('without a terminal each long step is a line, then one line says it all', () => {
  const stream = collect(false);
  const line = createSetupLine(stream, { [notesVariable]: '["dependencies 6.1 s","node 24.21 ready"]' });
  line.doing('fetching nats-server');
  line.doing('fetching nats-server');
  line.done('nats-server 2.15.1 ready');
  line.finish();
  line.finish();
  expect(stream.text()).toBe(
    '  setup       fetching nats-server\n  setup       dependencies 6.1 s, node 24.21 ready, nats-server 2.15.1 ready\n',
  );
});

test('on a terminal the step stands in the place of the line, cut to its width', () => {
  const stream = collect(true);
  const line = createSetupLine(stream, { NO_COLOR: '1' });
  line.doing('reading the package index of a suite');
  line.done('nats-server 2.15.1 ready');
  line.finish();
  expect(stream.text()).toBe(
    '  setup       reading the package index\r\u001b[2K  setup       nats-server 2.15.1 ready\n',
  );
});

test('on a narrow terminal the notes go below each other', () => {
  const stream = collect(true);
  const line = createSetupLine(stream, { NO_COLOR: '1', [notesVariable]: '["dependencies 6 s","node 24.21 ready"]' });
  line.done('nats-server 2.15.1 ready');
  line.done('b');
  line.finish();
  expect(stream.text()).toBe(
    ['  setup       dependencies 6 s,', 'node 24.21 ready,', 'nats-server 2.15.1 ready,', 'b\n'].join(
      `\n${' '.repeat(14)}`,
    ),
  );
});

test('nothing done, nothing said', () => {
  const stream = collect(false);
  createSetupLine(stream, {}).finish();
  expect(stream.text()).toBe('');
});
