/**
 * What is measured, one bench a file:
 *
 *     npm run bench                   from sensor to screen and to PUBACK, with every process (end-to-end.ts)
 *     npm run bench -- processing     from the log through windows and rules, without storage
 *     npm run bench -- recovery       how fast workers recover, what state costs
 *     npm run bench -- broker         how fast ingest's broker has its retained messages and sessions back, and what they cost
 *     npm run bench -- scale          1, 2 and 3 processors processes on one log, and a takeover
 *
 * `--json` gives the figures alone, `--quick` a shorter run where there is one.
 */
const isJson = process.argv.includes('--json');
const isQuick = process.argv.includes('--quick');

const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  'end-to-end': () => import('./end-to-end.ts'),
  processing: () => import('./processing.ts'),
  recovery: async () => (await import('./recovery.ts')).reportRecovery(isJson),
  broker: async () => (await import('./broker-memory.ts')).reportBrokerMemory(isJson),
  scale: async () => {
    const { benchScale } = await import('./scale.ts');
    const figures = await benchScale(isQuick ? 100_000 : 300_000, (text) => process.stderr.write(`${text}\n`));
    if (isJson) process.stdout.write(`${JSON.stringify(figures)}\n`);
  },
};

const isNamed = process.argv[2] !== undefined && !process.argv[2].startsWith('-');
const name = isNamed ? process.argv.splice(2, 1)[0]! : 'end-to-end';
const bench = benches[name];
if (bench === undefined) {
  process.stderr.write(`no bench is called "${name}"; there are: ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
await bench();
