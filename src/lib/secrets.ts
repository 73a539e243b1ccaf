/** Generated once per instance, kept in one file readable by its owner only. There are no default secrets. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const Password = Type.String({ minLength: 24 });
const SecretsSchema = Type.Object({
  postgres: Type.Object({
    admin: Password,
    replication_region1: Password,
    replication_region2: Password,
    ingest: Password,
    api: Password,
    worker: Password,
    control: Password,
    log: Password,
    /** The RAG service: its documents, and fixed questions over what others store. */
    rag: Password,
    rag_reader: Password,
    vision: Password,
    prober: Password,
    /** The exporter of PostgreSQL's statistics, in each region. */
    monitor: Password,
  }),
  redis: Password,
  rabbitmq: Type.Object({ password: Password, cookie: Password }),
  /** Makes the access codes of the users: see src/lib/users.ts. */
  users: Password,
});
/** A file of an earlier version, which lacks what came later. */
const OlderSecrets = Type.Object({
  postgres: Type.Partial(SecretsSchema.properties.postgres),
  redis: Password,
  rabbitmq: Type.Optional(SecretsSchema.properties.rabbitmq),
  users: Type.Optional(Password),
});
export type Secrets = Static<typeof SecretsSchema>;

const secretsPath = (dataDir: string): string => join(dataDir, 'secrets.json');

/** Makes the file on first start; secrets that a newer version needs are added, those that are there stay. */
export function ensureSecrets(dataDir: string): void {
  const path = secretsPath(dataDir);
  mkdirSync(dataDir, { recursive: true });
  const known: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const older = Value.Check(OlderSecrets, known) ? known : null;
  // What is complete, or of no form of ours, is left alone: readSecrets says so.
  if (Value.Check(SecretsSchema, known) || (existsSync(path) && older === null)) return;
  const password = (): string => randomBytes(24).toString('base64url');
  const fresh: Secrets = {
    postgres: {
      admin: password(),
      replication_region1: password(),
      replication_region2: password(),
      ingest: password(),
      api: password(),
      worker: password(),
      control: password(),
      log: password(),
      rag: password(),
      rag_reader: password(),
      vision: password(),
      prober: password(),
      monitor: password(),
    },
    redis: password(),
    rabbitmq: { password: password(), cookie: password() },
    users: password(),
  };
  const secrets =
    older === null ? fresh : { ...fresh, ...older, postgres: { ...fresh.postgres, ...older.postgres } };
  writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
}

/** Throws when the file is missing or not of the expected form; the message never holds a secret. */
export function readSecrets(dataDir: string): Secrets {
  const path = secretsPath(dataDir);
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!Value.Check(SecretsSchema, parsed)) throw new Error(`${path} does not have the expected form`);
  return parsed;
}
