import type { RefusalReason } from '../refusals.ts';
import type { RequestRefused } from './answer.ts';

/** Under which reason a refused request counts. */
export function reasonOf({ status, code }: RequestRefused): RefusalReason {
  switch (code) {
    case 'origin':
    case 'unauthorized':
    case 'forbidden-topic':
    case 'too-large':
    case 'log-full':
    case 'busy':
    case 'bad-topic':
    case 'wildcard-topic':
    case 'reserved-topic':
    case 'command-topic':
      return code;
    case 'message-rate':
    case 'byte-rate':
      return `http-${code}`;
    case 'log-unreachable':
    case 'log-late':
      return 'log-late';
  }
  return code === 'too-many-requests' || code === 'too-many-bytes'
    ? 'http-limit'
    : status === 413
      ? 'too-large'
      : 'bad-request';
}
