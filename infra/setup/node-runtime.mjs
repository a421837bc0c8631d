// Which Node runs the program: the current one where it runs TypeScript, else the one in node_modules. npm 9 and 10 do
// not link that one into .bin when packages for two architectures are listed, so it is taken by its path.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first Node that runs this repository's TypeScript without a flag and without a known defect. */
const oldestNode = [22, 19];

/**
 * @param {string} root the checkout
 * @returns {{path: string, version: string}} the Node to run with; version as in `24.21.0`
 * @throws {Error} with a sentence for the user when there is none
 */
export function findNode(root, current = { path: process.execPath, version: process.versions.node }) {
  if (isRecent(current.version)) return current;
  const name = packageName();
  const directory = join(root, 'node_modules', name);
  const path = join(directory, 'bin', 'node');
  if (existsSync(path)) {
    return { path, version: versionOf(directory) };
  }
  throw new Error(
    `Millrace needs Node ${oldestNode.join('.')} or newer, this is ${current.version}, and there is no package ${name} ` +
      'to help out. Install a newer Node (https://nodejs.org) and run the command again.',
  );
}

function versionOf(directory) {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).version;
  } catch (cause) {
    // npm takes a full disk for the failure of an optional package, and reports none.
    throw new Error(
      `${directory} is incomplete. Make sure that the disk has room, delete node_modules and run the command again.`,
      { cause },
    );
  }
}

/** The package that carries a current Node for this machine, whether or not it exists. */
export function packageName() {
  return `node-${process.platform}-${process.arch}`;
}

/** Whether a Node of this version, such as `24.21.0`, can run the program. */
export function isRecent(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}
