/**
 * How people call what an alert is about: the device by its label, or its name without one, or the group of devices by
 * its key, such as `site=plant1` or `fleet`, which has no device.
 */
export function groupName({
  key,
  device,
  label = '',
}: {
  readonly key: string;
  readonly device: string;
  readonly label?: string;
}): string {
  return device === '' ? decodeURIComponent(key) : label || device;
}
