import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MEMBERS, topology } from '../lib/topology.ts';
import { rabbitmqConf, rabbitmqEnv } from './rabbitmq-config.ts';

const at = topology(100);

it('only the seed may begin a cluster: it knows itself, the others know all', () => {
  const known = (member: (typeof MEMBERS)[number]): number =>
    rabbitmqConf(at, member, 'pw', true).split('classic_config.nodes').length - 1;
  assert.deepEqual(MEMBERS.map(known), [1, 3, 3]);
});

it('a node listens on loopback alone, with the password of the instance', () => {
  const text = rabbitmqConf(at, 'region2', 'pw', true);
  for (const line of [
    'listeners.tcp.1 = 127.0.0.1:5773',
    'default_pass = pw',
    'cluster_partition_handling = pause_minority',
  ])
    assert.ok(text.split('\n').includes(line), line);
  assert.match(rabbitmqEnv(at, 'region2', '/d').RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS ?? '', /\{127,0,0,1\}/);
});
