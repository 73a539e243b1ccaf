import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Citation } from '../../../src/rag/schemas.ts';
import { Notice } from '../shell/notice.tsx';
import { pageOf } from './citation-list.tsx';

const PdfPage = lazy(() => import('./pdf-page.tsx'));

const fileOf = ({ document_id }: Citation): string => `/api/documents/${document_id}/file`;

/** A text document as text, never as what it might say to a browser, with the passage marked and in sight. */
function TextDocument({ citation }: { citation: Citation }) {
  const [text, setText] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const mark = useRef<HTMLElement>(null);
  const url = fileOf(citation);
  useEffect(() => {
    const abort = new AbortController();
    fetch(url, { signal: abort.signal })
      .then((response) =>
        response.ok ? response.text() : Promise.reject(new Error(String(response.status))),
      )
      .then(setText, () => setFailed(!abort.signal.aborted));
    return () => abort.abort();
  }, [url]);
  useEffect(() => {
    if (text !== null) mark.current?.scrollIntoView({ block: 'center' });
  }, [text]);
  if (failed) return <Notice tone="alert" title="The document cannot be had" />;
  if (text === null) return <p className="faint">Loading …</p>;
  const wanted = citation.highlight.split('\n')[0] ?? '';
  const flat = text.replaceAll('**', '');
  const at = flat.indexOf(wanted);
  const [before, marked, after] =
    at === -1
      ? ['', citation.passage, `\n\n${flat}`]
      : [flat.slice(0, at), wanted, flat.slice(at + wanted.length)];
  return (
    <pre className="document-text">
      {before}
      <mark ref={mark}>{marked}</mark>
      {after}
    </pre>
  );
}

/** The document of a citation at its place. Escape closes; the focus goes back to where it came from. */
export function CitationViewer({ citation, onClose }: { citation: Citation; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const isPdf = citation.media_type === 'application/pdf';
  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={`${citation.document}, ${pageOf(citation)}`}
      onClose={onClose}
      closedby="any"
    >
      <header className="viewer-head">
        <h2>{citation.document}</h2>
        <a className="button" href={fileOf(citation)} download={citation.file_name}>
          Download
        </a>
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <div className="viewer-body">
        {isPdf ? (
          <Suspense fallback={<p className="faint">Loading …</p>}>
            <PdfPage url={fileOf(citation)} page={citation.page} highlight={citation.highlight} />
          </Suspense>
        ) : (
          <TextDocument citation={citation} />
        )}
      </div>
    </dialog>
  );
}
