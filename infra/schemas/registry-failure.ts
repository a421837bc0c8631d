/** Failures of the registry, with the codes that the Confluent Schema Registry has for them. */
export const registryErrors = {
  INCOMPATIBLE: 409,
  SUBJECT_NOT_FOUND: 40401,
  VERSION_NOT_FOUND: 40402,
  SCHEMA_NOT_FOUND: 40403,
  SUBJECT_SOFT_DELETED: 40404,
  SUBJECT_NOT_SOFT_DELETED: 40405,
  VERSION_SOFT_DELETED: 40406,
  VERSION_NOT_SOFT_DELETED: 40407,
  SUBJECT_LEVEL_NOT_SET: 40408,
  SUBJECT_MODE_NOT_SET: 40409,
  INVALID_SCHEMA: 42201,
  INVALID_VERSION: 42202,
  INVALID_LEVEL: 42203,
  OPERATION_NOT_PERMITTED: 42205,
  REFERENCE_EXISTS: 42206,
  INVALID_SUBJECT: 42208,
  STORE_FAILED: 50001,
  TIMED_OUT: 50002,
} as const;

/** A request that the registry does not do; `code` is one of `registryErrors`. */
export class RegistryFailure extends Error {
  override readonly name = 'RegistryFailure';
  readonly code: number;

  constructor(kind: keyof typeof registryErrors, message: string) {
    super(message);
    this.code = registryErrors[kind];
  }
}
