/** Of a question over several sources, what it asks of the documents. Pure. */

/** How the sources are joined, and what names those that are not documents. */
const JOINS =
  /\b(?:compare[ds]?|contrast(?:ed)?|versus|vs\.?|against|as well as|together with|side by side)\b/gi;
const OTHERS =
  /\b(?:(?:with|and|to|from|in|of)\s+)?(?:the\s+|our\s+)?(?:camera (?:footage|records?|photos?|images?)|cameras?|footage|photos?|photographs?|pictures?|images?|access logs?|logs?|telemetry|live (?:fleet|state|data))\b/gi;

/** The question itself when nothing is left of it. */
export function documentsPart(question: string): string {
  const left = question.replace(JOINS, ' ').replace(OTHERS, ' ').replace(/\s+/g, ' ').trim();
  return /\p{L}{3}/u.test(left.replace(/\b(?:the|and|with)\b/gi, '')) ? left : question;
}
