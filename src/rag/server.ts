/** The HTTP server of the RAG service, not yet listening. */
import { type Api, createApp } from '../lib/http-app.ts';
import type { RagContext } from './context.ts';
import { documentRoutes } from './routes/documents.ts';
import { queryRoutes } from './routes/query.ts';
import { systemRoutes } from './routes/system.ts';

export async function buildServer(context: RagContext): Promise<Api> {
  const { app, finish } = await createApp({
    title: 'Tier-0 AI Query',
    description: 'Questions over documents, camera records, the access log and the live fleet.',
    registry: context.registry,
    log: context.log,
  });
  systemRoutes(app, context);
  queryRoutes(app, context);
  await documentRoutes(app, context);
  finish();
  return app;
}
