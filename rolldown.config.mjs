/**
 * The server as `tier0 up` runs it: one file a role, with what it uses of the packages. From its sources a role
 * loads about 1,000 files (typebox alone is 679), which is 1.1 s of processor time, and most of the time of a
 * region that comes back (adr/0009). Not bundled: what finds files of its own, and the benchmarks.
 */
import { defineConfig } from 'rolldown';

const LEFT_OUT =
  /^(node:|fastify|@fastify\/|pino|@tensorflow\/|@energetic-ai\/|unpdf|cohere-ai|sharp|mongodb|@vladmandic\/|onnxruntime-node)|\/bench\//;

export default defineConfig({
  // Worker threads are files of their own: src/lib/thread-file.ts.
  input: {
    main: 'src/main.ts',
    'rag-extract': 'src/rag/extract/thread.ts',
    embed: 'src/lib/embed/thread.ts',
    'vision-detect': 'src/vision/detect/thread.ts',
  },
  platform: 'node',
  external: LEFT_OUT,
  output: { format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
});
