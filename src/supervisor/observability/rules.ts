/** Prometheus' recording and alerting rules, made from the objectives and the alerts. Pure. */
import { BURN_RATES, BURN_WINDOWS, OBJECTIVES, REPLICATION_LATE, ratioSeries } from '../../lib/slo.ts';
import { ALERTS } from './alerts.ts';

type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
export type RuleFile = {
  readonly groups: readonly {
    readonly name: string;
    readonly interval: string;
    readonly rules: readonly Rule[];
  }[];
};

/** How often windows are computed: a share over three days does not change in five seconds. */
const EVERY: Readonly<Record<string, string>> = {
  '5m': '5s',
  '30m': '30s',
  '1h': '5s',
  '6h': '1m',
  '3d': '5m',
};

/** Engines behind an exporter are up when it says so; where it is gone itself there is no such series. */
const TARGET_UP = 'min by (job, region, instance) ({__name__=~"up|pg_up|redis_up|nginx_up"})';

const burnName = (title: string, index: number): string =>
  `${title.replaceAll(/\s(.)/g, (_, letter: string) => letter.toUpperCase())}${['BurnsFast', 'Burns', 'BurnsSlowly'][index]}`;

function burnAlerts(runbookUrl: (file: string) => string): Rule[] {
  return OBJECTIVES.flatMap(({ name, title, promise, objective }) =>
    BURN_RATES.map(({ severity, long, short, rate, spent }, index) => {
      // Written out: 1 - 0.9999999 is 9.999999994736442e-8 in floating point.
      const limit = Number((rate * (1 - objective)).toPrecision(6));
      return {
        alert: burnName(title, index),
        expr: `${ratioSeries(name, long)} > ${limit} and ${ratioSeries(name, short)} > ${limit}`,
        labels: { severity, slo: name },
        annotations: {
          summary: `${title}: the budget burns more than ${rate} × as fast as it may (${spent} of a month's in ${long})`,
          description: `${promise}. Bad share of the last ${long}: {{ $value | humanizePercentage }}`,
          runbook_url: runbookUrl(`${name}-burns.md`),
        },
      };
    }),
  );
}

/** `runbookUrl` makes the address of a page in docs/runbooks. */
export function ruleFile(runbookUrl: (file: string) => string): RuleFile {
  return {
    groups: [
      {
        name: 'targets',
        interval: '5s',
        rules: [
          { record: 'tier0:target_up', expr: TARGET_UP },
          { record: 'tier0:replication_late', expr: REPLICATION_LATE },
        ],
      },
      ...BURN_WINDOWS.map((window) => ({
        name: `objectives over ${window}`,
        interval: EVERY[window] ?? '1m',
        rules: OBJECTIVES.map(({ name, badRatio }) => ({
          record: `tier0:slo_bad:ratio_rate${window}`,
          expr: badRatio(window),
          labels: { slo: name },
        })),
      })),
      { name: 'burn rates', interval: '5s', rules: burnAlerts(runbookUrl) },
      {
        name: 'conditions',
        interval: '5s',
        rules: ALERTS.map(({ alert, expr, for: wait, severity, summary, runbook }) => ({
          alert,
          expr,
          for: wait,
          labels: { severity },
          annotations: { summary, runbook_url: runbookUrl(runbook) },
        })),
      },
    ],
  };
}
