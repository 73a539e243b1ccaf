import { type DragEvent, useId, useState } from 'react';
import { DEVICE_TYPES, SITES } from '../../../src/lib/fleet.ts';
import type { QueueBody } from '../../../src/vision/schemas.ts';
import { formatCount } from '../lib/format.ts';
import { withParams } from '../lib/search-params.ts';
import { isErrorBody } from '../live/shapes.ts';
import { isUploaded } from './camera-shapes.ts';

type Outcome = { readonly file: string; readonly text: string; readonly failed: boolean };
type Place = { readonly site: string; readonly type: string };

async function send(file: File, { site, type }: Place): Promise<Outcome> {
  const outcome = (text: string, failed: boolean): Outcome => ({ file: file.name, text, failed });
  const query = withParams('', { site_id: site, device_type: type, name: file.name });
  try {
    const response = await fetch(`/api/images?${query}`, { method: 'POST', body: file });
    const body: unknown = await response.json();
    if (isUploaded(body))
      return outcome(body.added ? 'added; it is looked at next' : 'was there already', false);
    return outcome(isErrorBody(body) ? body.message : `the service answered ${response.status}`, true);
  } catch {
    return outcome('could not be sent', true);
  }
}

function Queue({ queue }: { queue: QueueBody }) {
  return (
    <>
      <p className="faint">
        {queue.waiting === 0
          ? 'No photo waits.'
          : `${formatCount(queue.waiting)} photos wait to be looked at.`}{' '}
        Records are kept in {queue.store === 'mongodb' ? 'MongoDB' : 'PostgreSQL'}.
      </p>
      {queue.store_failure === null ? null : <p className="photo-failed">{queue.store_failure}</p>}
      {queue.failed.length === 0 ? null : (
        <details>
          <summary>{formatCount(queue.failed.length)} files could not be looked at</summary>
          <ul className="outcomes">
            {queue.failed.map(({ image_id, file_name, site_id, message }) => (
              <li key={image_id} className="photo-failed">
                {file_name} ({site_id}): {message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Pick(props: {
  label: string;
  value: string;
  options: readonly string[];
  onPick: (value: string) => void;
}) {
  return (
    <label className="field">
      <span className="visually-hidden">{props.label}</span>
      <select value={props.value} onChange={(event) => props.onPick(event.target.value)}>
        {props.options.map((option) => (
          <option key={option} value={option}>
            {option.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Photos may be dropped onto it; it says what waits and what could not be read. */
export function UploadPanel(props: { queue: QueueBody | null; site: string | null; onSent: () => void }) {
  const [picked, setPlace] = useState<Place>({ site: SITES[0]?.id ?? '', type: DEVICE_TYPES[0]?.type ?? '' });
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const [over, setOver] = useState(false);
  const input = useId();
  const place = { ...picked, site: props.site ?? picked.site };
  const sendAll = async (files: readonly File[]) => {
    setOutcomes(files.map(({ name }) => ({ file: name, text: 'is being sent', failed: false })));
    for (const [index, file] of files.entries()) {
      const outcome = await send(file, place);
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
      className={`panel ${over ? 'documents-over' : ''}`}
      aria-label="Add photos"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <header className="panel-head">
        <h2>Add photos</h2>
        <label htmlFor={input} className="button documents-add">
          Choose files
        </label>
        <input
          id={input}
          className="visually-hidden"
          type="file"
          multiple
          accept="image/*"
          onChange={(event) => {
            void sendAll([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      </header>
      <div className="upload-place">
        <Pick
          label="Site of the photos"
          value={place.site}
          options={SITES.map(({ id }) => id)}
          onPick={(site) => setPlace({ ...place, site })}
        />
        <Pick
          label="Type of device in the photos"
          value={place.type}
          options={DEVICE_TYPES.map(({ type }) => type)}
          onPick={(type) => setPlace({ ...place, type })}
        />
      </div>
      <p className="faint">
        Drop photos here, put them into the folder photos/{place.site} of the data directory, or: npx tier0
        import photos PATH… --site {place.site} --type {place.type}
      </p>
      <ul className="outcomes" aria-live="polite">
        {outcomes.map(({ file, text, failed }) => (
          <li key={file} className={failed ? 'photo-failed' : undefined}>
            {file}: {text}
          </li>
        ))}
      </ul>
      {props.queue === null ? null : <Queue queue={props.queue} />}
    </section>
  );
}
