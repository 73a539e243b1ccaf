import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { ensureSecrets, readSecrets } from './secrets.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tier0-test-secrets-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('secrets are made once, readable by the owner only, and all different', () => {
  const dataDir = join(dir, 'new');
  ensureSecrets(dataDir);
  const path = join(dataDir, 'secrets.json');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const text = readFileSync(path, 'utf8');
  const { postgres, redis } = readSecrets(dataDir);
  const passwords = [...Object.values(postgres), redis];
  assert.equal(new Set(passwords).size, 14);
  for (const password of passwords) assert.match(password, /^[\w-]{32}$/);
  ensureSecrets(dataDir);
  assert.equal(readFileSync(path, 'utf8'), text);
});

it('a secret that a newer version needs is added, and those that are there stay', () => {
  ensureSecrets(dir);
  const path = join(dir, 'secrets.json');
  const before = readSecrets(dir);
  const { control: _, ...older } = before.postgres;
  writeFileSync(path, JSON.stringify({ ...before, postgres: older }));
  ensureSecrets(dir);
  const after = readSecrets(dir);
  assert.deepEqual({ ...after.postgres, control: '' }, { ...before.postgres, control: '' });
  assert.equal(after.redis, before.redis);
});

it('a file of another form is refused without showing what it holds', () => {
  const path = join(dir, 'secrets.json');
  writeFileSync(path, JSON.stringify({ redis: 'hunter2' }));
  chmodSync(path, 0o600);
  assert.throws(
    () => readSecrets(dir),
    (error) => error instanceof Error && error.message.includes(path) && !error.message.includes('hunter2'),
  );
});
