/** When the process started, as text to compare; undefined when there is no such process, or only its zombie. */
export function processStart(pid: number): string | undefined;
