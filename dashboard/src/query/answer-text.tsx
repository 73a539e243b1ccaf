import type { ReactNode } from 'react';

/** The answer with its marks [1], [2] as buttons that open what they refer to. */
export function AnswerText(props: {
  text: string;
  citations: number;
  open: number | null;
  onCite: (n: number) => void;
}) {
  const { text, citations, open, onCite } = props;
  const paragraphs = text.split(/\n{2,}/);
  const marked = (paragraph: string): ReactNode[] =>
    paragraph.split(/(\[\d+\])/).map((part, index) => {
      const n = Number(/^\[(\d+)\]$/.exec(part)?.[1] ?? 0);
      if (n < 1 || n > citations) return part;
      return (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name.
          key={index}
          type="button"
          className="cite"
          aria-expanded={open === n}
          aria-label={`Source ${n}`}
          onClick={() => onCite(n)}
        >
          {n}
        </button>
      );
    });
  return (
    <div className="answer-text">
      {paragraphs.map((paragraph, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the paragraphs of a text have no other name.
        <p key={index}>{marked(paragraph)}</p>
      ))}
    </div>
  );
}
