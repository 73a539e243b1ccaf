/** `tier0 doctor`: checks the machine and the instance, says what is wrong and how to put it right. */
import { isAlive, readRunState } from '../../lib/run-state.ts';
import { topology } from '../../lib/topology.ts';
import type { InstanceOptions } from '../config.ts';
import { takenPorts } from '../ports.ts';
import { type Finding, fail, ok } from './finding.ts';
import { instanceFindings } from './instance.ts';
import { machineFindings } from './machine.ts';

/** The ports that people know; those of an instance that runs are its own. */
async function ports({ dataDir, portOffset }: InstanceOptions): Promise<Finding> {
  if (isAlive(readRunState(dataDir, 'up'))) return ok('ports', "are the running instance's");
  const { host, edge, region1, region2 } = topology(portOffset);
  const named = { ...edge, 'region1 postgres': region1.postgres, 'region2 postgres': region2.postgres };
  const taken = await takenPorts(
    host,
    Object.entries(named).map(([what, port]) => ({ what, port })),
  );
  if (taken.length === 0) return ok('ports', 'are free');
  return fail('ports', taken.join('; '), 'stop what listens there, or start with --port-offset N');
}

/** Exit code 1 when a check fails; warnings alone are no failure. */
export async function doctor(
  options: InstanceOptions,
  json: boolean,
  print: (line: string) => void,
): Promise<number> {
  const findings = [
    ...machineFindings(options.dataDir),
    await ports(options),
    ...(await instanceFindings(options)),
  ];
  const failed = findings.filter(({ state }) => state === 'fail').length;
  if (json) {
    print(JSON.stringify({ findings }, null, 2));
    return failed > 0 ? 1 : 0;
  }
  for (const { check, state, found, fix } of findings) {
    print(`${{ ok: 'ok  ', warn: 'WARN', fail: 'FAIL' }[state]}  ${check.padEnd(18)} ${found}`);
    if (fix !== null) print(`      ${''.padEnd(18)} → ${fix}`);
  }
  const warned = findings.filter(({ state }) => state === 'warn').length;
  print(`${findings.length} checks: ${failed} fail, ${warned} warn`);
  return failed > 0 ? 1 : 0;
}
