import type { ActiveAlert } from '../../../events/api-alerts.ts';
import type { Views } from '../views.ts';

/** The alerts that are on, most severe first, with what their devices say now. */
export function activeAlerts(
  { alerts, mirror, inForce: { fields } }: Pick<Views, 'alerts' | 'mirror' | 'inForce'>,
  limit: number,
): ActiveAlert[] {
  return alerts
    .active()
    .slice(0, limit)
    .map(({ status, firingSinceUs }) => {
      const device = mirror.get(status.key)?.state;
      const latest = device?.fields[status.field]?.value ?? null;
      const label = device?.life.label ?? '';
      return { ...status, label, firingSinceUs, latest, unit: fields.of(status.field, device?.topic ?? '').unit };
    });
}
