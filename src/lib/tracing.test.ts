import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { sleep } from './clock.ts';
import { UsageError } from './errors.ts';
import { Lifecycle } from './lifecycle.ts';
import { startTracing } from './otlp.ts';
import {
  currentRequestId,
  inRequest,
  requestIdOf,
  requestSpan,
  traced,
  withRequestComment,
} from './tracing.ts';

const ID = '0123456789abcdef0123456789abcdef';

/** OTLP's JSON form: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const Export = Type.Object({
  resourceSpans: Type.Array(
    Type.Object({
      resource: Type.Object({ attributes: Type.Array(Type.Object({ key: Type.String() })) }),
      scopeSpans: Type.Array(
        Type.Object({
          spans: Type.Array(
            Type.Object({
              traceId: Type.String(),
              spanId: Type.String(),
              parentSpanId: Type.Optional(Type.String()),
              name: Type.String(),
              status: Type.Object({
                code: Type.Optional(Type.Integer()),
                message: Type.Optional(Type.String()),
              }),
            }),
          ),
        }),
      ),
    }),
  ),
});
type Spans = Static<typeof Export>['resourceSpans'][number]['scopeSpans'][number]['spans'];

describe('the id of a request', () => {
  it("is the front door's, and one of our own for whatever else stands there", () => {
    assert.equal(requestIdOf(ID), ID);
    for (const bad of [undefined, '', 'x', `${ID}'*/ DROP`, ID.toUpperCase(), [ID]])
      assert.match(requestIdOf(bad), /^[0-9a-f]{32}$/);
    assert.notEqual(requestIdOf('x'), 'x');
  });

  it('follows the work, and stands before its statements', async () => {
    assert.equal(currentRequestId(), null);
    assert.equal(withRequestComment('SELECT 1'), 'SELECT 1');
    await inRequest({ requestId: ID, span: null }, async () => {
      await sleep(1);
      assert.equal(currentRequestId(), ID);
      assert.equal(withRequestComment('SELECT 1'), `/*request_id='${ID}'*/ SELECT 1`);
    });
    assert.equal(currentRequestId(), null);
  });
});

describe('traces', () => {
  let collector: Server;
  let url: string;
  const received: Spans = [];
  let lifecycle: Lifecycle;

  beforeEach(async () => {
    received.length = 0;
    collector = createServer((request, response) => {
      void json(request).then((body) => {
        assert.equal(request.url, '/v1/traces');
        const { resourceSpans } = Value.Parse(Export, body);
        received.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const address = collector.address();
    assert.ok(typeof address === 'object' && address !== null);
    url = `http://127.0.0.1:${address.port}`;
    lifecycle = new Lifecycle(pino({ level: 'silent' }));
  });
  afterEach(async () => {
    await lifecycle.close('test');
    collector.closeAllConnections();
    collector.close();
  });

  it("have the request's id as theirs, its statements under it, and what failed", async () => {
    startTracing(url, { role: 'api', region: 'region1' }, lifecycle);
    const span = requestSpan('GET /api/devices', ID, { 'http.route': '/api/devices' });
    await inRequest({ requestId: ID, span }, async () => {
      await traced('SELECT', { 'db.system': 'postgresql' }, async () => sleep(1));
      await assert.rejects(
        traced('INSERT', {}, async () => {
          throw new Error('no leader');
        }),
      );
    });
    span?.end(null, { 'http.response.status_code': 200 });
    await traced('batch', { rows: 3 }, async () => {});
    await lifecycle.close('test');
    const named = (name: string) => received.find((one) => one.name === name);
    const root = named('GET /api/devices');
    assert.equal(received.length, 4);
    assert.equal(root?.traceId, ID);
    assert.equal(named('SELECT')?.parentSpanId, root?.spanId);
    assert.equal(named('SELECT')?.traceId, ID);
    assert.deepEqual(named('INSERT')?.status, { code: 2, message: 'no leader' });
    assert.notEqual(named('batch')?.traceId, ID);
  });

  it('are nothing at all where no endpoint is configured', async () => {
    assert.equal(requestSpan('GET /', ID, {}), null);
    assert.equal(await traced('SELECT', {}, async () => 7), 7);
    assert.equal(received.length, 0);
  });

  it('keep nothing waiting when nobody collects them', async () => {
    collector.closeAllConnections();
    collector.close();
    startTracing(url, { role: 'api', region: 'region1' }, lifecycle);
    for (let n = 0; n < 10_000; n++) await traced('SELECT', {}, async () => n);
    await lifecycle.close('test');
  });

  it('are refused for an endpoint that is no address', () =>
    assert.throws(
      () => startTracing('collector:4318', { role: 'api', region: 'region1' }, lifecycle),
      (error) => error instanceof UsageError && /OTEL_EXPORTER_OTLP_ENDPOINT/.test(error.message),
    ));
});
