/** The rules of the repository, as tests. Each failure lists the places that break the rule. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { ourFiles, ROOT, readSources, type SourceFacts } from './source-facts.ts';

const sources = readSources();
const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('test/');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The files that a rule is about; a rule about nothing would hold for the wrong reason. */
function sourcesBelow(...folders: string[]): SourceFacts[] {
  const found = sources.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));
  assert.notEqual(found.length, 0, `no sources below ${folders.join(', ')}`);
  return found;
}

function assertNone(violations: readonly string[]): void {
  assert.equal(violations.length, 0, `\n${violations.join('\n')}\n`);
}

const roleOf = (path: string): string | null => /^src\/([^/]+)\//.exec(path)?.[1] ?? null;

describe('imports', () => {
  test('a role imports only itself and src/lib; src/lib imports no role', () => {
    const violations = sourcesBelow('src')
      .filter(({ path }) => roleOf(path) !== null)
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ target }) => /^(src|dashboard|bench|sim)\//.test(target))
          .filter(({ target }) => ![roleOf(path), 'lib'].includes(roleOf(target)))
          .map(({ line, target }) => `${path}:${line} imports ${target}`),
      );
    assertNone(violations);
  });

  test('the dashboard takes only types of the schema files and the facts of src/lib/fleet.ts from the backend', () => {
    const violations = sourcesBelow('dashboard').flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => /^(src|bench|sim|test)\//.test(target))
        .filter(
          ({ target, typeOnly }) =>
            !(
              /^src\/(api\/((log|user|availability|observability)-)?|rag\/|vision\/)schemas\.ts$/.test(
                target,
              ) && typeOnly
            ),
        )
        .filter(
          ({ target, typeOnly }) => !(/^src\/lib\/(control|http)-schemas\.ts$/.test(target) && typeOnly),
        )
        .filter(({ target }) => target !== 'src/lib/fleet.ts')
        .map(({ line, target }) => `${path}:${line} imports ${target}`),
    );
    assertNone(violations);
  });
});

describe('effects', () => {
  const CLOCK =
    /^(Date\.now|Math\.random|performance\.now|process\.hrtime|(setTimeout|setInterval)\(\)|new Date\(\))$/;

  test('time and chance come from src/lib/clock.ts and src/lib/random.ts, in the dashboard from its lib/', () => {
    const allowed = /^(src|dashboard\/src)\/lib\/(clock|random)\.ts$/;
    const violations = sourcesBelow('src', 'sim', 'dashboard/src')
      .filter(({ path }) => !isTest(path) && !allowed.test(path))
      .flatMap(({ path, uses, imports }) => [
        ...uses.filter(({ name }) => CLOCK.test(name)).map(({ line, name }) => `${path}:${line} ${name}`),
        ...imports
          .filter(({ target }) => target.startsWith('node:timers'))
          .map(({ line, target }) => `${path}:${line} imports ${target}`),
      ]);
    assertNone(violations);
  });

  test('the environment is read in config files and src/main.ts only', () => {
    const violations = sourcesBelow('src', 'sim')
      .filter(({ path }) => !isTest(path) && basename(path) !== 'config.ts' && path !== 'src/main.ts')
      .flatMap(({ path, uses }) =>
        uses.filter(({ name }) => name === 'process.env').map(({ line }) => `${path}:${line}`),
      );
    assertNone(violations);
  });
});

describe('code', () => {
  test('nothing is asserted through unknown', () => {
    assertNone(
      sources.flatMap(({ path, doubleAssertions }) => doubleAssertions.map((line) => `${path}:${line}`)),
    );
  });

  test('a file has at most 300 lines or says why it has more', () => {
    const violations = ourFiles('**/*.{ts,tsx,mjs,css}')
      .map((path) => ({ path, text: read(path) }))
      .map(({ path, text }) => ({ path, text, lines: text.split('\n').length - 1 }))
      .filter(({ text, lines }) => lines > 300 && !/Longer than 300 lines because \S/.test(text))
      .map(({ path, lines }) => `${path} has ${lines} lines`);
    assertNone(violations);
  });

  test('no file or folder has a name that says nothing', () => {
    const empty = /^(utils?|helpers?|common|managers?|misc|shared|stuff)$/;
    const violations = ourFiles('**/*.{ts,tsx,mjs,css,sql,md}').filter((path) =>
      [...dirname(path).split('/'), basename(path).replace(/\..*$/, '')].some((name) => empty.test(name)),
    );
    assertNone(violations);
  });

  test('nothing is left for later in a comment', () => {
    const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
    const violations = ourFiles('**/*.{ts,tsx,mjs,css,sql,md,sh,html}').flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((text, index) => (marks.test(text) ? [`${path}:${index + 1} ${text.trim()}`] : [])),
    );
    assertNone(violations);
  });
});

describe('migrations', () => {
  const migrations = readdirSync(join(ROOT, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .sort();

  test('are numbered without gaps', () => {
    const numbers = migrations.map((name) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    assert.deepEqual(
      numbers,
      migrations.map((_, index) => String(index + 1).padStart(4, '0')),
    );
  });

  test('never change: each is as migrations/checksums.txt says (append a new one with sha256sum)', () => {
    const actual = migrations.map(
      (name) =>
        `${createHash('sha256')
          .update(read(`migrations/${name}`))
          .digest('hex')}  ${name}`,
    );
    assert.deepEqual(read('migrations/checksums.txt').trimEnd().split('\n'), actual);
  });
});

describe('dependencies', () => {
  type Manifest = Partial<
    Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
  >;
  const manifests = ['package.json', 'dashboard/package.json'].map(
    (path): { path: string; manifest: Manifest } => ({ path, manifest: JSON.parse(read(path)) }),
  );
  const dependencies = manifests.flatMap(({ path, manifest }) =>
    [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap((group) =>
      Object.entries(group ?? {}).map(([name, version]) => ({ path, name, version })),
    ),
  );

  test('each has its reason in docs/adr/0001-dependencies.md, and no other has', () => {
    const lines = read('docs/adr/0001-dependencies.md').matchAll(/^\| `([^`]+)` \| (\S.{9,}) \|$/gm);
    const explained = [...lines].map(([, name]) => name ?? '').sort();
    assert.deepEqual(explained, [...new Set(dependencies.map(({ name }) => name))].sort());
  });

  test('the lockfile names the packages of every platform, without which npm ci refuses', () => {
    type Locked = { optionalDependencies?: Record<string, string> };
    const { packages }: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'));
    const named = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
    const violations = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {})
        .filter((name) => !named.has(name))
        .map((name) => `${path} wants ${name}`),
    );
    assertNone(violations);
  });

  test('versions are exact', () => {
    const loose = dependencies.filter(({ version }) => !/^\d+\.\d+\.\d+$/.test(version));
    assertNone(loose.map(({ path, name, version }) => `${path} ${name} ${version}`));
  });
});
