/**
 * How people call what an alert is about: the device, or the group of devices by its key, such as `site=plant1` or
 * `fleet`, which has no device.
 */
export function groupName({ key, device }: { readonly key: string; readonly device: string }): string {
  return device === '' ? decodeURIComponent(key) : device;
}
