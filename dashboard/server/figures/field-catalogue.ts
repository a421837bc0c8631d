import type { FieldInfo } from '../../../events/api.ts';
import { compileTemplate, matchTopic } from '../../../events/topics.ts';
import type { CompiledTemplate } from '../../../events/topics.ts';
import type { FieldConfig } from '../../../infra/config/schema.ts';

/** What the configuration says of fields. One named for a topic template wins over one named for all. */
export class FieldCatalogue {
  readonly all: readonly FieldInfo[];
  readonly #byTopic: readonly { readonly info: FieldInfo; readonly template: CompiledTemplate | null }[];

  constructor(fields: readonly FieldConfig[]) {
    this.all = fields.map((field) => ({
      name: field.name,
      topic: field.topic ?? null,
      label: field.label ?? field.name,
      unit: field.unit ?? '',
      range: field.range ?? null,
    }));
    this.#byTopic = this.all.map((info) => ({
      info,
      template: info.topic === null ? null : compileTemplate({ template: info.topic, format: 'json' }),
    }));
  }

  /** Of a field of a device whose readings come on `topic`. */
  of(name: string, topic: string): FieldInfo {
    let general: FieldInfo | null = null;
    for (const { info, template } of this.#byTopic) {
      if (info.name !== name) continue;
      if (template === null) general ??= info;
      else if (matchTopic([template], topic) !== null) return info;
    }
    return general ?? { name, topic: null, label: name, unit: '', range: null };
  }
}
