import { useState } from 'react';
import { DEVICE_TYPES, SITES } from '../../../src/lib/fleet.ts';
import type { QueueBody } from '../../../src/vision/schemas.ts';
import { formatCount } from '../lib/format.ts';
import { withParams } from '../lib/search-params.ts';
import { FileDrop, sendFile } from '../shell/file-drop.tsx';
import { isUploaded } from './camera-shapes.ts';

type Place = { readonly site: string; readonly type: string };

function Queue({ queue }: { queue: QueueBody }) {
  return (
    <>
      <p className="faint">
        {queue.waiting === 0
          ? 'No photo waits.'
          : `${formatCount(queue.waiting)} photos wait to be looked at.`}{' '}
        Records are kept in {queue.store === 'mongodb' ? 'MongoDB' : 'PostgreSQL'}.
      </p>
      {queue.store_failure === null ? null : <p className="file-failed">{queue.store_failure}</p>}
      {queue.failed.length === 0 ? null : (
        <details>
          <summary>{formatCount(queue.failed.length)} files could not be looked at</summary>
          <ul className="outcomes">
            {queue.failed.map(({ image_id, file_name, site_id, message }) => (
              <li key={image_id} className="file-failed">
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
  const place = { ...picked, site: props.site ?? picked.site };
  const send = (file: File) => {
    const query = withParams('', { site_id: place.site, device_type: place.type, name: file.name });
    return sendFile(`/api/images?${query}`, file, isUploaded, 'added; it is looked at next');
  };
  const hint = (
    <>
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
    </>
  );
  return (
    <FileDrop
      title="Add photos"
      button="Choose files"
      accept="image/*"
      hint={hint}
      send={send}
      onSent={props.onSent}
    >
      {props.queue === null ? null : <Queue queue={props.queue} />}
    </FileDrop>
  );
}
