/** The running instance that a bench drives: how it is named, its processes, and the database that leads. */
import { parseArgs } from 'node:util';

import { ADMIN_ROLE } from '../src/agent/drivers/postgres-files.ts';
import { etcdEndpoints, parseRecord, RECORD_KEY } from '../src/lib/cluster.ts';
import { Etcd } from '../src/lib/etcd.ts';
import { isSameProcess } from '../src/lib/process-table.ts';
import { postmaster, readRunState } from '../src/lib/run-state.ts';
import { readSecrets } from '../src/lib/secrets.ts';
import { DATA_REGIONS, GROUPS, topology } from '../src/lib/topology.ts';
import { type InstanceOptions, instanceOptions } from '../src/supervisor/config.ts';
import type { Watched } from './process-cpu.ts';

const ETCD_DEADLINE_MS = 2_000;

/** Where the instance is, and the bench's `own` options as they were given. Throws for any other option. */
export function benchOptions<Name extends string>(
  args: string[],
  own: readonly Name[],
): InstanceOptions & { readonly given: Readonly<Partial<Record<Name, string>>> } {
  const options: Record<string, { type: 'string' }> = {};
  for (const name of ['data-dir', 'port-offset', ...own]) options[name] = { type: 'string' };
  const { values } = parseArgs({ args, options });
  const given: Partial<Record<Name, string>> = {};
  for (const name of own) {
    const text = values[name];
    if (text !== undefined) given[name] = text;
  }
  return { ...instanceOptions(values), given };
}

/** Every live process of the instance, PostgreSQL's included. Throws when nothing of it runs. */
export function instanceProcesses(dataDir: string): readonly Watched[] {
  const supervised = GROUPS.flatMap((group) =>
    (readRunState(dataDir, group)?.processes ?? []).flatMap(({ name, pid, startTicks }) =>
      pid !== null && isSameProcess(pid, startTicks) ? [{ name: `${group}-${name}`, pid }] : [],
    ),
  );
  const databases = DATA_REGIONS.flatMap((region) => {
    const found = postmaster(dataDir, region);
    return found === null ? [] : [{ name: `${region}-postgres`, pid: found.pid }];
  });
  if (supervised.length === 0) throw new Error(`nothing runs in ${dataDir}; start it with: npx tier0 up`);
  return [...supervised, ...databases];
}

/** Connection string of the leader's database as administrator. Throws when there is no leader. */
export async function leaderDatabase(dataDir: string, portOffset: number): Promise<string> {
  const ports = topology(portOffset);
  const etcd = new Etcd({ endpoints: etcdEndpoints(ports, 'region1'), deadlineMs: ETCD_DEADLINE_MS });
  try {
    const pair = await etcd.get(RECORD_KEY);
    if (pair === null) throw new Error('the cluster record does not exist yet');
    const { leader } = parseRecord(pair.value);
    const password = encodeURIComponent(readSecrets(dataDir).postgres.admin);
    return `postgres://${ADMIN_ROLE}:${password}@${ports.host}:${ports[leader].postgres}/tier0`;
  } finally {
    etcd.close();
  }
}
