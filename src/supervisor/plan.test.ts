import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GROUPS, topology } from '../lib/topology.ts';
import { groupOf, type PlanOptions, type ProcessSpec, plan } from './plan.ts';
import { wantedPorts } from './ports.ts';

const options = (offset = 0, changes: Partial<PlanOptions> = {}): PlanOptions => ({
  topology: topology(offset),
  dataDir: '/data',
  node: '/bin/node',
  mainFile: '/src/main.ts',
  simulators: true,
  rate: 1_000,
  expectedIntervalS: 100,
  programs: { etcd: '/e', redisServer: '/r', redisSentinel: '/s', mosquitto: '/m', nginx: '/n' },
  ...changes,
});

const namesOf = (specs: readonly ProcessSpec[]): string[] => specs.map(({ name }) => name).sort();

describe('the plan', () => {
  it('is the same for the same options', () => assert.deepEqual(plan(options(300)), plan(options(300))));

  it('has every process of the architecture in its group', () => {
    const specs = plan(options());
    const region = ['agent', 'api', 'etcd', 'ingest', 'redis', 'sentinel', 'worker'];
    const expected = [
      region,
      region,
      ['agent', 'etcd', 'sentinel'],
      ['control', 'mosquitto', 'nginx'],
      ['simulator'],
    ];
    assert.deepEqual(
      GROUPS.map((group) => namesOf(groupOf(specs, group))),
      expected,
    );
  });

  it('leaves out only the simulators when told to', () => {
    const without = plan(options(0, { simulators: false }));
    assert.deepEqual(
      without,
      plan(options())
        .filter(({ group }) => group !== 'simulators')
        .map((spec) =>
          spec.name === 'control' ? { ...spec, env: { ...spec.env, TIER0_SIMULATED_FLEET: 'false' } } : spec,
        ),
    );
  });

  for (const offset of [0, 100, 500, 4_900, 30_000]) {
    it(`uses no port twice at offset ${offset}, and moves them all by it`, () => {
      const portsAt = (at: number): number[] =>
        wantedPorts(plan(options(at)), topology(at)).map(({ port }) => port);
      const ports = portsAt(offset);
      assert.equal(new Set(ports).size, ports.length);
      assert.deepEqual(
        ports,
        portsAt(0).map((port) => port + offset),
      );
      assert.ok(ports.every((port) => port < 65_536));
    });
  }

  for (const spec of plan(options())) {
    it(`${spec.group} ${spec.name} is probed on a port of its own, after others of its group, and stops in time`, () => {
      assert.ok(spec.ports.includes(spec.ready.port));
      assert.ok(spec.stopTimeoutMs > 0 && spec.stopTimeoutMs <= 30_000);
      const group = groupOf(plan(options()), spec.group).map(({ name }) => name);
      for (const name of spec.after) assert.ok(group.includes(name) && name !== spec.name, name);
      assert.equal(
        spec.account,
        ['agent', 'ingest', 'api', 'worker', 'control', 'simulator'].includes(spec.name) ? 'own' : 'service',
      );
    });
  }

  it('waits in no circle', () => {
    for (const group of GROUPS) {
      const waiting = new Map(groupOf(plan(options()), group).map(({ name, after }) => [name, after]));
      while (waiting.size > 0) {
        const free = [...waiting].filter(([, after]) => after.every((name) => !waiting.has(name)));
        assert.notEqual(free.length, 0, `a circle among ${[...waiting.keys()].join(', ')}`);
        for (const [name] of free) waiting.delete(name);
      }
    }
  });

  it('gives no secret to a command line or an environment', () => {
    for (const { args, env } of plan(options())) {
      assert.doesNotMatch(JSON.stringify([args, env]), /password|secret/i);
    }
  });
});
