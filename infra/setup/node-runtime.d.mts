/** The Node to run with: the current one where it is new enough, else the one in node_modules. */
export function findNode(root: string, current?: { path: string; version: string }): { path: string; version: string };

/** The package that carries a current Node for this machine, whether or not it exists. */
export function packageName(): string;

/** Whether a Node of this version, such as `24.21.0`, can run the program. */
export function isRecent(version: string): boolean;
