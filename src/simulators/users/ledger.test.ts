import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LedgerEntry, readUserLedger, UserLedger } from './ledger.ts';

test('a ledger holds what was appended, over restarts, without a line that was cut short', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tier0-test-ledger-'));
  try {
    const path = join(dir, 'ledger');
    const entries: LedgerEntry[] = [
      { kind: 'login', session_id: 's', at: '2026-11-25T00:00:00Z' },
      { kind: 'report', message_id: 'm', at: '2026-11-25T00:00:01Z' },
      { kind: 'logout', session_id: 's', at: '2026-11-25T00:00:02Z' },
    ];
    for (const entry of entries) {
      const ledger = await UserLedger.open(path);
      ledger.append(entry);
      await ledger.close();
    }
    appendFileSync(path, '{"kind":"lo');
    assert.deepEqual(await readUserLedger(path), entries);
    appendFileSync(path, '\n');
    await assert.rejects(readUserLedger(path));
    await assert.rejects(UserLedger.open(join(dir, 'no', 'folder')));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
