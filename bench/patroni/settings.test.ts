import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import {
  ETCD_MEMBERS,
  etcdArgs,
  NODES,
  PORTS_PER_CLUSTER,
  patroniConfig,
  portsFrom,
  TUNINGS,
} from './settings.ts';

const ports = portsFrom(17_000);
const passwords = { admin: 'a', replication: 'b', rewind: 'c' };
const configOf = (self: 'node1' | 'node2', tuning: 'tuned' | 'default'): unknown =>
  JSON.parse(
    patroniConfig({
      self,
      dir: `/d/${self}`,
      binDir: '/usr/lib/postgresql/15/bin',
      ports,
      tuning,
      passwords,
    }),
  );

const Config = Type.Object({
  name: Type.String(),
  restapi: Type.Object({ listen: Type.String() }),
  etcd3: Type.Object({ hosts: Type.Array(Type.String()) }),
  bootstrap: Type.Object({
    dcs: Type.Object({
      ttl: Type.Integer(),
      loop_wait: Type.Integer(),
      retry_timeout: Type.Integer(),
      synchronous_mode: Type.Boolean(),
    }),
  }),
  postgresql: Type.Object({ listen: Type.String(), data_dir: Type.String() }),
});

test('the ports of a cluster differ and lie in the block that is claimed', () => {
  const all = [
    ...NODES.flatMap((node) => Object.values(ports.nodes[node])),
    ...ETCD_MEMBERS.flatMap((member) => Object.values(ports.etcd[member])),
  ];
  assert.equal(new Set(all).size, PORTS_PER_CLUSTER);
  assert.ok(all.every((port) => port > 17_000 && port <= 17_000 + PORTS_PER_CLUSTER));
});

test('both tunings are legal by Patroni’s rules', () => {
  for (const { ttl, loop_wait, retry_timeout } of Object.values(TUNINGS)) {
    assert.ok(ttl >= 20 && loop_wait >= 1 && retry_timeout >= 3);
    assert.ok(loop_wait + 2 * retry_timeout <= ttl);
  }
});

test('a node is told its own addresses, all etcd members and the tuning, in synchronous mode', () => {
  const config = Value.Parse(Config, configOf('node2', 'tuned'));
  assert.equal(config.name, 'node2');
  assert.equal(config.restapi.listen, `127.0.0.1:${ports.nodes.node2.rest}`);
  assert.equal(config.postgresql.listen, `127.0.0.1:${ports.nodes.node2.postgres}`);
  assert.equal(config.postgresql.data_dir, '/d/node2/data');
  assert.deepEqual(
    config.etcd3.hosts,
    ETCD_MEMBERS.map((member) => `127.0.0.1:${ports.etcd[member].client}`),
  );
  assert.deepEqual(config.bootstrap.dcs, {
    ...config.bootstrap.dcs,
    ...TUNINGS.tuned,
    synchronous_mode: true,
  });
});

test('the nodes differ in nothing but names, addresses and directories', () => {
  const neutral = (self: 'node1' | 'node2'): string => {
    const { postgres, rest } = ports.nodes[self];
    return JSON.stringify(configOf(self, 'default'))
      .replaceAll(self, 'self')
      .replaceAll(`:${postgres}`, ':postgres')
      .replaceAll(`:${rest}`, ':rest');
  };
  assert.equal(neutral('node1'), neutral('node2'));
});

test('every etcd member knows all three by their peer ports', () => {
  for (const member of ETCD_MEMBERS) {
    const initial = etcdArgs(member, '/d', ports).find((arg) => arg.startsWith('--initial-cluster='));
    assert.equal(
      initial,
      '--initial-cluster=etcd1=http://127.0.0.1:17006,etcd2=http://127.0.0.1:17008,etcd3=http://127.0.0.1:17010',
    );
  }
});
