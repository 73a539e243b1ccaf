/** The control role's HTTP: where the front door leads, and drills. nginx has /drills of it on 3000 and 8003. */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { Value } from 'typebox/value';
import { DrillRequest } from '../lib/control-schemas.ts';
import { describeError, OperatingError } from '../lib/errors.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../lib/metrics.ts';
import type { Drills } from './drill/drills.ts';
import type { Routes } from './routes.ts';

export type ControlHttp = {
  readonly host: string;
  readonly port: number;
  readonly routes: Routes;
  readonly drills: Drills;
  readonly heal: () => string[];
  readonly registry: Registry;
  readonly log: Log;
};

type Answer = { readonly status: number; readonly body: object | null };

const problem = (status: number, error: string, message: string, field?: string): Answer => ({
  status,
  body: { error, message, ...(field === undefined ? {} : { field }) },
});

const BODY_MAX_BYTES = 8_192;

/** The request with its defaults, or what is wrong with it. */
export function parseDrillRequest(body: unknown): DrillRequest | Answer {
  const wanted = Value.Default(DrillRequest, body);
  if (Value.Check(DrillRequest, wanted)) return wanted;
  const [first] = Value.Errors(DrillRequest, wanted);
  if (first === undefined) return problem(400, 'bad_request', 'the body is not a drill');
  let field = first.instancePath.split('/')[1] ?? '';
  if (first.keyword === 'required') field = first.params.requiredProperties[0] ?? field;
  if (first.keyword === 'additionalProperties') {
    field = first.params.additionalProperties[0] ?? field;
    return problem(400, 'invalid_field', `${field} is not a known field`, field);
  }
  if (field === '') return problem(400, 'bad_request', 'the body must be a JSON object with "fault"');
  if (field === 'fault') {
    const known = DrillRequest.properties.fault.anyOf.map((one) => one.const).join(', ');
    return problem(400, 'invalid_field', `fault must be one of ${known}`, field);
  }
  return problem(400, 'invalid_field', `${field} ${first.message}`, field);
}

async function beginDrill(request: IncomingMessage, { drills }: ControlHttp): Promise<Answer> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX_BYTES) {
    return problem(413, 'too_large', `the body is larger than ${BODY_MAX_BYTES} bytes`);
  }
  let body: unknown;
  try {
    body = await json(request);
  } catch (error) {
    return problem(400, 'bad_request', `the body is not JSON: ${describeError(error)}`);
  }
  const wanted = parseDrillRequest(body);
  if ('status' in wanted) return wanted;
  try {
    return { status: 202, body: { id: drills.begin(wanted) } };
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    return problem(409, error.code, error.publicMessage);
  }
}

async function answer(request: IncomingMessage, parts: ControlHttp): Promise<Answer> {
  const { routes, drills, heal } = parts;
  const path = (request.url ?? '/').split('?')[0];
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      return { status: 200, body: { status: 'healthy', route: routes.current } };
    case 'GET /route':
      return routes.current === null
        ? problem(503, 'unavailable', 'no leader is known yet')
        : { status: 200, body: routes.current };
    case 'GET /drills/current':
      return { status: 200, body: drills.current };
    case 'POST /drills':
      return beginDrill(request, parts);
    case 'POST /drills/heal':
      return { status: 200, body: { healed: heal() } };
    default:
      return problem(404, 'not_found', 'there are GET /drills/current, POST /drills, POST /drills/heal');
  }
}

export async function serveControl(lifecycle: Lifecycle, parts: ControlHttp): Promise<void> {
  const { registry, log } = parts;
  const server = createServer((request, response) => {
    const done =
      request.url === '/metrics'
        ? registry.metrics().then((text) => {
            response.writeHead(200, { 'content-type': registry.contentType }).end(text);
          })
        : answer(request, parts).then(({ status, body }) => {
            response
              .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
              .end(JSON.stringify(body));
          });
    done.catch((error: unknown) => {
      log.error({ err: error }, 'request failed');
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"error":"internal","message":"the service failed on this request"}');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, resolve);
  });
  lifecycle.onClose('http', () => {
    server.closeAllConnections();
    server.close();
  });
}
