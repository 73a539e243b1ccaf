/** The HTTP server of the vision service, not yet listening. */
import { type Api, createApp } from '../lib/http-app.ts';
import type { VisionContext } from './context.ts';
import { imageRoutes } from './routes/image.ts';
import { imagesRoutes } from './routes/images.ts';
import { systemRoutes } from './routes/system.ts';
import { uploadRoute } from './routes/upload.ts';

export async function buildServer(context: VisionContext): Promise<Api> {
  const { app, finish } = await createApp({
    title: 'Tier-0 Camera Intelligence',
    description: 'Photos of sites: people, hard hats, vests, inspection equipment, scores and corrections.',
    registry: context.registry,
    log: context.log,
  });
  systemRoutes(app, context);
  imagesRoutes(app, context);
  imageRoutes(app, context);
  await uploadRoute(app, context);
  finish();
  return app;
}
