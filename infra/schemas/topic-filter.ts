/** Whether a topic is under an MQTT filter (3.1.1, 4.7): `+` one level, `#` at the end all that follow. */
export function isUnderFilter(filter: string, topic: string): boolean {
  const [wanted, levels] = [filter.split('/'), topic.split('/')];
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true;
    if (levels[i] === undefined || (level !== '+' && level !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}

/** What is wrong with a filter; null when nothing is. */
export function filterProblem(filter: string): string | null {
  const levels = filter.split('/');
  const isWrong = levels.some(
    (level, i) =>
      (level.includes('+') && level !== '+') || (level.includes('#') && (level !== '#' || i < levels.length - 1)),
  );
  return isWrong || filter === ''
    ? `"${filter}" is no topic filter: + stands for one level, # for all at the end`
    : null;
}
