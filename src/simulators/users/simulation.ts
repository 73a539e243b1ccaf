/** All simulated users under one timer, and the sites' servers that see them. */
import { randomUUID } from 'node:crypto';
import { monotonicMs, wallMs } from '../../lib/clock.ts';
import { SITES } from '../../lib/fleet.ts';
import { Random } from '../../lib/random.ts';
import type { Activity } from '../../lib/user-events.ts';
import { accessCode } from '../../lib/users.ts';
import { type Answer, type Now, Tally } from './answers.ts';
import type { FrontDoorClient } from './front-door-client.ts';
import { personOf } from './person.ts';
import { type Online, SiteServer } from './site-server.ts';
import { TimingWheel } from './timing-wheel.ts';
import { ANSWER_MS, type SessionAck, type StateName, type Step, VirtualUser } from './virtual-user.ts';

export const TICK_MS = 50;
const ARRIVE_MS = 30_000;
/** A tick that comes later than this: the process stood still, which is not the system's failure. */
const STALL_MS = 1_000;
const SILENCE: Answer = { kind: 'silence', reason: `no answer within ${ANSWER_MS / 1000} s` };

export type SimulationOptions = {
  readonly users: number;
  readonly seed: number;
  /** Makes the access codes. */
  readonly secret: string;
  readonly client: Pick<FrontDoorClient, 'ask' | 'sockets'>;
  /** All arrive within this. */
  readonly arriveMs?: number;
  readonly onAcknowledged: (event: SessionAck, wallMs: number) => void;
  /** How a request ended that took so long, for the metrics. */
  readonly onTook: (tookMs: number) => void;
};

type Place = { readonly server: SiteServer; readonly users: VirtualUser[] };

export class Simulation {
  readonly tally = new Tally();
  /** Time in which the process itself stood still. */
  stalledMs = 0;
  readonly #options: SimulationOptions;
  readonly #users: readonly VirtualUser[];
  readonly #sites: readonly Place[];
  readonly #siteOf: ReadonlyMap<string, Place>;
  readonly #wheel: TimingWheel;
  /** By user: when the request that is under way was first sent, and what gives it up. */
  readonly #startedMs: Float64Array;
  readonly #giveUp: (() => void)[];
  #tickedMs = monotonicMs();

  constructor(options: SimulationOptions) {
    const { users, seed, secret, arriveMs = ARRIVE_MS } = options;
    this.#options = options;
    this.#sites = SITES.map(({ id }, index) => ({
      server: new SiteServer(id, random(seed, -1 - index)),
      users: [],
    }));
    this.#siteOf = new Map(this.#sites.map((site) => [site.server.siteId, site]));
    this.#startedMs = new Float64Array(users);
    this.#giveUp = Array.from({ length: users }, () => () => {});
    this.#wheel = new TimingWheel(users, TICK_MS, this.#ownMs());
    this.#users = Array.from({ length: users }, (_, id) => {
      const person = personOf(id + 1);
      const { username, siteId } = person.user;
      const own = random(seed, person.no);
      this.#wheel.set(id, this.#ownMs() + own.between(0, arriveMs));
      const code = accessCode(secret, username);
      const user = new VirtualUser({ person, random: own, accessCode: code, newKey: randomUUID });
      this.#siteOf.get(siteId)?.users.push(user);
      return user;
    });
  }

  /** To be called every TICK_MS. Returns how long the process stood still before, 0 when it did not. */
  tick(): number {
    const nowMs = monotonicMs();
    const lateMs = nowMs - this.#tickedMs - TICK_MS;
    this.#tickedMs = nowMs;
    const stalledMs = lateMs > STALL_MS ? lateMs : 0;
    this.stalledMs += stalledMs;
    this.#wheel.advance(this.#ownMs(), (id) => this.#ring(id));
    return stalledMs;
  }

  /** The report of the site's server of now. `index` is taken modulo the number of sites. */
  report(index: number): Activity {
    const site = this.#sites[index % this.#sites.length];
    if (site === undefined) throw new Error('there are no sites');
    const nowMs = this.#ownMs();
    const onlineOf = ({ users }: Place): Online[] => users.flatMap((user) => user.onlineAt(nowMs) ?? []);
    const online = onlineOf(site);
    const all = this.#users.filter((user) => user.onlineAt(nowMs) !== null).length;
    const connections = all === 0 ? 0 : Math.round((this.#options.client.sockets * online.length) / all);
    return site.server.report(randomUUID(), wallMs(), online, connections);
  }

  /** How many users are in each state. */
  states(): Record<StateName, number> {
    const states = { away: 0, arriving: 0, browsing: 0, pausing: 0, leaving: 0, scanning: 0 };
    for (const user of this.#users) states[user.state]++;
    return states;
  }

  /** The users' own clock stands still while the process does: then their answers are there, and only not read yet. */
  #ownMs(): number {
    return monotonicMs() - this.stalledMs;
  }

  /** The user's moment has come: to act, or, while a request is under way, to give it up. */
  #ring(id: number): void {
    const user = this.#userOf(id);
    if (user.request !== null) {
      this.#giveUp[id]?.();
      this.#end(id, SILENCE);
      return;
    }
    this.#follow(id, user.due(this.#ownMs(), wallMs()));
  }

  #follow(id: number, step: Step): void {
    this.#wheel.set(id, step.untilMs);
    if (step.kind === 'wait') return;
    if (!step.again) this.#startedMs[id] = monotonicMs();
    const { client } = this.#options;
    this.#giveUp[id] = client.ask(this.#userOf(id).person, step.request, (answer) => this.#end(id, answer));
  }

  #end(id: number, answer: Answer): void {
    const user = this.#userOf(id);
    const request = user.request;
    if (request === null) throw new Error(`user ${id + 1} asked for nothing`);
    const now: Now = { monotonicMs: monotonicMs(), wallMs: wallMs() };
    const { verdict, step, acknowledged } = user.ended(answer, this.#ownMs());
    const tookMs = now.monotonicMs - (this.#startedMs[id] ?? now.monotonicMs);
    this.tally.record(verdict, request, user.person, tookMs, now);
    if (verdict.kind !== 'busy') {
      this.#options.onTook(tookMs);
      this.#siteOf.get(user.person.user.siteId)?.server.observe(tookMs);
    }
    if (acknowledged !== null) this.#options.onAcknowledged(acknowledged, now.wallMs);
    this.#follow(id, step);
  }

  #userOf(id: number): VirtualUser {
    const user = this.#users[id];
    if (user === undefined) throw new RangeError(`there is no user ${id + 1}`);
    return user;
  }
}

/** A sequence of its own for everybody, so that nobody's depends on whose answer came first. */
function random(seed: number, no: number): Random {
  return new Random(Math.imul(seed, 0x9e3779b1) + no);
}
