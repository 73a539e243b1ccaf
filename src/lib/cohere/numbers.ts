/** Whether the figures of an answer that a model wrote stand in the passages that it cites. Pure. */

const NUMBER = /\d+(?:[.,]\d+)*/g;
const plain = (text: string): string => text.replace(/,(?=\d{3}(?:\D|$))/g, '').replace(/[.,]$/, '');

/** Numbers of the text that no passage has; references such as [1] are none. */
export function unsupportedNumbers(text: string, passages: readonly string[]): string[] {
  const said = text.replace(/\[\d+\]/g, '').match(NUMBER) ?? [];
  const known = new Set(passages.flatMap((passage) => passage.match(NUMBER) ?? []).map(plain));
  return [...new Set(said.map(plain))].filter((number) => !known.has(number));
}
