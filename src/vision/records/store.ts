/** Where records of photos are kept: MongoDB, or PostgreSQL, which fails over with everything else. */
import type { StoredImage } from './record.ts';

/** What is asked for; times are ISO 8601 in UTC with milliseconds, `to` is exclusive. */
export type RecordFilter = {
  readonly siteId?: string;
  readonly deviceType?: string;
  readonly camera?: string;
  readonly hardHat?: boolean;
  readonly vest?: boolean;
  readonly equipment?: boolean;
  readonly minScore?: number;
  readonly maxScore?: number;
  readonly simulated?: boolean;
  readonly from?: string;
  readonly to?: string;
};

export type Figures = Pick<
  StoredImage,
  'site_id' | 'device_type' | 'taken_at' | 'compliance_score' | 'counts' | 'violation' | 'review'
>;

export type Listed = {
  readonly total: number;
  /** Over photos with a score. */
  readonly average: number | null;
  readonly images: readonly StoredImage[];
};

/** Every method rejects with UnavailableError while the store is away. */
export type RecordStore = {
  readonly kind: 'postgresql' | 'mongodb';
  /** One that is there already stays as it is. */
  readonly add: (record: StoredImage) => Promise<void>;
  readonly read: (imageId: string) => Promise<StoredImage | null>;
  /** False when the stored one no longer has this version. */
  readonly replace: (record: StoredImage, version: number) => Promise<boolean>;
  readonly list: (
    filter: RecordFilter,
    sort: 'newest' | 'violations',
    limit: number,
    offset: number,
  ) => Promise<Listed>;
  /** Of the newest that match. */
  readonly figures: (filter: RecordFilter, limit: number) => Promise<Figures[]>;
  readonly keywords: (filter: RecordFilter, limit: number) => Promise<string[][]>;
  readonly remove: (imageIds: readonly string[]) => Promise<void>;
  /** Resolves when it answers. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};
