/** Starts, stops, and starts that must fail: a clear message, a non-zero exit, nothing left behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { wallMs } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/eventually.ts';
import { DATA_REGIONS, peerOf, topology } from '../../src/lib/topology.ts';
import { connectClient, publish } from './harness/client.ts';
import { type Ended, startTier0, tier0 } from './harness/command.ts';
import { instanceProcesses } from './harness/instance-processes.ts';
import { claimOffset } from './harness/ports.ts';
import { validReading } from './harness/reading.ts';
import { makeDataDir, type System, startSystem } from './harness/system.ts';

/** The command refused: it said why in one line, unless it has a list to give, and showed none of its code. */
function assertRefused({ code, stdout, stderr }: Ended, message: RegExp, lines = 1): void {
  assert.notEqual(code, 0, `it went ahead: ${stdout}${stderr}`);
  assert.notEqual(code, null, 'it did not end');
  const said = `${stdout}${stderr}`;
  assert.match(said, message);
  assert.doesNotMatch(said, /^\s+at /m, 'a stack trace');
  assert.equal(said.trimEnd().split('\n').length, lines, said);
}

describe('without an instance', () => {
  let dataDir = '';
  before(() => {
    dataDir = makeDataDir();
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  const BAD_OPTIONS: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['up', '--rate', '0'], /--rate must be a whole number from 1 to 100000, not "0"/],
    [['up', '--rate', 'x'], /--rate must be a whole number from 1 to 100000, not "x"/],
    [['up', '--rate', '1e3'], /--rate .* not "1e3"/],
    [['up', '--rate'], /--rate/],
    [['up', '--port-offset', '99999'], /--port-offset must be a whole number from 0 to 30000/],
    [['up', '--port-offset=-1'], /--port-offset must be/],
    [['up', '--colour', 'red'], /--colour/],
    [['up', '--purge'], /--purge is not an option of this command/],
    [['up', 'twice'], /unexpected argument "twice"/],
    [['status', '--rate', '5'], /--rate is not an option of this command/],
    [['status', '--interval', '5'], /--interval needs --watch/],
    [['logs', '--lines', 'many'], /--lines must be/],
    [['logs', '--since', 'yesterday'], /--since takes 90s, .* not "yesterday"/],
    [['logs', '--grep', 'a('], /"a\(" is none/],
    [['fly'], /unknown command "fly"/],
  ];
  for (const [args, message] of BAD_OPTIONS) {
    test(`tier0 ${args.join(' ')} says what is wrong`, async () => {
      assertRefused(await tier0([...args, '--data-dir', dataDir]), message);
    });
  }

  test('status says that no instance runs', async () => {
    assertRefused(await tier0(['status', '--data-dir', dataDir]), /no instance runs in/);
    assertRefused(await tier0(['status', '--data-dir', join(dataDir, 'none')]), /no instance runs in/);
  });

  test('down says that no instance runs', async () => {
    assertRefused(await tier0(['down', '--data-dir', dataDir]), /no instance runs in/);
    assertRefused(await tier0(['down', '--data-dir', join(dataDir, 'none')]), /no instance runs in/);
  });

  test('logs says that there are none', async () => {
    assertRefused(await tier0(['logs', '--data-dir', dataDir]), /no logs in/);
  });

  test('status --watch goes on until it is told to end, and ends well', async () => {
    const watch = startTier0(['status', '--watch', '--interval', '1', '--data-dir', dataDir]);
    let shown = '';
    watch.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      shown += chunk;
      if (shown.split('no instance runs').length > 2) watch.kill('SIGINT');
    });
    const [code] = await once(watch, 'exit');
    assert.equal(code, 0);
    assert.ok(!shown.includes('\u001b'), 'no control characters where there is no terminal');
  });

  test('down --purge leaves a directory alone that is not one of ours, also when it has a folder "run"', async () => {
    const theirs = join(dataDir, 'theirs');
    mkdirSync(join(theirs, 'run'), { recursive: true });
    writeFileSync(join(theirs, 'run', 'precious'), 'theirs');
    assertRefused(
      await tier0(['down', '--purge', '--data-dir', theirs]),
      /not a data directory of tier0; it is left alone/,
    );
    assert.equal(readFileSync(join(theirs, 'run', 'precious'), 'utf8'), 'theirs');
  });

  test('up says that its data directory cannot be written', async () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, 'theirs');
    for (const path of [file, join(file, 'below'), '/proc/tier0']) {
      assertRefused(await tier0(['up', '--data-dir', path]), /the data directory .* cannot be written/);
    }
    assert.equal(readFileSync(file, 'utf8'), 'theirs');
  });

  test('up says which port is taken and who holds it, and starts nothing', async () => {
    const claim = await claimOffset();
    const port = topology(claim.offset).region2.postgres;
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
    try {
      const options = ['--data-dir', dataDir, '--port-offset', String(claim.offset)];
      const holds = `port ${port} \\(region2 postgres\\): already in use by pid ${process.pid} \\(`;
      assertRefused(await tier0(['up', ...options]), new RegExp(holds), 2);
      assert.deepEqual(instanceProcesses(dataDir), []);
    } finally {
      holder.close();
      await claim.release();
    }
  });
});

