import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { PANELS, panelQuery } from '../../lib/panels.ts';
import { PROJECT_DIR } from '../../lib/project.ts';
import { topology } from '../../lib/topology.ts';
import { ALERTS } from './alerts.ts';
import { alertmanagerConfig, prometheusConfig } from './prometheus-config.ts';
import { ruleFile } from './rules.ts';

const run = promisify(execFile);
const RUNBOOKS = join(PROJECT_DIR, 'docs/runbooks');
const runbook = (file: string): string => `http://here/runbooks/${file}`;
const rules = ruleFile(runbook);
const alerts = rules.groups.flatMap((group) => group.rules).filter(({ alert }) => alert !== undefined);

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'tier0-test-rules-'));
  writeFileSync(join(dir, 'rules.json'), JSON.stringify(rules));
});
after(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, content: object): string => {
  const path = join(dir, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

/** Series of a minute's step, as promtool has them: "0+1x10" is eleven samples from 0. */
type Given = Readonly<Record<string, string>>;
type Expected = { readonly at: string; readonly firing: readonly string[] };
/** Alerts of these names are looked at; others may fire or not. */
async function promtool(
  name: string,
  step: string,
  given: Given,
  expected: readonly Expected[],
  names: readonly string[],
) {
  const file = write(`${name}.json`, {
    rule_files: ['rules.json'],
    evaluation_interval: '5s',
    tests: [
      {
        interval: step,
        input_series: Object.entries(given).map(([series, values]) => ({ series, values })),
        promql_expr_test: expected.flatMap(({ at, firing }) =>
          names.map((alertname) => ({
            expr: `count by (alertname) (ALERTS{alertname="${alertname}", alertstate="firing"}) > bool 0`,
            eval_time: at,
            exp_samples: firing.includes(alertname)
              ? [{ labels: `{alertname="${alertname}"}`, value: 1 }]
              : [],
          })),
        ),
      },
    ],
  });
  await run('promtool', ['test', 'rules', file]).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${name}: ${error.stdout}${error.stderr}`);
  });
}

const probes = (bad: string, good = '0+5x1000'): Given => ({
  'tier0_probe_total{probe="write", result="good"}': good,
  'tier0_probe_total{probe="write", result="bad"}': bad,
});
const FAST = ['AvailabilityBurnsFast'];

describe('the rules', () => {
  it('are what Prometheus takes', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', join(dir, 'rules.json')]);
    assert.match(stdout, new RegExp(`SUCCESS: ${rules.groups.flatMap((group) => group.rules).length} rules`));
  });

  it('and the configurations are what Prometheus and Alertmanager take', async () => {
    const target = { job: 'api', region: 'region1', port: 8010, path: '/metrics' } as const;
    const config = prometheusConfig([target], topology(0), join(dir, 'rules.json'));
    await run('promtool', ['check', 'config', write('prometheus.json', config)]);
    for (const webhook of [null, 'http://127.0.0.1:9/alerts']) {
      await run('amtool', ['check-config', write('alertmanager.json', alertmanagerConfig(webhook))]);
    }
  });

  it("and the panels' queries are PromQL", async () => {
    const groups = [
      { name: 'panels', rules: PANELS.map((panel, i) => ({ record: `p${i}`, expr: panelQuery(panel, 60) })) },
    ];
    await run('promtool', ['check', 'rules', write('panels.json', { groups })]);
  });

  it('page within 15 s of a failed probe: at seven nines one is too many', () =>
    promtool(
      'one-failure',
      '5s',
      // The 241st sample, after 20 minutes, has the first failure.
      probes(`0x239 1x200`),
      [
        { at: '19m50s', firing: [] },
        { at: '20m15s', firing: FAST },
      ],
      FAST,
    ));

  it('stop paging once five minutes were clean', () =>
    promtool('clean-again', '5s', probes(`0x239 1x300`), [{ at: '25m30s', firing: [] }], FAST));

  it('are silent while answers are late and good, as in a clean failover', () =>
    promtool(
      'clean-failover',
      '5s',
      {
        ...probes('0x600'),
        'tier0_probe_duration_seconds_bucket{probe="write", le="1"}': '0+5x600',
        'tier0_probe_duration_seconds_count{probe="write"}': '0+5x600',
        'tier0_cluster_leader{region="region1"}': '1x239 0x300',
        'tier0_cluster_leader{region="region2"}': '0x239 1x300',
        'tier0_cluster_strict{region="region2"}': '1x600',
      },
      [{ at: '22m', firing: [] }],
      alerts.map(({ alert = '' }) => alert),
    ));

  it('are silent when a few are slow in the first minutes after a start', () =>
    promtool(
      'just-started',
      '5s',
      {
        'tier0_probe_duration_seconds_bucket{probe="publish", le="1"}': '0+5x10 50x1 55+5x100',
        'tier0_probe_duration_seconds_count{probe="publish"}': '0+5x10 54x1 59+5x100',
      },
      [
        { at: '1m30s', firing: [] },
        { at: '5m', firing: [] },
      ],
      ['DurabilityLagBurnsFast', 'DurabilityLagBurns', 'DurabilityLagBurnsSlowly'],
    ));

  it('page when one in fifty is slow for an hour', () =>
    promtool(
      'slow',
      '1m',
      {
        'tier0_probe_duration_seconds_bucket{probe="read", le="1"}': '0+59x120',
        'tier0_probe_duration_seconds_count{probe="read"}': '0+60x120',
      },
      [{ at: '90m', firing: ['LatencyBurnsFast'] }],
      ['LatencyBurnsFast', 'DurabilityLagBurnsFast'],
    ));

  const up = (job: string, region: string, values: string, name = 'up'): Given => ({
    [`${name}{job="${job}", region="${region}", instance="${job}.${region}"}`]: values,
  });
  const DOWN = ['TargetDown', 'RegionDown', 'TargetMissing'];

  it('see an engine as down that its exporter cannot reach, and nothing else', () =>
    promtool(
      'engine',
      '5s',
      {
        ...up('postgres', 'region1', '1x100'),
        ...up('postgres', 'region1', '1x59 0x40', 'pg_up'),
        ...up('api', 'region1', '1x100'),
      },
      [
        { at: '4m', firing: [] },
        { at: '5m30s', firing: ['TargetDown'] },
      ],
      DOWN,
    ));

  it('see a region as down when all of it is, and not the others', () =>
    promtool(
      'region',
      '5s',
      {
        ...up('api', 'region1', '1x59 0x40'),
        ...up('agent', 'region1', '1x59 0x40'),
        ...up('api', 'region2', '1x100'),
      },
      [{ at: '5m30s', firing: ['TargetDown', 'RegionDown'] }],
      DOWN,
    ));

  it('do not complain of what is still starting, and do of what never starts', () =>
    promtool(
      'starting',
      '5s',
      up('rabbitmq', 'region1', '0x300'),
      [
        { at: '2m', firing: [] },
        { at: '11m', firing: ['TargetMissing'] },
      ],
      DOWN,
    ));

  it('page when nobody observes', () =>
    promtool(
      'blind',
      '5s',
      probes('0x100 stale', '0+5x100 stale'),
      [
        { at: '8m', firing: [] },
        { at: '11m', firing: ['NobodyObserves'] },
      ],
      ['NobodyObserves'],
    ));

  it('wake nobody while probes are not counted yet, as after a start', () =>
    promtool(
      'starting-probes',
      '5s',
      probes('0x200', '0x9 1+5x190'),
      [
        { at: '1m', firing: [] },
        { at: '2m30s', firing: [] },
        { at: '5m', firing: [] },
      ],
      ['NobodyObserves', 'AvailabilityBurnsFast'],
    ));

  it('page when no region leads', () =>
    promtool(
      'leaderless',
      '5s',
      { 'tier0_cluster_leader{region="region1"}': '1x59 0x40' },
      [
        { at: '4m55s', firing: [] },
        { at: '5m45s', firing: ['NoLeader'] },
      ],
      ['NoLeader'],
    ));
});

describe('every alert', () => {
  for (const { alert = '', annotations, labels } of alerts) {
    it(`${alert} says what is wrong, how urgent it is, and where its runbook is`, () => {
      assert.ok((annotations?.summary ?? '').length > 20);
      assert.match(labels?.severity ?? '', /^(page|ticket)$/);
      const file = annotations?.runbook_url?.split('/').at(-1) ?? '';
      assert.ok(existsSync(join(RUNBOOKS, file)), `docs/runbooks/${file} is missing`);
    });
  }

  it('has a runbook, and every runbook an alert', () => {
    const linked = new Set(alerts.map(({ annotations }) => annotations?.runbook_url?.split('/').at(-1)));
    const written = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md');
    assert.deepEqual(
      written.filter((file) => !linked.has(file)),
      [],
    );
    assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
    assert.ok(ALERTS.length < alerts.length);
  });
});
