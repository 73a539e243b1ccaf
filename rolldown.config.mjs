/**
 * The server as `tier0 up` runs it: one file a role, with what it uses of the packages. From its sources a role
 * loads about 1,000 files (typebox alone is 679), which is 1.1 s of processor time, and most of the time of a
 * region that comes back (adr/0009). Not bundled: what finds files of its own, and the benchmarks.
 */
import { defineConfig } from 'rolldown';

const LEFT_OUT = /^(node:|fastify|@fastify\/|pino)|\/bench\//;

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  external: LEFT_OUT,
  output: { format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
});
