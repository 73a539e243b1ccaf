/** The vision service of a running instance as its users use it, through the front door. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { eventually } from '../../../src/lib/eventually.ts';
import type { Topology } from '../../../src/lib/topology.ts';
import { makeScene, renderScene, type TruePerson } from '../../../src/simulators/cameras/scene.ts';
import { Image, ImagesBody, OverridesBody, QueueBody, UploadBody } from '../../../src/vision/schemas.ts';

const REQUEST_MS = 20_000;

export type Reply = { readonly status: number; readonly body: unknown };
export type Taken = { readonly jpeg: Buffer; readonly people: readonly TruePerson[] };

/** A drawn photo with its truth; another seed is another photo. */
export async function scene(seed: number, siteId = 'TX-EAGLE', deviceType = 'turbine'): Promise<Taken> {
  const drawn = makeScene(seed, siteId, deviceType, 'test');
  return { jpeg: await renderScene(drawn), people: drawn.people };
}

export class Photos {
  readonly #at: Topology;

  constructor(at: Topology) {
    this.#at = at;
  }

  async send(path: string, init: RequestInit = {}, port: number = this.#at.edge.api): Promise<Reply> {
    const signal = AbortSignal.timeout(REQUEST_MS);
    const response = await fetch(`http://${this.#at.host}:${port}${path}`, { ...init, signal });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: isJson ? await response.json() : await response.arrayBuffer() };
  }

  /** The raw answer of POST /api/images. */
  post(body: Uint8Array, query: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const asked = new URLSearchParams({ site_id: 'TX-EAGLE', device_type: 'turbine', ...query });
    return this.send(`/api/images?${asked}`, { method: 'POST', body: new Uint8Array(body) });
  }

  /** A photo that must be taken; its id and whether it was new. */
  async add(
    body: Uint8Array,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Static<typeof UploadBody>> {
    const reply = await this.post(body, query);
    if (reply.status !== 200 && reply.status !== 202) throw new Error(JSON.stringify(reply.body));
    return Value.Parse(UploadBody, reply.body);
  }

  async list(query = ''): Promise<ImagesBody> {
    return Value.Parse(ImagesBody, (await this.send(`/api/images?limit=200&${query}`)).body);
  }

  async queue(): Promise<QueueBody> {
    return Value.Parse(QueueBody, (await this.send('/api/images/queue')).body);
  }

  async overrides(imageId: string): Promise<OverridesBody> {
    return Value.Parse(OverridesBody, (await this.send(`/api/images/${imageId}/overrides`)).body);
  }

  patch(imageId: string, body: object): Promise<Reply> {
    const headers = { 'content-type': 'application/json' };
    return this.send(`/api/images/${imageId}`, { method: 'PATCH', headers, body: JSON.stringify(body) });
  }

  /** Its record, once somebody has looked at it. */
  seen(imageId: string, limitMs = 60_000): Promise<Static<typeof Image>> {
    return eventually(`${imageId} has been looked at`, limitMs, async () => {
      const { status, body } = await this.send(`/api/images/${imageId}`);
      return status === 200 ? Value.Parse(Image, body) : undefined;
    });
  }

  /** Why it could not be looked at, once that is known. */
  failure(imageId: string): Promise<string> {
    return eventually(`${imageId} has failed`, 60_000, async () => {
      const { failed } = await this.queue();
      const one = failed.find(({ image_id }) => image_id === imageId);
      return one === undefined ? undefined : `${one.failure}: ${one.message}`;
    });
  }
}

export const Problem = Type.Object({
  error: Type.String(),
  message: Type.String(),
  field: Type.Optional(Type.String()),
});

export const problemOf = (body: unknown): string => {
  const { error, message } = Value.Parse(Problem, body);
  return `${error}: ${message}`;
};
