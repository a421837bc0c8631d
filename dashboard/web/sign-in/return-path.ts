/** Where to go after the sign-in: what `to` names on this server, never another one. */
export function returnPath(search: string): string {
  const to = new URLSearchParams(search).get('to') ?? '/';
  // Browsers read \\ as / and leave out tabs and line ends: `/\\evil.example` and `/<tab>/evil.example` lead away.
  return /^\/(?![/\\])[^\\\s]*$/.test(to) && !to.startsWith('/sign-in') ? to : '/';
}
