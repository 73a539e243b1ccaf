import type { Citation } from '../../../src/rag/schemas.ts';

export const pageOf = ({ page, page_label, media_type }: Citation): string => {
  if (media_type !== 'application/pdf') return '';
  return page_label === null || page_label === String(page)
    ? `page ${page}`
    : `page ${page_label} (PDF page ${page})`;
};

/** The passage with the part that supports the answer marked. */
function MarkedPassage({ passage, highlight }: Pick<Citation, 'passage' | 'highlight'>) {
  const at = passage.indexOf(highlight);
  if (at === -1 || highlight === '') return <>{passage}</>;
  return (
    <>
      {passage.slice(0, at)}
      <mark>{highlight}</mark>
      {passage.slice(at + highlight.length)}
    </>
  );
}

/** What the answer rests on; each opens the document at its place. */
export function CitationList(props: {
  citations: readonly Citation[];
  open: number | null;
  onCite: (n: number) => void;
}) {
  if (props.citations.length === 0) return null;
  return (
    <ol className="citations" aria-label="Sources">
      {props.citations.map((citation) => (
        <li key={citation.n} className="citation">
          <button
            type="button"
            className="citation-open"
            aria-expanded={props.open === citation.n}
            onClick={() => props.onCite(citation.n)}
          >
            <span className="cite" aria-hidden="true">
              {citation.n}
            </span>
            <span className="citation-title">
              {citation.document}
              <span className="faint">
                {[pageOf(citation), citation.heading.split(' > ').at(-1) ?? '']
                  .filter((part) => part !== '' && part !== citation.document)
                  .map((part) => ` · ${part}`)
                  .join('')}
              </span>
            </span>
          </button>
          <p className="citation-passage">
            <MarkedPassage passage={citation.passage} highlight={citation.highlight} />
          </p>
        </li>
      ))}
    </ol>
  );
}
