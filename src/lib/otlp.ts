/** Traces over OTLP (HTTP), by OpenTelemetry's own SDK. Loaded only where an endpoint is configured. */

import { randomBytes } from 'node:crypto';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { UsageError } from './errors.ts';
import type { Lifecycle } from './lifecycle.ts';
import { type SpanHandle, setTracer, type Tracer } from './tracing.ts';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;
/** A role that closes waits no longer for a collector that is away. */
const EXPORT_MS = 2_000;
/** What is beyond is dropped: traces never keep a request waiting. */
const QUEUE = {
  maxQueueSize: 4_096,
  maxExportBatchSize: 512,
  scheduledDelayMillis: 1_000,
  exportTimeoutMillis: EXPORT_MS,
};

/** Spans of ours, by what callers hold. */
class Spans implements Tracer {
  readonly #provider: BasicTracerProvider;
  readonly #contexts = new WeakMap<SpanHandle, Context>();

  constructor(provider: BasicTracerProvider) {
    this.#provider = provider;
  }

  start: Tracer['start'] = (name, kind, attributes, parent, traceId) => {
    const above = parent === null ? undefined : this.#contexts.get(parent);
    const context = above ?? (traceId === null ? ROOT_CONTEXT : underTrace(traceId));
    const span: Span = this.#provider
      .getTracer('tier0')
      .startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, context);
    const handle: SpanHandle = {
      end: (failure, more = {}) => {
        span.setAttributes({ ...more });
        if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        span.end();
      },
    };
    this.#contexts.set(handle, trace.setSpan(context, span));
    return handle;
  };
}

/** The front door has no span of its own: its request id names the trace. */
function underTrace(traceId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** Throws UsageError for an endpoint that is no HTTP address. What was not sent when the role closes is sent then. */
export function startTracing(
  endpoint: string,
  service: { readonly role: string; readonly region: string },
  lifecycle: Lifecycle,
): void {
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw new UsageError(
      `OTEL_EXPORTER_OTLP_ENDPOINT must begin with http:// or https://, not "${endpoint}"`,
    );
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_MS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': `tier0-${service.role}`,
      'service.namespace': 'tier0',
      'cloud.region': service.region,
    }),
    spanProcessors: [new BatchSpanProcessor(exporter, QUEUE)],
  });
  setTracer(new Spans(provider));
  lifecycle.onClose('traces', async () => {
    setTracer(null);
    await provider.shutdown();
  });
}
