// `npm run check`. Each guard runs whatever the others say, so that one run shows all there is to mend.
import { writeFileSync } from 'node:fs';
import { checkout } from './checkout.ts';
import { guards, runGuard } from './guards.ts';

const failed: string[] = [];
for (const guard of guards) {
  process.stdout.write(`\n${guard.name}: ${[guard.program, ...guard.args].join(' ')}\n`);
  if ((await runGuard(guard, checkout)) !== 0) failed.push(guard.name);
}
const which = failed.length > 0 ? ` (${failed.join(', ')})` : '';
process.stdout.write(`\ncheck: ${guards.length - failed.length} passed, ${failed.length} failed${which}\n`);

// For .ci/run, in the words of a test runner's report.
const resultPath = process.env.MILLRACE_CHECK_RESULT;
if (resultPath !== undefined) {
  const numPassedTests = guards.length - failed.length;
  const result = { numTotalTests: guards.length, numPassedTests, success: failed.length === 0 };
  writeFileSync(resultPath, JSON.stringify(result));
}
process.exitCode = failed.length > 0 ? 1 : 0;
