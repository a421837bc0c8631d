import { send } from '../api/request.ts';
import type { StatusAnswer } from '../../../events/api.ts';
import type { AlertCounts } from '../../../events/pipeline.ts';
import { figures } from '../live/feed.ts';
import { unknownNow } from '../live/unknown.ts';
import { Logo, Mark, type MarkKind } from '../parts/marks.tsx';
import { Segmented } from '../parts/segmented.tsx';
import type { Route } from '../router/routes.ts';
import { serverNowMs } from '../live/clock.ts';
import { count } from '../words/numbers.ts';
import { switchZone, zoneName } from '../words/times.ts';
import { chooseTheme, themeChoice } from './theme.ts';

const links = [
  { page: 'overview', href: '/', name: 'Overview', apart: false },
  { page: 'devices', href: '/devices', name: 'Devices', apart: false },
  { page: 'alerts', href: '/alerts', name: 'Alerts', apart: false },
  { page: 'webhooks', href: '/webhooks', name: 'Webhooks', apart: true },
  { page: 'quarantine', href: '/quarantine', name: 'Quarantine', apart: false },
] as const;

function isCurrent(link: (typeof links)[number], page: Route['page']): 'page' | undefined {
  return link.page === page || (link.page === 'devices' && page === 'device') ? 'page' : undefined;
}

/** Pages at the left; under 1100 px their initials. */
export function Rail({ page, status }: { page: Route['page']; status: StatusAnswer | null }) {
  return (
    <nav class="rail" aria-label="Pages">
      <a class="brand" href="/" aria-label="Millrace, overview">
        <Logo />
        <span class="long">Millrace</span>
      </a>
      {links.map((link) => (
        <a
          key={link.page}
          class={link.apart ? 'n apart' : 'n'}
          href={link.href}
          aria-current={isCurrent(link, page)}
          title={link.name}
        >
          <span class="long">{link.name}</span>
          <span class="short" aria-hidden="true">
            {link.name[0]}
          </span>
          <span class="cnt long">
            <Count page={link.page} />
          </span>
        </a>
      ))}
      <div class="me long">
        <ThemeSwitch />
        <SignOut status={status} />
        <span>{status === null ? '' : `${status.instance}, ${status.version}`}</span>
      </div>
    </nav>
  );
}

/** Where people sign in. */
function SignOut({ status }: { status: StatusAnswer | null }) {
  if (status?.needsPassword !== true) return null;
  const signOut = async () => {
    await send('DELETE', '/session');
    location.assign('/sign-in');
  };
  return (
    <button type="button" class="btn sm" onClick={() => void signOut()}>
      Sign out
    </button>
  );
}

function ThemeSwitch() {
  return (
    <Segmented
      label="Theme"
      options={[
        ['auto', 'Auto'],
        ['light', 'Light'],
        ['dark', 'Dark'],
      ]}
      value={themeChoice.value}
      onChange={chooseTheme}
    />
  );
}

/** What the rail and the status line hold on a wide page, at the end of a phone's. */
export function Settings({ status }: { status: StatusAnswer | null }) {
  return (
    <div class="settings">
      <ThemeSwitch />
      <SignOut status={status} />
      <button type="button" class="bare" onClick={switchZone}>
        {zoneName(serverNowMs())}
      </button>
      <span>{status === null ? '' : `${status.instance}, ${status.version}`}</span>
    </div>
  );
}

function Count({ page }: { page: (typeof links)[number]['page'] }) {
  const present = figures.value;
  if (present === null) return null;
  if (page === 'devices') return present.sensors.devices > 0 ? <>{count(present.sensors.devices)}</> : null;
  if (page === 'quarantine') return present.quarantine.total > 0 ? <>{count(present.quarantine.total)}</> : null;
  if (page === 'webhooks') return (present.webhooks?.total ?? 0) > 0 ? <>{count(present.webhooks!.total)}</> : null;
  if (page === 'alerts' && present.alerts.total > 0) {
    const kind = unknownNow() !== null ? 'unknown' : worst(present.alerts);
    return (
      <span class="st">
        <Mark kind={kind} label={kind} />
        {count(present.alerts.total)}
      </span>
    );
  }
  return null;
}

function worst(counts: AlertCounts): MarkKind {
  if (counts.critical > 0) return 'critical';
  return counts.warning > 0 ? 'warning' : 'info';
}

/** Pages at the bottom of a phone. */
export function Tabs({ page }: { page: Route['page'] }) {
  const alerts = figures.value?.alerts.total ?? 0;
  return (
    <nav class="tabs" aria-label="Pages">
      {links.map((link) => (
        <a key={link.page} href={link.href} aria-current={isCurrent(link, page)}>
          {link.name}
          {link.page === 'alerts' && alerts > 0 ? ` ${count(alerts)}` : ''}
        </a>
      ))}
    </nav>
  );
}
