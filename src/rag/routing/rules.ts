/**
 * Words that point to a source. 4: the source by its name. 3: words that only it answers. 2: enough alone.
 * 1: supports another. Above 4: an advice or a rule is
 * asked for, whatever it is about. Below 0: words that look like the source's, in a question that is not for it.
 */
import type { Source } from '../schemas.ts';

export type Rule = { readonly source: Source; readonly points: number; readonly words: RegExp };

const rule = (source: Source, points: number, words: RegExp): Rule => ({ source, points, words });

const DOCUMENTS: readonly Rule[] = [
  rule(
    'documents',
    4,
    /\b(?:documents?|documentation|handbooks?|manuals?|(?:annual|safety|incident|inspection|accident|sustainability) reports?|fact ?sheets?|equipment notes?|digests?|guidelines?|pdfs?|form 20-f)\b/,
  ),
  rule('documents', 2, /\b(?:reports?|chapters?|sections?|appendix|pages? \d+)\b/),
  rule(
    'documents',
    3,
    /\b(?:incidents?|accidents?|tier [123]\b|process safety|injur(?:y|ies)|fatalit(?:y|ies)|spills?|near miss(?:es)?)\b/,
  ),
  rule(
    'documents',
    3,
    /\b(?:bp|net income|revenue|profit|dividends?|shareholders?|emissions|capital expenditure|ebitda)\b/,
  ),
  rule(
    'documents',
    7,
    /\b(?:how (?:do|should|can) (?:i|we|you|one)|what (?:should|must) (?:i|we|you|one)|according to (?!the cameras?\b|the logs?\b)|what does .{1,60} say|what does .{1,60} mean|procedures?|polic(?:y|ies)|definitions?|responsible)\b/,
  ),
  rule(
    'documents',
    5,
    /\b(?:required?|requires?|requirements?|mandatory|allowed|permitted|recommended|must|permits?|responsibilit(?:y|ies)|lessons? learned|lockout|calibrated?|inspected|maintenance|training)\b/,
  ),
  rule('documents', 2, /\b(?:explain|summari[sz]e|summary|why|rules?|emergency|hazards?|risks?|limits?)\b/),
  rule('documents', 3, /\b(?:intervals?|oil changes?|how often|torque)\b/),
];

const IMAGES: readonly Rule[] = [
  rule('images', 4, /\b(?:cameras?|footage|photos?|photographs?|pictures?|images?|cctv)\b/),
  rule(
    'images',
    3,
    /\b(?:hard ?-?hats?|hats?|helmets?|(?:safety |hi-?vis )?vests?|tablets?|clipboards?|inspection equipment)\b/,
  ),
  rule('images', 3, /\b(?:compliance|compliant|ppe)\b/),
  rule(
    'images',
    2,
    /\b(?:workers?|engineers?|people|persons?)\b.*\b(?:with|without|wear|wearing|carrying|holding|seen)\b/,
  ),
  rule('images', 3, /\b(?:safest|unsafe|(?:high|low|good|poor) safety|safety scores?)\b/),
  rule('images', 1, /\b(?:wear|wears|wearing)\b/),
];

const LOGS: readonly Rule[] = [
  rule('logs', 4, /\baccess[ _-]logs?\b|\b(?:server|web|http) logs?\b/),
  rule('logs', 3, /\blogs?\b|\blog files?\b/),
  rule('logs', 3, /\b(?:ip address(?:es)?|ips?|address(?:es)?)\b/),
  rule('logs', 4, /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])/),
  rule('logs', 3, /\b(?:errors?|4xx|5xx|[45]\d\ds?)\b/),
  rule('logs', 3, /\b(?:status codes?|http|requests?|requested|responses?|response times?|redirects?)\b/),
  rule(
    'logs',
    3,
    /\b(?:paths?|urls?|uris?|endpoints?|user[ -]?agents?|browsers?|crawlers?|bots?|visitors?|latency|bandwidth|web ?pages?)\b/,
  ),
  rule('logs', 2, /\b(?:pages|hits|traffic|clients)\b/),
  rule(
    'logs',
    3,
    /\b(?:failed|rejected) (?:logins?|log-ins?|sign-ins?)\b|\b(?:unauthori[sz]ed|forbidden|not found)\b/,
  ),
  rule('logs', 2, /\b(?:logins?|slow(?:est)?)\b/),
];

const TELEMETRY: readonly Rule[] = [
  rule('telemetry', 4, /\b(?:telemetry|fleet|live (?:state|data|readings?))\b/),
  rule('telemetry', 4, /\b(?:turb|thrm|erot|ogd|ogc)-\d+\b/),
  rule('telemetry', 3, /\bdevices?\b(?! types?\b)/),
  rule('telemetry', 2, /\bdevice types?\b.*\b(?:most|fewest|alerts?|alarms?)\b/),
  rule(
    'telemetry',
    3,
    /\b(?:in (?:alert|warn|warning)|alerts?|alarms?|stale|offline|online|reporting|never reported)\b/,
  ),
  rule('telemetry', 2, /\b(?:turbines?|thermal engines?|rotors?|sensors?|wellheads?|ogds?)\b/),
  rule(
    'telemetry',
    1,
    /\b(?:right now|now|currently|current|at the moment|state|status of|last reading|healthy)\b/,
  ),
  rule(
    'telemetry',
    2,
    /\bsites?\b.*\b(?:worst|best) state\b|\b(?:ok|healthy|up)\b.*\b(?:now|at the moment|currently)\b/,
  ),
  rule('telemetry', 2, /\bhow many sites\b|\b(?:last|latest|newest) readings?\b/),
];

export const RULES: readonly Rule[] = [
  ...DOCUMENTS,
  ...IMAGES,
  ...LOGS,
  ...TELEMETRY,
  // Photos are filed by the type of device they show, so a type beside people is no question about the device.
  rule(
    'telemetry',
    -2,
    /\b(?:turbines?|engines?|rotors?)\b.*\b(?:workers?|engineers|people|hats?|helmets?|vests?|safety|photos?|cameras?)\b/,
  ),
];
