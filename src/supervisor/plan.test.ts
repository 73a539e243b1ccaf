import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GROUPS, topology } from '../lib/topology.ts';
import { planFixture } from './plan.fixture.ts';
import { groupOf, plan } from './plan.ts';
import { wantedPorts } from './ports.ts';
import type { PlanOptions, ProcessSpec } from './process-spec.ts';

const ENGINES = [
  ...['etcd', 'redis', 'sentinel', 'rabbitmq', 'epmd', 'mosquitto', 'nginx'],
  ...['prometheus', 'alertmanager', 'postgres-exporter', 'redis-exporter', 'nginx-exporter'],
];

const namesOf = (specs: readonly ProcessSpec[]): string[] => specs.map(({ name }) => name).sort();

describe('the plan', () => {
  it('is the same for the same options', () =>
    assert.deepEqual(plan(planFixture(300)), plan(planFixture(300))));

  it('has every process of the architecture in its group', () => {
    const specs = plan(planFixture());
    const region = [
      'agent',
      'api',
      'etcd',
      'ingest',
      'postgres-exporter',
      'rabbitmq',
      'rag',
      'redis',
      'redis-exporter',
      'sentinel',
      'vision',
      'worker',
    ];
    const expected = [
      region,
      region,
      ['agent', 'etcd', 'rabbitmq', 'redis-exporter', 'sentinel'],
      [
        ...['alertmanager', 'control', 'epmd', 'inbox', 'mosquitto', 'nginx', 'nginx-exporter', 'prober'],
        ...['prometheus', 'shipper'],
      ],
      ['cameras', 'simulator', 'users'],
    ];
    assert.deepEqual(
      GROUPS.map((group) => namesOf(groupOf(specs, group))),
      expected,
    );
  });

  it('leaves out only the simulators when told to', () => {
    const without = plan(planFixture(0, { simulators: false }));
    assert.deepEqual(
      without,
      plan(planFixture())
        .filter(({ group }) => group !== 'simulators')
        .map((spec) =>
          spec.name === 'control' ? { ...spec, env: { ...spec.env, TIER0_SIMULATED_FLEET: 'false' } } : spec,
        ),
    );
  });

  it('has no process for no users, no cameras and no service that looks at photos', () => {
    const simulated = (changes: Partial<PlanOptions>): string[] =>
      namesOf(groupOf(plan(planFixture(0, changes)), 'simulators'));
    assert.deepEqual(simulated({ users: 0 }), ['cameras', 'simulator']);
    assert.deepEqual(simulated({ cameraIntervalS: 0 }), ['simulator', 'users']);
    assert.deepEqual(simulated({ vision: false }), ['simulator', 'users']);
    const names = namesOf(plan(planFixture(0, { vision: false })));
    assert.ok(!names.includes('vision') && !names.includes('inbox'));
  });

  for (const offset of [0, 100, 500, 4_900, 30_000]) {
    it(`uses no port twice at offset ${offset}, and moves them all by it`, () => {
      const portsAt = (at: number): number[] =>
        wantedPorts(plan(planFixture(at)), topology(at)).map(({ port }) => port);
      const ports = portsAt(offset);
      assert.equal(new Set(ports).size, ports.length);
      assert.deepEqual(
        ports,
        portsAt(0).map((port) => port + offset),
      );
      assert.ok(ports.every((port) => port < 65_536));
    });
  }

  for (const spec of plan(planFixture())) {
    it(`${spec.group} ${spec.name} is probed on a port of its own, after others of its group, and stops in time`, () => {
      assert.ok(spec.ports.includes(spec.ready.port));
      assert.ok(spec.stopTimeoutMs > 0 && spec.stopTimeoutMs <= 30_000);
      const group = groupOf(plan(planFixture()), spec.group).map(({ name }) => name);
      for (const name of spec.after) assert.ok(group.includes(name) && name !== spec.name, name);
      assert.equal(spec.account, ENGINES.includes(spec.name) ? 'service' : 'own');
    });
  }

  it('waits in no circle', () => {
    for (const group of GROUPS) {
      const waiting = new Map(groupOf(plan(planFixture()), group).map(({ name, after }) => [name, after]));
      while (waiting.size > 0) {
        const free = [...waiting].filter(([, after]) => after.every((name) => !waiting.has(name)));
        assert.notEqual(free.length, 0, `a circle among ${[...waiting.keys()].join(', ')}`);
        for (const [name] of free) waiting.delete(name);
      }
    }
  });

  it('gives no secret to a command line or an environment', () => {
    for (const { args, env } of plan(planFixture())) {
      assert.doesNotMatch(JSON.stringify([args, env]), /password(?!-file=|s\.json)|secret/i);
    }
  });
});