describe('an instance', () => {
  let system: System;
  before(async () => {
    system = await startSystem({ simulators: true, rate: 200 });
  });
  after(() => system?.stop());

  test('status shows every process of every region as ready', async () => {
    const { code, stdout } = await tier0(['status', ...system.where]);
    assert.equal(code, 0, stdout);
    for (const name of ['postgres', 'etcd', 'redis', 'sentinel', 'agent', 'ingest', 'api', 'worker']) {
      for (const region of DATA_REGIONS) {
        assert.match(stdout, new RegExp(`^${region} +${name} +ready +\\d+ +\\d+ +\\d+ s +0$`, 'm'));
      }
    }
    assert.match(stdout, /^simulators +simulator +ready/m);
  });

  test('a second up in its directory is refused and does it no harm', async () => {
    assertRefused(await tier0(['up', ...system.where]), /an instance already runs in .* \(pid \d+\)/);
    assert.equal((await tier0(['status', ...system.where])).code, 0);
  });

  test('the simulated fleet arrives', async () => {
    await until('the fleet reports', 20_000, async () => {
      const [row] = await system.sql<{ count: number }>('SELECT count(*)::integer AS count FROM reading');
      return (row?.count ?? 0) > 500;
    });
  });

  test('down stops everything, and the next up goes on with all data', async () => {
    const { message, topic } = validReading(1, wallMs());
    const client = await connectClient(system.at.host, system.at.region1.ingestMqtt, 5);
    // The simulated fleet never has two readings of one moment: this one is ours.
    assert.equal(await publish(client, topic, JSON.stringify(message)), 'acknowledged');
    await client.endAsync(true);
    const { code, stdout, stderr } = await tier0(['down', ...system.where], 60_000);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.deepEqual(instanceProcesses(system.dataDir), []);

    await system.up();
    const { leader } = await system.inMode('strict');
    const where = 'SELECT FROM reading WHERE device_no = 1 AND ts = $1';
    assert.equal((await system.sql(where, [message.timestamp_utc])).length, 1);
    assert.equal((await system.sql(where, [message.timestamp_utc], peerOf(leader))).length, 1);
    await until('the API shows devices that reported before', 20_000, async () => {
      const { body } = await system.api(`/api/devices/${message.device_id}`);
      return JSON.stringify(body).includes('"reported_state":"');
    });
  });

  test('up killed with -9, the next up takes over what is left', async () => {
    process.kill(system.supervisorPid('up'), 'SIGKILL');
    await system.up();
    await system.inMode('strict');
    assert.equal((await tier0(['status', ...system.where])).code, 0);
  });

  test('up killed with -9, down --purge ends what is left and removes the data', async () => {
    process.kill(system.supervisorPid('up'), 'SIGKILL');
    const { code, stdout, stderr } = await tier0(['down', '--purge', ...system.where], 120_000);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.equal(existsSync(system.dataDir), false);
    assert.deepEqual(instanceProcesses(system.dataDir), []);
  });
});
