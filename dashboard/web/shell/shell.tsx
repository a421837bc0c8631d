import { useEffect, useRef } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import type { StatusAnswer } from '../../../events/api.ts';
import { AlertsPage } from '../pages/alerts/alerts-page.tsx';
import { DevicePage } from '../pages/device/device-page.tsx';
import { DevicesPage } from '../pages/devices/devices-page.tsx';
import { OverviewPage } from '../pages/overview/overview-page.tsx';
import { QuarantinePage } from '../pages/quarantine/quarantine-page.tsx';
import { WebhooksPage } from '../pages/webhooks/webhooks-page.tsx';
import { arrivals, place } from '../router/location.ts';
import { routeOf, type Route } from '../router/routes.ts';
import { Announcer } from './announcer.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { Rail, Settings, Tabs } from './navigation.tsx';
import { StatusLine } from './status-line.tsx';

/** What is around every page: navigation, status line, and the page in the middle. */
export function Shell() {
  const route = routeOf(place.value.path);
  const main = useRef<HTMLElement>(null);
  const status = useResource<StatusAnswer>('/status', {}, { everyMs: 30_000, keep: true }).value.value;
  const arrived = arrivals.value;
  useEffect(() => {
    document.title = titleOf(route);
    if (arrived > 0) main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [arrived]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the page
      </a>
      <div class="app">
        <Rail page={route.page} status={status} />
        <main id="main" ref={main} tabIndex={-1}>
          <Page route={route} />
          <Settings status={status} />
        </main>
        <StatusLine status={status} />
        <Tabs page={route.page} />
      </div>
      <KeysDialog />
      <Announcer />
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'devices':
      return <DevicesPage />;
    case 'device':
      return <DevicePage key={route.key} deviceKey={route.key} />;
    case 'alerts':
      return <AlertsPage />;
    case 'webhooks':
      return <WebhooksPage />;
    case 'quarantine':
      return <QuarantinePage />;
    case 'missing':
      return (
        <div class="head">
          <h1 tabIndex={-1}>There is no such page</h1>
          <a class="link" href="/">
            Overview
          </a>
        </div>
      );
  }
}

function titleOf(route: Route): string {
  switch (route.page) {
    case 'overview':
      return 'Millrace';
    case 'device':
      return `${route.key} · Millrace`;
    case 'missing':
      return 'No such page · Millrace';
    case 'devices':
    case 'alerts':
    case 'webhooks':
    case 'quarantine':
      return `${route.page[0]!.toUpperCase()}${route.page.slice(1)} · Millrace`;
  }
}
