import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentsPart } from './documents-part.ts';

test('of a question over several sources, the documents are asked for what is theirs', () => {
  assert.equal(documentsPart('Compare the safety reports with the camera footage'), 'the safety reports');
  assert.equal(
    documentsPart('How many incidents were there against the cameras in 2024?'),
    'How many incidents were there in 2024?',
  );
  assert.equal(documentsPart('Compare the cameras and the logs'), 'Compare the cameras and the logs');
});
