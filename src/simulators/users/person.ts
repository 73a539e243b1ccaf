/** Who the simulated users are beyond what the system knows of them: where they call from, with what, and how. */
import { type User, userOf } from '../../lib/users.ts';

/**
 * Most are ordinary. Some do what an access log is read for: scanners look for holes and never log in, the clumsy
 * send requests that make no sense, the forgetful mistype their access code.
 */
type Habit = 'ordinary' | 'scanner' | 'clumsy' | 'forgetful';

export type Person = {
  readonly no: number;
  readonly user: User;
  readonly address: string;
  readonly agent: string;
  readonly habit: Habit;
};

const SCANNER_EVERY = 200;
const ODD_EVERY = 100;
const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
  'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
];
const TOOLS = ['python-requests/2.32.5', 'curl/8.14.1', 'Mozilla/5.0 zgrab/0.x', 'Go-http-client/1.1'];

/** Of 1,000 users 5 are scanners, 10 clumsy and 10 forgetful. */
function habitOf(no: number): Habit {
  if (no % SCANNER_EVERY === SCANNER_EVERY / 2) return 'scanner';
  if (no % ODD_EVERY === 33) return 'clumsy';
  return no % ODD_EVERY === 67 ? 'forgetful' : 'ordinary';
}

/**
 * The address of a user from 1 to 5,000; no two have the same. Users are in 198.18.0.0/15 (for benchmarks, RFC 2544),
 * a quarter of it for each region; scanners are in 192.0.2.0/24 (for documentation, RFC 5737).
 */
export function addressOf(no: number): string {
  if (habitOf(no) === 'scanner') return `192.0.2.${1 + Math.floor(no / SCANNER_EVERY)}`;
  const region = no % 4;
  const host = Math.floor(no / 4);
  return `198.${18 + (region >> 1)}.${(region & 1) * 128 + Math.floor(host / 254)}.${1 + (host % 254)}`;
}

/** The same person for the same number. */
export function personOf(no: number): Person {
  const habit = habitOf(no);
  const agents = habit === 'scanner' ? TOOLS : BROWSERS;
  // A stride that has no divisor in common with the lists', so that neighbours differ.
  const agent = agents[Math.floor(no / SCANNER_EVERY + no * 5) % agents.length] ?? '';
  return { no, user: userOf(no), address: addressOf(no), agent, habit };
}
