/** The thread that looks at photos, one at a time: a file in, what it shows out. */
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { PhotoError } from '../photo-error.ts';
import { analyse } from './analyse.ts';
import { decode } from './decode.ts';
import { Models } from './models.ts';

const Request = Type.Union([
  Type.Object({ id: Type.Integer(), bytes: Type.Unsafe<Uint8Array>({}) }),
  Type.Object({ end: Type.Literal(true) }),
]);

// The pool gives each thread a processor of its own; libvips would take all, and keep what it has read.
sharp.concurrency(1);
sharp.cache(false);

const models = Models.load();

async function lookAt(bytes: Uint8Array): Promise<Record<string, unknown>> {
  const { frame, shown, thumbnail } = await decode(bytes);
  const analysis = await analyse(await models, frame);
  return { analysis, shown, thumbnail, width: frame.width, height: frame.height };
}

parentPort?.on('message', (message: unknown) => {
  const request = Value.Parse(Request, message);
  // Of a worker thread this ends only the thread.
  if ('end' in request) process.exit();
  const { id, bytes } = request;
  lookAt(bytes).then(
    (look) => parentPort?.postMessage({ id, look }),
    (error: unknown) => {
      if (!(error instanceof PhotoError)) throw error;
      parentPort?.postMessage({ id, failure: error.failure, message: error.publicMessage });
    },
  );
});
