/** Takes the lock at `path` if it is free, else names who holds it. */
export function tryLock(path: string): { release(): void } | { holderPid: number };

/** Runs `work` while holding the lock, waiting for it as long as its holder lives; `onWait` gets the holder's pid. */
export function withLock<T>(path: string, onWait: (pid: number) => void, work: () => Promise<T>): Promise<T>;
