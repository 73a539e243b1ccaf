/**
 * Records in MongoDB, by its official driver: a single server or a replica set, whatever the URL names. A copy of each
 * record is in PostgreSQL too (mirror.ts), where questions are answered from.
 */
import { type Collection, type Filter, MongoAPIError, MongoClient, MongoError } from 'mongodb';
import { Value } from 'typebox/value';
import { UnavailableError } from '../../lib/errors.ts';
import { StoredImage } from './record.ts';
import type { Figures, Listed, RecordFilter, RecordStore } from './store.ts';

type Stored = StoredImage & { readonly _id: string };

/** A request must not wait long for a server that is away. */
const SELECT_MS = 2_000;
const SOCKET_MS = 10_000;
const POOL = 8;
const COLLECTION = 'image_record';
const DEFAULT_DATABASE = 'tier0';
/** Of which the average is made; more are not read for a page. */
const MAX_AVERAGED = 100_000;

export type MongoRecords = RecordStore & {
  /** The oldest first, as they are now. */
  readonly changedSince: (updatedAt: string, limit: number) => Promise<StoredImage[]>;
};

function filterOf(filter: RecordFilter): Filter<Stored> {
  const { siteId, deviceType, camera, simulated, minScore, maxScore, from, to } = filter;
  const all: Record<string, unknown> = {};
  const equal = { site_id: siteId, device_type: deviceType, camera, simulated };
  for (const [field, value] of Object.entries(equal)) {
    if (value !== undefined) all[field] = value;
  }
  const worn = { hard_hat: filter.hardHat, vest: filter.vest, equipment: filter.equipment };
  for (const [gear, value] of Object.entries(worn)) {
    if (value !== undefined) all[`counts.${gear}.${value ? 'yes' : 'no'}`] = { $gt: 0 };
  }
  const range = (field: string, low: unknown, high: unknown, below: '$lt' | '$lte'): void => {
    const bounds = {
      ...(low === undefined ? {} : { $gte: low }),
      ...(high === undefined ? {} : { [below]: high }),
    };
    if (Object.keys(bounds).length > 0) all[field] = bounds;
  };
  range('compliance_score', minScore, maxScore, '$lte');
  range('taken_at', from, to, '$lt');
  return all;
}

const ORDER = {
  newest: { taken_at: -1, _id: 1 },
  violations: { rank: 1, taken_at: -1, _id: 1 },
} as const;

function recordOf({ _id, ...record }: Stored): StoredImage[] {
  return Value.Check(StoredImage, record) ? [record] : [];
}

/**
 * Errors of the driver, but an APIError, which is a mistake of ours. Node's own error when a connection is used that
 * the server has ended a moment ago (EPIPE): the driver passes it on as it is.
 */
function meansAway(error: unknown): boolean {
  if (error instanceof MongoError) return !(error instanceof MongoAPIError);
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

/** What the driver rejects with becomes an UnavailableError that names the server, without its password. */
function naming(server: string): <T>(work: () => Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      if (!meansAway(error)) throw error;
      const message = `the document store (MongoDB at ${server}) does not answer`;
      throw new UnavailableError(message, 2, error, `${message}; photos wait until it does.`);
    }
  };
}

/** `url` without user and password. */
export function serverOf(url: string): string {
  return url.replace(/^mongodb(\+srv)?:\/\/(?:[^@/]*@)?/, '').replace(/[/?].*$/, '');
}

async function list(
  records: Collection<Stored>,
  filter: Filter<Stored>,
  sort: keyof typeof ORDER,
  limit: number,
  offset: number,
): Promise<Listed> {
  const images = await records.find(filter).sort(ORDER[sort]).skip(offset).limit(limit).toArray();
  const total = await records.countDocuments(filter);
  const scores = await records
    .find(filter, { projection: { _id: 0, compliance_score: 1 } })
    .limit(MAX_AVERAGED)
    .toArray();
  const known = scores.map(({ compliance_score: score }) => score).filter((score) => score !== null);
  const average = known.length === 0 ? null : known.reduce((sum, score) => sum + score, 0) / known.length;
  return { total, average, images: images.flatMap(recordOf) };
}

/** Connects at the first use, and again whenever the connection is lost. */
export function mongoRecords(url: string): MongoRecords {
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: SELECT_MS,
    connectTimeoutMS: SELECT_MS,
    socketTimeoutMS: SOCKET_MS,
    maxPoolSize: POOL,
    appName: 'tier0-vision',
    // Acknowledged by a majority: a record that was stored survives the loss of a member.
    writeConcern: { w: 'majority' },
    retryWrites: true,
  });
  const named = naming(serverOf(url));
  // Of a replica set the URL names several hosts, which is no URL to others.
  const database = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1] ?? DEFAULT_DATABASE;
  const records = client.db(database).collection<Stored>(COLLECTION);
  let indexed = false;
  const use = <T>(work: () => Promise<T>): Promise<T> =>
    named(async () => {
      if (!indexed) {
        await records.createIndex({ taken_at: -1 });
        await records.createIndex({ site_id: 1, taken_at: -1 });
        await records.createIndex({ rank: 1, taken_at: -1 });
        await records.createIndex({ updated_at: 1 });
        indexed = true;
      }
      return work();
    });
  return {
    kind: 'mongodb',
    add: (record) =>
      use(async () => {
        await records.updateOne({ _id: record.image_id }, { $setOnInsert: record }, { upsert: true });
      }),
    read: (imageId) =>
      use(async () => {
        const found = await records.findOne({ _id: imageId });
        return found === null ? null : (recordOf(found)[0] ?? null);
      }),
    replace: (record, version) =>
      use(async () => {
        const { matchedCount } = await records.replaceOne({ _id: record.image_id, version }, record);
        return matchedCount === 1;
      }),
    list: (filter, sort, limit, offset) => use(() => list(records, filterOf(filter), sort, limit, offset)),
    figures: (filter, limit) =>
      use(() =>
        records
          .find(filterOf(filter), { projection: FIGURES })
          .sort(ORDER.newest)
          .limit(limit)
          .map(({ _id, ...rest }): Figures => rest)
          .toArray(),
      ),
    keywords: (filter, limit) =>
      use(() =>
        records
          .find(filterOf(filter), { projection: { keywords: 1 } })
          .sort(ORDER.newest)
          .limit(limit)
          .map(({ keywords }) => keywords)
          .toArray(),
      ),
    remove: (imageIds) =>
      use(async () => {
        await records.deleteMany({ _id: { $in: [...imageIds] } });
      }),
    changedSince: (updatedAt, limit) =>
      use(async () => {
        const after = { updated_at: { $gte: updatedAt } };
        const found = await records.find(after).sort({ updated_at: 1, _id: 1 }).limit(limit).toArray();
        return found.flatMap(recordOf);
      }),
    ping: () =>
      use(async () => {
        await client.db(database).command({ ping: 1 });
      }),
    close: () => client.close(),
  };
}

const FIGURES = {
  _id: 0,
  site_id: 1,
  device_type: 1,
  taken_at: 1,
  compliance_score: 1,
  counts: 1,
  violation: 1,
  review: 1,
} as const;
