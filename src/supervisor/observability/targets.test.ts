import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { topology } from '../../lib/topology.ts';
import { planFixture } from '../plan.fixture.ts';
import { plan } from '../plan.ts';
import { NO_TARGET, targets } from './targets.ts';

const at = topology(300);
const specs = plan(planFixture(300));

describe('what Prometheus asks', () => {
  it('is every process of the plan and both databases, but for what is excepted with a reason', () => {
    const asked = targets(specs, at).map(({ job, region }) => `${region} ${job}`);
    const planned = specs
      .filter(({ name }) => !Object.keys(NO_TARGET).includes(name))
      .map(({ name, group }) => `${group} ${name}`);
    assert.deepEqual(asked.sort(), [...planned, 'region1 postgres', 'region2 postgres'].sort());
  });

  it('is refused for an engine of which nobody said where its metrics are', () => {
    const [etcd] = specs.filter(({ name }) => name === 'etcd');
    assert.ok(etcd !== undefined);
    assert.throws(() => targets([{ ...etcd, name: 'cassandra' }], at), /metrics of region1 cassandra/);
  });

  it('is no address twice', () => {
    const addresses = targets(specs, at).map(({ port, path, params }) =>
      JSON.stringify([port, path, params]),
    );
    assert.equal(new Set(addresses).size, addresses.length);
  });

  it('stands in the region that it watches: with the region its exporters are lost', () => {
    for (const { name, group } of specs.filter((spec) => /^(postgres|redis)-exporter$/.test(spec.name)))
      assert.match(group, /^(region1|region2|witness)$/, name);
  });
});
