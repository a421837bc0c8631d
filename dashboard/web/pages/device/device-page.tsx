import { useEffect } from 'preact/hooks';
import type { DeviceAnswer } from '../../../../events/api.ts';
import { useResource } from '../../api/resource.ts';
import { onFrame } from '../../live/feed.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { ProcessingNote } from '../../parts/processing-note.tsx';
import { nameOf } from '../../words/presence.ts';
import { KnownDevice } from './known-device.tsx';

const detailEveryMs = 5_000;

export function DevicePage({ deviceKey }: { deviceKey: string }) {
  const detail = useResource<DeviceAnswer>(`/devices/${encodeURIComponent(deviceKey)}`, {}, { everyMs: detailEveryMs });
  const device = detail.value.value;
  const failure = detail.failure.value;
  const name = (device === null ? null : nameOf(device.state)) ?? deviceKey.split('/').at(-1)!;
  useEffect(
    () =>
      onFrame((frame) => {
        const isOfIt =
          frame.type === 'alert'
            ? frame.transition.key === deviceKey
            : frame.type === 'devices' && frame.items.some(({ key }) => key === deviceKey);
        if (isOfIt) void detail.reload();
      }),
    [deviceKey],
  );
  if (device === null) {
    return (
      <>
        <div class="head">
          <a class="crumb only-desk" href="/devices">
            Devices
          </a>
          <h1 tabIndex={-1}>{name}</h1>
        </div>
        <div class="body">
          <ProcessingNote />
          {failure === null ? (
            <section class="sec">
              <Loading what={name} sinceMs={detail.loadingSinceMs.value} />
            </section>
          ) : failure.status === 404 ? (
            <section class="sec">
              <p class="why">
                <span class="mono">{deviceKey}</span> has sent nothing yet. It appears here with its first reading.
              </p>
            </section>
          ) : (
            <FailureNote
              what={`${name} could not be loaded.`}
              failure={failure}
              goesOn="It is asked for again every 5 s."
              retry={() => void detail.reload()}
            />
          )}
        </div>
      </>
    );
  }
  return <KnownDevice device={device} deviceKey={deviceKey} reloadDevice={() => void detail.reload()} />;
}
