/** What the repository's rules look at, read from TypeScript's own syntax trees. */
import { globSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const NOT_OURS = ['**/node_modules/**', '**/dist/**', 'build/**', '.git/**', '.tier0/**'];

/** Paths of our own files that match, relative to the root. */
export function ourFiles(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: NOT_OURS }).sort();
}

type Import = {
  readonly line: number;
  /** As written, or relative to the root when it is a path. */
  readonly target: string;
  readonly typeOnly: boolean;
};

export type SourceFacts = {
  readonly path: string;
  readonly imports: readonly Import[];
  /** Names used as values, such as `Date.now`, `setTimeout`, `process.env`, `new Date()`. */
  readonly uses: readonly { readonly line: number; readonly name: string }[];
  /** Lines with a double assertion through `unknown`. */
  readonly doubleAssertions: readonly number[];
};

function importTarget(path: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(path), specifier)) : specifier;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** The import that this node makes, if any: a declaration, a re-export or `import(…)`. */
function importOf(path: string, node: ts.Node): Omit<Import, 'line'> | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const specifier = node.moduleSpecifier;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return null;
    return { target: importTarget(path, specifier.text), typeOnly: isTypeOnly(node) };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [specifier] = node.arguments;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return null;
    return { target: importTarget(path, specifier.text), typeOnly: false };
  }
  return null;
}

/** The global name that this node uses, if it is one that a rule may ask about. */
function useOf(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    // `{ ...process.env }` hands the environment on to a child process; it reads no setting.
    if (ts.isSpreadAssignment(node.parent)) return null;
    return `${node.expression.text}.${node.name.text}`;
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return `${node.expression.text}()`;
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    return `new ${node.expression.text}(${node.arguments?.length ? '…' : ''})`;
  }
  return null;
}

function isDoubleAssertion(node: ts.Node): boolean {
  return (
    ts.isAsExpression(node) &&
    ts.isAsExpression(node.expression) &&
    node.expression.type.kind === ts.SyntaxKind.UnknownKeyword
  );
}

function factsOf(path: string, file: ts.SourceFile): SourceFacts {
  const imports: Import[] = [];
  const uses: { line: number; name: string }[] = [];
  const doubleAssertions: number[] = [];
  const visit = (node: ts.Node): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const found = importOf(path, node);
    if (found !== null) imports.push({ line, ...found });
    const name = useOf(node);
    if (name !== null) uses.push({ line, name });
    if (isDoubleAssertion(node)) doubleAssertions.push(line);
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
  return { path, imports, uses, doubleAssertions };
}

/** Facts of every TypeScript file of ours, read through the compiler (it runs as a process until this returns). */
export function readSources(): SourceFacts[] {
  const api = new API({ cwd: ROOT });
  try {
    const snapshot = api.updateSnapshot({
      openProjects: [join(ROOT, 'tsconfig.json'), join(ROOT, 'dashboard/tsconfig.json')],
    });
    const seen = new Map<string, SourceFacts>();
    for (const { program } of snapshot.getProjects()) {
      for (const name of program.getSourceFileNames()) {
        const path = relative(ROOT, name);
        if (path.startsWith('..') || path.includes('node_modules') || seen.has(path)) continue;
        const file = program.getSourceFile(name);
        if (file !== undefined && !file.isDeclarationFile) seen.set(path, factsOf(path, file));
      }
    }
    return [...seen.values()];
  } finally {
    api.close();
  }
}
