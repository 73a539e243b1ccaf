import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outageEnd, placeLabels, stepsFromMarks, timeScale } from './timeline.ts';

const at = (step: string, after_ms: number) => ({ step, after_ms });
const TAKEOVER = [
  at('fault', 0),
  at('suspected', 82),
  at('recorded', 95),
  at('promoted', 310),
  at('first_good_write', 412),
];

test('marks become steps after the first of them, in order, without unreadable ones', () => {
  const steps = stepsFromMarks({
    promoted: '2026-11-24T08:00:00.310Z',
    suspected: '2026-11-24T08:00:00.000Z',
    fenced: 'soon',
  });
  assert.deepEqual(steps, [at('suspected', 0), at('promoted', 310)]);
  assert.deepEqual(stepsFromMarks({}), []);
});

test('a client ends an outage before an agent does', () => {
  assert.deepEqual(outageEnd([...TAKEOVER, at('routed', 330)]), at('first_good_write', 412));
  assert.deepEqual(outageEnd([at('recorded', 0), at('serving', 200)]), at('serving', 200));
  assert.equal(outageEnd([at('fault', 0)]), null);
});

test('the axis shows a second at least and is to scale', () => {
  const { x, ticks, cut_x } = timeScale(TAKEOVER, null, 1000);
  assert.equal(x(412), 412);
  assert.equal(ticks.at(-1)?.ms, 1000);
  assert.equal(cut_x, null);
});

test('late steps stand behind a cut and leave the outage its room', () => {
  const { x, cut_x } = timeScale([...TAKEOVER, at('healed', 3000), at('strict', 9000)], null, 1000);
  assert.equal(x(1000), 740);
  assert.ok(cut_x !== null && cut_x > 740 && x(3000) > cut_x && x(9000) > x(3000));
  assert.equal(x(9000), 1000);
});

test('while the outage lasts the axis grows with it; afterwards the present waits behind the cut', () => {
  assert.equal(timeScale([at('fault', 0)], 1700, 1000).x(2000), 1000);
  const done = timeScale(TAKEOVER, 6000, 1000);
  assert.notEqual(done.cut_x, null);
  assert.equal(done.x(1000), 740);
});

test('ticks keep their distance on a narrow page', () => {
  const { ticks } = timeScale(TAKEOVER, null, 340);
  assert.ok(ticks.length <= 5);
  assert.equal(timeScale(TAKEOVER, null, 40).ticks.length, 2);
});

test('labels that would touch go to another lane, and none leaves the picture', () => {
  const points = [82, 95, 310, 980].map((x) => ({ x, width: 100 }));
  const placed = placeLabels(points, 1000);
  assert.deepEqual(
    placed.map(({ lane, left }) => ({ lane, left })),
    [
      { lane: 1, left: false },
      { lane: 0, left: false },
      { lane: 0, left: false },
      { lane: 0, left: true },
    ],
  );
});
