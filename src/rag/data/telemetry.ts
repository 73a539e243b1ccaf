/** Questions about the live fleet: an ordered table of intents, each a fixed request to the API role. */
import { DEVICE_TYPES } from '../../lib/fleet.ts';
import type { PartialAnswer } from '../types.ts';
import { answerDevices, type DevicesAsked } from './device-answers.ts';
import {
  type Asking,
  answerCount,
  answerList,
  answerOverview,
  answerRanking,
  answerSites,
  type ListAsked,
  type RankingAsked,
} from './fleet-answers.ts';
import type { Counted, Scope, TelemetryDeps } from './fleet-live.ts';
import { type Intent, intent, type Plan, planOf, refusal } from './intent.ts';
import { type Asked, devicesNamed, rowsAsked, sitesNamed, typesNamed, withoutSites } from './question.ts';

const EXAMPLES: readonly string[] = [
  'Which sites have the most devices in ALERT?',
  'How many turbines are reporting?',
  'Which sites have stale devices?',
  'What is the state of TURB-00912?',
  'Which turbines are in ALERT at TX-EAGLE?',
];

const STATE_WORDS: readonly (readonly [Counted, RegExp])[] = [
  ['ALERT', /\balert(?:s|ing|ed)?\b|\balarm(?:s|ing|ed)?\b|\bcritical\b/],
  ['WARN', /\bwarn(?:s|ing|ings|ed)?\b/],
  [
    'stale',
    /\bstale\b|\bsilent\b|\boff-?line\b|\b(?:not|stopped|no longer|aren't) (?:\w+ )?report(?:ing)?\b|\bdisconnected\b/,
  ],
  ['unknown', /\bunknown\b|\bnever (?:been )?(?:reported|heard|seen)\b/],
  ['OK', /\bok\b|\bokay\b|\bhealthy\b|\bnormal\b|\bfine\b/],
  ['reporting', /\breporting\b|\bonline\b|\bon-line\b|\bactive\b|\bconnected\b(?! device)|\blive devices\b/],
];

/** Several add up; "not reporting" is not also "reporting". */
function statesNamed(text: string): readonly Counted[] {
  const plain = withoutSites(text);
  const found = STATE_WORDS.filter(([, pattern]) => pattern.test(plain)).map(([state]) => state);
  return found.length > 1 ? found.filter((state) => state !== 'reporting') : found;
}

const scopeOf = (text: string): Scope => ({ sites: sitesNamed(text), types: typesNamed(text) });

const RANKED = /\b(?:most|fewest|least|highest|lowest|worst|best|largest|top|rank(?:ed|ing)?|more than)\b/;
const FEWEST = /\b(?:fewest|least|lowest|best)\b/;
const WHICH_SITES =
  /\b(?:which|what|list|show|the|any|all|give me|me|by|per|each|top \d+) sites?\b|\bwhere\b|\bsites (?:with|have|that|are)\b/;
const BY_TYPE = /\b(?:device |equipment )types?\b|\b(?:which|what) (?:kind|type)s?\b|\b(?:per|by) type\b/;
const COUNT = /\bhow many\b|\bnumber of\b|\bcount\b|\btotal\b|\bhow much of\b/;
const LIST = /\b(?:which|what|list|show|give|name|any|are there)\b/;
const FLEET =
  /\bdevices?\b|\bfleet\b|\bstates?\b|\bsites?\b|\bsensors?\b|\bmachines?\b|\bequipment\b|\bstatus\b|\btelemetry\b/;
/** The last part of a metric's name, or its last two: units. */
const UNIT = /_(?:c|mm_s|bar|kw|kg_h|ppm|l_h|pct|a|v|m3_h|dbm)$/;

/** Metrics whose every word but the unit stands in the question; "temperature" and the like are written in full. */
function metricsNamed(text: string): readonly string[] {
  const plain = text
    .replaceAll('temperature', 'temp')
    .replaceAll('nox', 'no x')
    .replaceAll('state of charge', 'soc');
  const words = new Set(plain.split(/[^a-z0-9]+/));
  const names = new Set(DEVICE_TYPES.flatMap(({ metrics }) => metrics));
  const whole = [...names].filter((name) =>
    name
      .replace(UNIT, '')
      .split('_')
      .every((word) => words.has(word)),
  );
  if (whole.length > 0) return whole;
  const general = ['temp', 'pressure', 'power', 'flow', 'fuel', 'battery', 'methane', 'load'].filter((word) =>
    words.has(word),
  );
  return [...names].filter((name) => name.split('_').some((word) => general.includes(word)));
}

function devices({ text }: Asked): DevicesAsked | null {
  const deviceIds = devicesNamed(text);
  return deviceIds.length === 0 ? null : { deviceIds, metrics: metricsNamed(text) };
}

function ranking({ text }: Asked): RankingAsked | null {
  const by = BY_TYPE.test(text) ? 'type' : 'site';
  const named = /\b(?:worst|best) (?:state|shape|condition)\b/.test(text)
    ? (['ALERT'] as const)
    : statesNamed(text);
  const ranks = RANKED.test(text) && FLEET.test(text);
  if (by === 'site' && !(WHICH_SITES.test(text) && (ranks || named.length > 0))) return null;
  if (by === 'type' && !ranks && named.length === 0) return null;
  const order = FEWEST.test(text) ? 'fewest' : 'most';
  return {
    scope: scopeOf(text),
    states: named.length === 0 ? ['total'] : named,
    by,
    order,
    rows: rowsAsked(text),
  };
}

const aboutFleet = (text: string, { types, sites }: Scope): boolean =>
  FLEET.test(text) || types.length + sites.length > 0;

function count({ text }: Asked): Asking | null {
  const scope = scopeOf(text);
  const states = statesNamed(text);
  if (!COUNT.test(text) || !(states.length > 0 || aboutFleet(text, scope))) return null;
  return { scope, states: states.length === 0 ? ['total'] : states };
}

function list({ text }: Asked): ListAsked | null {
  const scope = scopeOf(text);
  const states = statesNamed(text).filter((state) => state !== 'reporting');
  // "Is the fleet ok?" asks for no list of all that is.
  const wanted = LIST.test(text) || states.some((state) => state !== 'OK');
  if (states.length === 0 || !wanted || !aboutFleet(text, scope)) return null;
  return { scope, states, rows: rowsAsked(text, 20) };
}

function overview({ text }: Asked): { readonly scope: Scope } | null {
  const scope = scopeOf(text);
  return aboutFleet(text, scope) || statesNamed(text).length > 0 ? { scope } : null;
}

/** Sites themselves, without a state or an order that is asked of them. */
const sites = ({ text }: Asked): object | null =>
  /\bhow many sites\b|\b(?:which|what) sites (?:are there|exist|do we have)\b|\blist (?:all |the )*sites$/.test(
    text,
  ) && statesNamed(text).length === 0
    ? {}
    : null;

/** The first that knows the question answers it. */
const INTENTS: readonly Intent<TelemetryDeps>[] = [
  intent('devices', devices, answerDevices),
  intent('sites', sites, answerSites),
  intent('ranking', ranking, answerRanking),
  intent('count', count, answerCount),
  intent('list', list, answerList),
  intent('overview', overview, answerOverview),
];

/** Pure. */
export const planTelemetry = (question: Asked): Plan<TelemetryDeps> | null => planOf(INTENTS, question);

/** Rejects with what `fetchJson` rejects with, and with UnavailableError when its answer has another form. */
export async function answerFromTelemetry(question: Asked, deps: TelemetryDeps): Promise<PartialAnswer> {
  const plan = planTelemetry(question);
  if (plan !== null) return plan.run(deps);
  const known = 'states of devices by site and type, and the last reading of a named device';
  return refusal(
    'telemetry',
    `I did not understand this as a question about the live fleet. It can be asked about ${known}.`,
    EXAMPLES,
  );
}
