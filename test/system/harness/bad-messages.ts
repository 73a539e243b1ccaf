/** Messages that ingest must refuse, each with the reason that it must give. */
import { wallMs } from '../../../src/lib/clock.ts';
import { type Message, validReading } from './reading.ts';

const DAY_MS = 86_400_000;

export type Bad = {
  readonly what: string;
  readonly reason: string;
  readonly field?: string;
  /** Payload and topic from a valid reading. */
  readonly make: (
    valid: { topic: string; message: Message },
    mark: string,
  ) => { topic: string; text: string };
};

/** A bad message that differs from a valid one in these fields. */
function changed(fields: (message: Message) => object): Bad['make'] {
  return ({ topic, message }, mark) => ({
    topic,
    text: JSON.stringify({ mark, ...message, ...fields(message) }),
  });
}
const rawText =
  (edit: (text: string) => string): Bad['make'] =>
  ({ topic, message }, mark) => ({ topic, text: edit(JSON.stringify({ mark, ...message })) });

export const BAD: readonly Bad[] = [
  { what: 'JSON that is cut short', reason: 'malformed_json', make: rawText((text) => text.slice(0, -5)) },
  {
    what: 'NaN as a value',
    reason: 'malformed_json',
    make: rawText((text) => text.replace(/"metrics":\{"[a-z_]+":[-0-9.]+/, '"metrics":{"rpm":NaN')),
  },
  {
    what: 'a payload over 64 KiB',
    reason: 'payload_too_large',
    make: rawText((text) => text.replace(/}$/, `,"pad":"${'x'.repeat(70_000)}"}`)),
  },
  { what: 'an array', reason: 'not_an_object', make: rawText((text) => `[${text}]`) },
  {
    what: 'a topic of another device',
    reason: 'wrong_topic',
    field: 'topic',
    make: ({ message }, mark) => ({
      topic: validReading(1, 0).topic,
      text: JSON.stringify({ mark, ...message }),
    }),
  },
  {
    what: 'a topic that is none of ours',
    reason: 'wrong_topic',
    field: 'topic',
    make: ({ message }, mark) => ({ topic: 'og/elsewhere', text: JSON.stringify({ mark, ...message }) }),
  },
  {
    what: 'a device that is not registered',
    reason: 'unknown_device',
    field: 'device_id',
    make: changed(() => ({ device_id: 'TURB-99999' })),
  },
  {
    what: 'a site where the device is not',
    reason: 'wrong_site',
    field: 'site_id',
    make: changed(() => ({ site_id: 'XX-NOWHERE' })),
  },
  {
    what: 'a number as device_id',
    reason: 'wrong_type',
    field: 'device_id',
    make: changed(() => ({ device_id: 7 })),
  },
  {
    what: 'text as a value',
    reason: 'not_a_number',
    make: changed(({ metrics }) => ({ metrics: { ...metrics, rpm: '3487' } })),
  },
  {
    what: 'a value beyond every number',
    reason: 'not_a_number',
    make: rawText((text) => text.replace(/"metrics":\{"[a-z_]+":[-0-9.]+/, '"metrics":{"rpm":1e999')),
  },
  {
    what: 'a list as metrics',
    reason: 'wrong_type',
    field: 'metrics',
    make: changed(() => ({ metrics: [1] })),
  },
  { what: 'no metrics', reason: 'no_metrics', field: 'metrics', make: changed(() => ({ metrics: {} })) },
  {
    what: 'a state that does not exist',
    reason: 'unknown_state',
    field: 'status.state',
    make: changed(() => ({ status: { state: 'FINE' } })),
  },
  {
    what: 'a timestamp that is none',
    reason: 'bad_timestamp',
    field: 'timestamp_utc',
    make: changed(() => ({ timestamp_utc: 'yesterday' })),
  },
  {
    what: 'a timestamp a year ahead',
    reason: 'timestamp_in_future',
    field: 'timestamp_utc',
    make: changed(() => ({ timestamp_utc: new Date(wallMs() + 365 * DAY_MS).toISOString() })),
  },
  {
    what: 'a timestamp older than what is kept',
    reason: 'timestamp_too_old',
    field: 'timestamp_utc',
    make: changed(() => ({ timestamp_utc: new Date(wallMs() - 365 * DAY_MS).toISOString() })),
  },
];
