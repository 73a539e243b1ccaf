/** Kinds of answers, as the API's timeline counts them, and how each looks and is called. */
import type { LogTimelineBody } from '../../../src/api/log-schemas.ts';

export type AnswerKind = keyof Pick<
  LogTimelineBody,
  'success' | 'redirect' | 'client_error' | 'server_error'
>;

/** From the bottom of the chart to its top. */
export const KINDS: readonly AnswerKind[] = ['success', 'redirect', 'client_error', 'server_error'];

type Look = {
  readonly label: string;
  /** The class of status. */
  readonly code: string;
  readonly mark: string;
  readonly badge: string;
  readonly token: 'state-ok' | 'accent' | 'state-warn' | 'state-alert';
};

export const LOOKS: Readonly<Record<AnswerKind, Look>> = {
  success: { label: 'Success', code: '2xx', mark: '', badge: 'badge-ok', token: 'state-ok' },
  redirect: { label: 'Redirect', code: '3xx', mark: '', badge: '', token: 'accent' },
  client_error: { label: 'Client error', code: '4xx', mark: '▲ ', badge: 'badge-warn', token: 'state-warn' },
  server_error: {
    label: 'Server error',
    code: '5xx',
    mark: '◆ ',
    badge: 'badge-alert',
    token: 'state-alert',
  },
};

/** Answers below 300 count as success, like in the API. */
export function kindOf(status: number): AnswerKind {
  if (status < 300) return 'success';
  if (status < 400) return 'redirect';
  return status < 500 ? 'client_error' : 'server_error';
}
