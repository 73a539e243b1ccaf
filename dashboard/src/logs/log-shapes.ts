/** The answers of the access log's API that this page understands. */
import type {
  LogsBody,
  LogTimelineBody,
  StatusesBody,
  TopAddressesBody,
  TopPathsBody,
} from '../../../src/api/log-schemas.ts';
import { outline } from '../live/shapes.ts';

export const isLogs = outline<LogsBody>({ total: 'number', offset: 'number', logs: 'array' });
export const isTopAddresses = outline<TopAddressesBody>({ errors: 'number', addresses: 'array' });
export const isStatuses = outline<StatusesBody>({ statuses: 'array' });
export const isTopPaths = outline<TopPathsBody>({ paths: 'array' });
export const isLogTimeline = outline<LogTimelineBody>({
  bucket_s: 'number',
  timestamps: 'array',
  success: 'array',
  redirect: 'array',
  client_error: 'array',
  server_error: 'array',
});
