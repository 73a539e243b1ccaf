import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  apiQuery,
  EMPTY_QUERY,
  formatCameraQuery,
  isFiltered,
  lastPage,
  narrowed,
  parseCameraQuery,
} from './camera-query.ts';

const full = 'site=TX-EAGLE&type=turbine&hat=no&vest=yes&equipment=no&min=40&origin=real&sort=newest&page=3';

describe('the address of the cameras', () => {
  test('says all that is shown, and is said again', () => {
    const { query, ignored } = parseCameraQuery(full);
    assert.deepEqual(ignored, []);
    assert.equal(formatCameraQuery(query), full);
    assert.equal(formatCameraQuery(EMPTY_QUERY), '');
    assert.ok(isFiltered(query) && !isFiltered({ ...EMPTY_QUERY, sort: 'newest', page: 2 }));
  });

  test('names what is not understood', () => {
    const { query, ignored } = parseCameraQuery('hat=maybe&min=101&image=../x&page=0');
    assert.deepEqual(ignored, ['hat=maybe', 'min=101', 'page=0', 'image=../x']);
    assert.deepEqual(query, EMPTY_QUERY);
  });

  test('another filter begins at its first page', () => {
    assert.equal(narrowed({ ...EMPTY_QUERY, page: 7 }, { hat: 'no' }).page, 1);
  });
});

test('the API is asked for what the address says', () => {
  const asked = new URLSearchParams(apiQuery(parseCameraQuery(full).query));
  assert.deepEqual(
    [asked.get('has_hard_hat'), asked.get('has_safety_vest'), asked.get('simulated'), asked.get('offset')],
    ['false', 'true', 'false', '48'],
  );
  assert.deepEqual([lastPage(0), lastPage(24), lastPage(25)], [1, 1, 2]);
});
