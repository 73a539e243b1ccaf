const EXAMPLES = [
  'How many Tier 1 and Tier 2 safety incidents occurred in BP operations in 2024?',
  'What does the handbook say about working at height?',
  'Which IP addresses are generating the most errors?',
  'Which sites have the most devices in ALERT?',
  'How many incidents did TX-EAGLE have?',
  'What is the average safety compliance score?',
  'Which paths are the slowest in the last hour?',
  'Compare the safety reports with the camera footage',
] as const;

/** Questions to click, for whoever does not know yet what can be asked. */
export function Examples({ onPick }: { onPick: (question: string) => void }) {
  return (
    <section className="panel" aria-label="Examples">
      <header className="panel-head">
        <h2>Ask, for example</h2>
      </header>
      <ul className="examples">
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button type="button" className="example" onClick={() => onPick(example)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
