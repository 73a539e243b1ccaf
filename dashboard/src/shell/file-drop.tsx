import { type DragEvent, type ReactNode, useId, useState } from 'react';
import { isErrorBody } from '../live/shapes.ts';

/** Of one file that was sent: `text` says what became of it, in words that follow the file's name. */
export type Outcome = { readonly file: string; readonly text: string; readonly failed: boolean };

/** Posts one file to `address`. `shape` tells the answer of the service from anything else; `added` is what to say. */
export async function sendFile(
  address: string,
  file: File,
  shape: (body: unknown) => body is { readonly added: boolean },
  added: string,
): Promise<Outcome> {
  const outcome = (text: string, failed: boolean): Outcome => ({ file: file.name, text, failed });
  try {
    const response = await fetch(address, { method: 'POST', body: file });
    const body: unknown = await response.json();
    if (shape(body)) return outcome(body.added ? added : 'was there already', false);
    return outcome(isErrorBody(body) ? body.message : `the service answered ${response.status}`, true);
  } catch {
    return outcome('could not be sent', true);
  }
}

/** A panel that takes files, dropped or chosen, sends them one after the other and says of each what became of it. */
export function FileDrop(props: {
  title: string;
  button: string;
  /** Of an input of type file. */
  accept: string;
  /** Between the head and what became of the files. */
  hint: ReactNode;
  send: (file: File) => Promise<Outcome>;
  onSent: () => void;
  children?: ReactNode;
}) {
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const [over, setOver] = useState(false);
  const input = useId();
  const sendAll = async (files: readonly File[]) => {
    setOutcomes(files.map(({ name }) => ({ file: name, text: 'is being sent', failed: false })));
    for (const [index, file] of files.entries()) {
      const outcome = await props.send(file);
      setOutcomes((old) => old.map((one, at) => (at === index ? outcome : one)));
    }
    props.onSent();
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void sendAll([...event.dataTransfer.files]);
  };
  return (
    <section
      className={`panel ${over ? 'files-over' : ''}`}
      aria-label={props.title}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <header className="panel-head">
        <h2>{props.title}</h2>
        <label htmlFor={input} className="button files-add">
          {props.button}
        </label>
        <input
          id={input}
          className="visually-hidden"
          type="file"
          multiple
          accept={props.accept}
          onChange={(event) => {
            void sendAll([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      </header>
      {props.hint}
      <ul className="outcomes" aria-live="polite">
        {outcomes.map(({ file, text, failed }) => (
          <li key={file} className={failed ? 'file-failed' : undefined}>
            {file}: {text}
          </li>
        ))}
      </ul>
      {props.children}
    </section>
  );
}
