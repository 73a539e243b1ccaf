/** One HTTP call between our own programs: small bodies, one deadline, no connection kept. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export type HttpCall = {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly limitMs: number;
};

export type HttpAnswer = { readonly status: number; readonly body: string };

/** Throws when there is no answer in time; an answer of any status is an answer. */
export function httpCall(call: HttpCall): Promise<HttpAnswer> {
  const { host, port, path, method = 'GET', body, limitMs } = call;
  const payload = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    'content-length': String(Buffer.byteLength(payload)),
    ...call.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, path, method, headers, agent: false, signal: AbortSignal.timeout(limitMs) },
      (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      },
    );
    sent.once('error', reject);
    sent.end(payload);
  });
}
