/** Reads and validates a role's configuration once, at start. Every bad key is named in one error. */
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Environment variable of a config key: portOffset -> TIER0_PORT_OFFSET. */
function environmentName(key: string): string {
  return `TIER0_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** What every role is told by its supervisor. */
export const CommonConfig = {
  dataDir: Type.String({ minLength: 1 }),
  portOffset: Type.Integer({ minimum: 0, maximum: 30_000, default: 0 }),
};

/**
 * Parses the environment against a schema: numbers and booleans are converted, defaults filled in.
 * `rules` adds cross-field rules; each returned string is one complaint.
 * Throws ConfigError that names every bad variable.
 */
export function readConfig<T extends TObject>(
  schema: T,
  env: NodeJS.ProcessEnv,
  rules: (config: Static<T>) => readonly string[] = () => [],
): Static<T> {
  const raw: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties as Record<string, TSchema>)) {
    const text = env[environmentName(key)];
    if (text !== undefined) raw[key] = convert(property, text);
  }
  const candidate = Value.Default(schema, raw);
  if (!Value.Check(schema, candidate)) {
    const complaints = Value.Errors(schema, candidate).flatMap(describeMismatch);
    throw new ConfigError(`bad configuration: ${complaints.join('; ')}`);
  }
  const broken = rules(candidate);
  if (broken.length > 0) throw new ConfigError(`bad configuration: ${broken.join('; ')}`);
  return candidate;
}

/** A text that is no number of the wanted kind stays as it is: typebox would cut "1.5" to the integer 1. */
function convert(property: TSchema, text: string): unknown {
  const number = /^-?\d+(\.\d+)?$/.exec(text);
  if (Type.IsInteger(property) && (number === null || number[1] !== undefined)) return text;
  if (Type.IsNumber(property) && number === null) return text;
  return Value.Convert(property, text);
}

/** One line per variable that an error is about. */
function describeMismatch(error: ReturnType<typeof Value.Errors>[number]): string[] {
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((key) => `${environmentName(key)} is missing`);
  }
  const key = error.instancePath.slice(1);
  return [key === '' ? error.message : `${environmentName(key)} ${error.message}`];
}
