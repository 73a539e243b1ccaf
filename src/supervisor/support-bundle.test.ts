import assert from 'node:assert/strict';
import { it } from 'node:test';
import { redacted } from './support-bundle.ts';

it('no text keeps a secret, wherever it stands and however often', () => {
  const text = 'requirepass s3cret\nmasterauth s3cret;user:s3cret@host "longer-s3cret-yet"';
  const clean = redacted(text, ['longer-s3cret-yet', 's3cret']);
  assert.equal(clean, 'requirepass [secret]\nmasterauth [secret];user:[secret]@host "[secret]"');
});
