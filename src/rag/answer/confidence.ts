/**
 * How likely the best candidate answers the question, 0 to 1. A logistic regression over half of XQuAD's English
 * questions, each asked twice: of all its paragraphs, and without the paragraph that has the answer (docs/results;
 * npx tier0 eval rag tells both halves).
 */
import { sigmoid } from '../../lib/probability.ts';
import { tokens } from '../text/tokens.ts';
import type { Hit } from '../types.ts';
import { type Asked, type Candidate, namesIn, TARGET } from './candidates.ts';

const WEIGHTS = {
  passage: 0.47,
  semantic: 3.47,
  evidence: 1.95,
  inPassage: 5.83,
  names: 1.1,
  ahead: 6.36,
  unexpected: -0.5,
  /** By judgement: figures that came about are no answer to a question for a target. */
  notTarget: -4,
  constant: -6.8,
} as const;
/** What the semantic share is on average where the answer is: said of a passage that has no vector yet. */
const USUAL_SEMANTIC = 0.6;
const NO_NAMES = 0.7;

export function confidenceOf(what: Asked, best: Candidate, hits: readonly Hit[]): number {
  const { hit, evidence, expected } = best;
  const around = `${hit.document.title}. ${hit.passage.heading}. ${hit.passage.content}`;
  const ahead = (hits[0]?.score ?? 0) - (hits[1]?.score ?? 0);
  const sum =
    WEIGHTS.constant +
    WEIGHTS.passage * hit.score +
    WEIGHTS.semantic * (hit.semantic > 0 ? hit.semantic : USUAL_SEMANTIC) +
    WEIGHTS.evidence * evidence +
    WEIGHTS.inPassage * what.evidence.of(tokens(around)) +
    WEIGHTS.names * (namesIn(what, around) ?? NO_NAMES) +
    WEIGHTS.notTarget * (what.asksForTarget && !TARGET.test(around) ? 1 : 0) +
    WEIGHTS.ahead * ahead +
    WEIGHTS.unexpected * (expected === false ? 1 : 0);
  return sigmoid(sum);
}
