/** The instance: what runs, its clocks, its addresses, and whether the cluster keeps its promise. */
import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { wallMs } from '../../lib/clock.ts';
import { ValidateBody } from '../../lib/control-schemas.ts';
import { describeError } from '../../lib/errors.ts';
import { httpCall } from '../../lib/http-call.ts';
import { isAlive, readRunState } from '../../lib/run-state.ts';
import { DATA_REGIONS, GROUPS, MEMBERS, topology } from '../../lib/topology.ts';
import type { InstanceOptions } from '../config.ts';
import { leftovers } from '../leftovers.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const LIMIT_MS = 5_000;
/** Between our clock and a member's; TLS, logs and readings suffer from more. */
const CLOCK_MAX_S = 2;

const Timestamp = Type.Object({ timestamp: Type.String() });
const Alerts = Type.Object({
  data: Type.Object({
    alerts: Type.Array(
      Type.Object({ state: Type.String(), labels: Type.Record(Type.String(), Type.String()) }),
    ),
  }),
});

const FIXES: Readonly<Record<string, string>> = {
  majority: 'two of three etcd must run: npx tier0 status; docs/runbooks/no-leader.md',
  leader_serves: 'docs/runbooks/no-leader.md',
  one_primary: 'npx tier0 logs --role agent --since 10m; docs/failover.md',
  strict: 'docs/runbooks/commits-in-one-region.md',
  write_canary: 'npx tier0 logs --role agent --since 10m',
  redis_with_leader: 'it follows by itself within a second; if not, npx tier0 logs --role agent --since 10m',
};

async function ask(host: string, port: number, path: string): Promise<unknown> {
  const { body } = await httpCall({ host, port, path, limitMs: LIMIT_MS });
  return JSON.parse(body);
}

function processes(dataDir: string): Finding {
  const states = GROUPS.map((group) => readRunState(dataDir, group)).filter((state) => state !== null);
  const all = states.flatMap(({ group, processes }) => processes.map((one) => ({ ...one, group })));
  const off = all
    .filter(({ state }) => state !== 'ready')
    .map(({ group, name, state }) => `${group} ${name} ${state}`);
  if (off.length === 0) return ok('processes', `${all.length} are ready`);
  return fail('processes', off.join(', '), 'npx tier0 logs REGION-PROCESS; docs/runbooks/target-down.md');
}

async function clocks({ dataDir, portOffset }: InstanceOptions): Promise<Finding> {
  const at = topology(portOffset);
  const off: string[] = [];
  for (const member of MEMBERS) {
    if (readRunState(dataDir, member) === null) continue;
    try {
      const body = await ask(at.host, at[member].agent, '/status');
      if (!Value.Check(Timestamp, body)) throw new Error('its status has no time');
      const differs = Math.abs(wallMs() - Date.parse(body.timestamp)) / 1_000;
      if (differs > CLOCK_MAX_S) off.push(`${member} differs by ${differs.toFixed(1)} s`);
    } catch (error) {
      off.push(`${member} is not known: ${describeError(error)}`);
    }
  }
  if (off.length === 0) return ok('clocks', 'all members within 2 s');
  return warn('clocks', off.join(', '), 'run a time service (chrony) on every machine');
}

async function cluster(portOffset: number): Promise<Finding[]> {
  const { host, edge } = topology(portOffset);
  try {
    const body = await ask(host, edge.control, '/validate');
    if (!Value.Check(ValidateBody, body)) throw new Error('the answer has another form');
    return body.findings.map(({ check, ok: holds, detail }) =>
      holds ? ok(check, detail) : fail(check, detail, FIXES[check] ?? 'docs/failover.md'),
    );
  } catch (error) {
    return [fail('cluster', `no agent answers: ${describeError(error)}`, 'docs/runbooks/no-leader.md')];
  }
}

async function alerts(portOffset: number): Promise<Finding> {
  const { host, edge } = topology(portOffset);
  try {
    const body = await ask(host, edge.prometheus, '/api/v1/alerts');
    if (!Value.Check(Alerts, body)) throw new Error('the answer has another form');
    const firing = body.data.alerts.filter(({ state }) => state === 'firing');
    const names = [...new Set(firing.map(({ labels }) => labels.alertname ?? 'unnamed'))];
    if (names.length === 0) return ok('alerts', 'none fires');
    return warn('alerts', names.join(', '), 'the Observability page links to what to do');
  } catch (error) {
    return warn(
      'alerts',
      `Prometheus does not answer: ${describeError(error)}`,
      'npx tier0 logs edge-prometheus',
    );
  }
}

/** Ports of ours that listen on more than the loopback address would need credentials and certificates. */
function addresses({ dataDir, portOffset }: InstanceOptions): Finding {
  const at = topology(portOffset);
  const ours = new Set([
    ...GROUPS.flatMap((group) => readRunState(dataDir, group)?.processes ?? []).map(({ port }) => port),
    ...DATA_REGIONS.map((region) => at[region].postgres),
  ]);
  const open = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => /^([0-9A-F]+):([0-9A-F]{4})$/.exec(fields[1] ?? ''))
      .filter(
        (match) => match !== null && !/^(0100007F|0{24}01000000|0{16}FFFF00000100007F)$/.test(match[1] ?? ''),
      )
      .map((match) => Number.parseInt(match?.[2] ?? '', 16)),
  );
  const exposed = [...new Set(open)].filter((port) => ours.has(port));
  if (exposed.length === 0)
    return ok('addresses', 'everything listens on the loopback address only, so there are no certificates');
  const fix = 'something has changed the generated configuration; start the instance again';
  return fail('addresses', `ports ${exposed.join(', ')} can be reached from elsewhere`, fix);
}

function leftBehind(dataDir: string): Finding {
  const left = GROUPS.flatMap((group) => leftovers(dataDir, group).map(({ name }) => `${group} ${name}`));
  if (left.length === 0) return ok('instance', `none runs in ${dataDir}`);
  return warn('instance', `left behind by one that was killed: ${left.join(', ')}`, 'npx tier0 down');
}

export async function instanceFindings(options: InstanceOptions): Promise<Finding[]> {
  const { dataDir } = options;
  const running = readRunState(dataDir, 'up');
  if (!isAlive(running)) return [leftBehind(dataDir)];
  const here = { dataDir, portOffset: running.portOffset };
  const observed = (readRunState(dataDir, 'edge')?.processes ?? []).some(({ name }) => name === 'prometheus');
  return [
    ok('instance', `runs in ${dataDir} (pid ${running.pid}, port offset ${running.portOffset})`),
    processes(dataDir),
    addresses(here),
    await clocks(here),
    ...(await cluster(running.portOffset)),
    ...(observed ? [await alerts(running.portOffset)] : []),
  ];
}
