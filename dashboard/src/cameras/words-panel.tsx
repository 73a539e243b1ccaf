import type { WordsBody } from '../../../src/vision/schemas.ts';
import { formatCount } from '../lib/format.ts';
import { wordSizes } from './word-sizes.ts';

/** What the photos of a site show, in words as large as they are frequent. */
export function WordsPanel({ words, site }: { words: WordsBody | null; site: string | null }) {
  return (
    <section className="panel" aria-label="Image context">
      <header className="panel-head">
        <h2>Describe image context</h2>
        <span className="faint">{site ?? 'all sites'}</span>
      </header>
      {words === null || words.words.length === 0 ? (
        <p className="faint">No photo to describe yet.</p>
      ) : (
        <ul className="word-cloud">
          {wordSizes(words.words).map(({ word, images, size_px }) => (
            <li key={word} style={{ fontSize: size_px }} title={`in ${formatCount(images)} photos`}>
              {word}
              <span className="word-count">{formatCount(images)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
