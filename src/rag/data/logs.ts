/** Questions about the access log: an ordered table of intents, each with one fixed query of log-queries.ts. */
import type { PartialAnswer } from '../types.ts';
import { type Intent, intent, type Plan, planOf, refusal } from './intent.ts';
import {
  answerAddresses,
  answerAgents,
  answerCount,
  answerDifferent,
  answerMethods,
  answerNewest,
  answerPaths,
  answerSlow,
  answerStatuses,
  answerTimeline,
  type LogDeps,
  type Ranked,
  type RankedPaths,
} from './log-answers.ts';
import { filterAsked, impossibleStatus, type LogFilter } from './log-filter.ts';
import { type Asked, rowsAsked } from './question.ts';

const EXAMPLES: readonly string[] = [
  'Which IP addresses are generating the most errors?',
  'Which paths are requested the most?',
  'How many requests had status 404 in the last 24 hours?',
  'How did errors develop over time?',
  'Which paths are the slowest?',
];

const COUNT = /\bhow (?:many|often|much)\b|\bnumber of\b|\bcount\b/;
const GROUPED =
  /\b(?:per|by|for each|each|every) (?:status|http|code|method|path|url|ip|address|endpoint|client|page)/;
const ADDRESSES =
  /\bips?\b|\baddress(?:es)?\b|\b(?:which|what) (?:client|host)\b|\bclients\b|\bhosts\b|\bvisitors?\b|\bwho (?:is |are )?(?:caus|generat|mak|request|hit|produc|send)\w*|\battackers?\b/;
const PATHS =
  /\bpaths?\b|\burls?\b|\buris?\b|\bpages?\b|\bend ?points?\b|\bresources?\b|\broutes?\b|\brequested\b/;
const DIFFERENT =
  /\bhow many (?:different |distinct |unique |separate )*(?:ip |client |remote )*(?:addresses|ips|visitors|clients|hosts)\b|\b(?:unique|distinct) (?:ips?|ip addresses|visitors|clients|addresses)\b/;
const SLOW =
  /\bslow(?:est|er)?\b|\blatency\b|\bresponse times?\b|\bdurations?\b|\btakes? (?:the )?longest\b|\bp95\b/;
const AGENTS = /\buser[ -]?agents?\b|\bbrowsers?\b|\bbots?\b|\bcrawlers?\b/;
const OVER_TIME =
  /\bover time\b|\b(?:per|by|each|every) (?:minute|hour|day|week|month)\b|\bhourly\b|\bdaily\b|\btrends?\b|\btime ?line\b|\bdevelop(?:ed)?\b|\bwhen (?:did|do|does|were|was)\b|\bspikes?\b|\bpeaks?\b/;
const NEWEST = /\b(?:latest|newest|most recent)\b|\blast (?:\d{1,3} )?(?:errors?|requests?|entries)\b/;
const BYTES = /\bbytes\b|\bbandwidth\b|\btransferred\b|\bdata volume\b/;
const STATUS =
  /\bstatus(?:es)?\b|\bcodes?\b|\bdistribution\b|\berror rate\b|\bpercent(?:age)?\b|\bshare\b|\bresponses?\b/;
const ABOUT_LOGS = /\brequests?\b|\baccess log\b|\blogs?\b|\btraffic\b|\berrors?\b|\bhits?\b|\bhttp\b/;

/** The filter and the number of rows, when the question is one of this kind. */
const when =
  (matches: (text: string, filter: LogFilter) => boolean) =>
  (question: Asked): Ranked | null => {
    const filter = filterAsked(question);
    return matches(question.text, filter) ? { filter, rows: rowsAsked(question.text) } : null;
  };

function isCount(text: string, { statuses, method, path, address }: LogFilter): boolean {
  const aboutLogs = ABOUT_LOGS.test(text) || [statuses, method, path, address].some((part) => part !== null);
  return COUNT.test(text) && aboutLogs && !GROUPED.test(text) && !BYTES.test(text);
}

function orderedPaths(question: Asked): RankedPaths | null {
  const { text } = question;
  const filter = filterAsked(question);
  if (!PATHS.test(text) && !BYTES.test(text) && filter.address === null) return null;
  const order = BYTES.test(text)
    ? 'bytes'
    : filter.statuses !== null && filter.statuses.low >= 400
      ? 'errors'
      : 'requests';
  return { filter, rows: rowsAsked(text), order };
}

/** "404", "failed logins": one status is counted, for its distribution says nothing. */
function oneStatus(question: Asked): { filter: LogFilter } | null {
  const filter = filterAsked(question);
  return filter.statuses !== null && filter.statuses.low === filter.statuses.high ? { filter } : null;
}

function overTime(question: Asked): { filter: LogFilter; y: 'requests' | 'errors' } | null {
  if (!OVER_TIME.test(question.text)) return null;
  const filter = filterAsked(question);
  const errors = filter.statuses?.low === 400 && filter.statuses.high === 599;
  // The line of errors stands beside that of all requests, so the errors are not filtered for.
  return errors ? { filter: { ...filter, statuses: null }, y: 'errors' } : { filter, y: 'requests' };
}

function statusesOf(question: Asked): { filter: LogFilter } | null {
  const { text } = question;
  const filter = filterAsked(question);
  if (!STATUS.test(text) && !ABOUT_LOGS.test(text) && filter.statuses === null) return null;
  const wantsShare = /\brate\b|\bpercent|\bshare\b|\bdistribution\b/.test(text);
  return { filter: wantsShare ? { ...filter, statuses: null } : filter };
}

/** The first that knows the question answers it. */
const INTENTS: readonly Intent<LogDeps>[] = [
  intent(
    'newest_entries',
    when((text) => NEWEST.test(text) && !ADDRESSES.test(text) && !PATHS.test(text)),
    answerNewest,
  ),
  intent(
    'slowest_paths',
    when((text) => SLOW.test(text)),
    answerSlow,
  ),
  intent(
    'user_agents',
    when((text) => AGENTS.test(text)),
    answerAgents,
  ),
  intent('over_time', overTime, answerTimeline),
  intent(
    'different_addresses',
    when((text) => DIFFERENT.test(text)),
    answerDifferent,
  ),
  intent(
    'methods',
    when((text) => /\bmethods\b|\b(?:per|by|each|which|what) (?:http )?method\b/.test(text)),
    answerMethods,
  ),
  intent('count', when(isCount), answerCount),
  intent(
    'top_addresses',
    when((text, { address }) => address === null && ADDRESSES.test(text)),
    answerAddresses,
  ),
  intent('top_paths', orderedPaths, answerPaths),
  intent('count', oneStatus, answerCount),
  intent('statuses', statusesOf, answerStatuses),
];

/** Pure. */
export const planLogs = (question: Asked): Plan<LogDeps> | null => planOf(INTENTS, question);

/** Rejects with what the database rejects with. */
export async function answerFromLogs(question: Asked, deps: LogDeps): Promise<PartialAnswer> {
  const impossible = impossibleStatus(question);
  if (impossible !== null) {
    return refusal('logs', `${impossible} is not a status of HTTP; they go from 100 to 599.`, EXAMPLES);
  }
  const plan = planLogs(question);
  if (plan !== null) return plan.run(deps);
  const known = 'addresses, paths, statuses, methods, user agents, durations, and how they develop over time';
  return refusal(
    'logs',
    `I did not understand this as a question about the access log. It can be asked about ${known}.`,
    EXAMPLES,
  );
}
