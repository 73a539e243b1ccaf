import { useCallback, useState } from 'react';
import type { AddedBody, DocumentBody, DocumentsBody } from '../../../src/rag/schemas.ts';
import { ConfirmDialog } from '../failover/confirm-dialog.tsx';
import { formatBytes } from '../lib/format.ts';
import { outline } from '../live/shapes.ts';
import { useAnswer } from '../live/use-answer.ts';
import { FailureNotice } from '../shell/failure-notice.tsx';
import { FileDrop, sendFile } from '../shell/file-drop.tsx';

const isDocuments = outline<DocumentsBody>({ total: 'number', documents: 'array' });
const isAdded = outline<AddedBody>({ added: 'boolean', document: 'object' });

const BUSY_MS = 1_000;
const QUIET_MS = 15_000;

function stateOf(document: DocumentBody): string {
  switch (document.state) {
    case 'waiting':
      return 'waits to be read';
    case 'reading':
      return `being read: page ${document.pages_read} of ${document.pages}`;
    case 'searchable':
      return `found by words; by meaning ${Math.floor((100 * document.vectors) / Math.max(1, document.passages))} %`;
    case 'indexed':
      return 'found by words and meaning';
    case 'failed':
      return document.failure?.message ?? 'cannot be read';
    default:
      return document.state satisfies never;
  }
}

function Row({ document, onDelete }: { document: DocumentBody; onDelete: () => void }) {
  const pages = `${document.pages} ${document.pages === 1 ? 'page' : 'pages'}`;
  return (
    <li className="document">
      <span className="document-title">
        {document.title}
        {document.source === 'sample' ? <span className="badge">sample</span> : null}
      </span>
      <span className={`document-state ${document.state === 'failed' ? 'file-failed' : 'faint'}`}>
        {[document.pages > 0 ? pages : null, formatBytes(document.bytes), stateOf(document)]
          .filter((part) => part !== null)
          .join(' · ')}
      </span>
      <button type="button" className="button" onClick={onDelete} aria-label={`Delete ${document.title}`}>
        Delete
      </button>
    </li>
  );
}

const isBusy = ({ state }: DocumentBody): boolean =>
  state === 'waiting' || state === 'reading' || state === 'searchable';

/** The documents that are searched; more may be dropped onto it. */
export function DocumentsPanel() {
  const [period_ms, setPeriod] = useState(BUSY_MS);
  const pathAt = useCallback(() => '/api/documents', []);
  const answer = useAnswer(pathAt, isDocuments, period_ms);
  const [doomed, setDoomed] = useState<DocumentBody | null>(null);
  const documents = answer.data?.documents ?? [];
  const wanted = documents.some(isBusy) ? BUSY_MS : QUIET_MS;
  if (answer.data !== null && wanted !== period_ms) setPeriod(wanted);
  const send = (file: File) =>
    sendFile(
      `/api/documents?name=${encodeURIComponent(file.name)}`,
      file,
      isAdded,
      'added; it is being read',
    );
  const onSent = () => {
    setPeriod(BUSY_MS);
    answer.retry();
  };
  const remove = async ({ document_id }: DocumentBody) => {
    await fetch(`/api/documents/${document_id}`, { method: 'DELETE' }).catch((error: unknown) =>
      reportError(error),
    );
    answer.retry();
  };
  const hint = (
    <>
      <p className="faint">PDF, Markdown, text and HTML. Drop files here, or: npx tier0 import docs PATH…</p>
      <FailureNotice title="The documents cannot be listed" answers={[answer]} />
    </>
  );
  return (
    <FileDrop
      title="Documents"
      button="Add files"
      accept=".pdf,.md,.markdown,.txt,.html,.htm"
      hint={hint}
      send={send}
      onSent={onSent}
    >
      <ul className="document-list">
        {documents.map((document) => (
          <Row key={document.document_id} document={document} onDelete={() => setDoomed(document)} />
        ))}
      </ul>
      {doomed === null ? null : (
        <ConfirmDialog
          title={`Delete ${doomed.title}?`}
          sentences={['No answer will cite it any more.', 'It can be added again from its file.']}
          confirm="Delete"
          danger
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </FileDrop>
  );
}
