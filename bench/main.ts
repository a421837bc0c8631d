/**
 * What is measured, one bench a file: `npm run bench` from sensor to screen and to PUBACK with every process,
 * `npm run bench -- processing` from the log through windows and rules. Each says what its flags are.
 */
const benches = ['end-to-end', 'processing'] as const;

const asked =
  process.argv[2] !== undefined && !process.argv[2].startsWith('-') ? process.argv.splice(2, 1)[0]! : benches[0];
if (!(benches as readonly string[]).includes(asked)) {
  process.stderr.write(`no bench is called "${asked}"; there are: ${benches.join(', ')}\n`);
  process.exit(2);
}
await import(`./${asked}.ts`);
