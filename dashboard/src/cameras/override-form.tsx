import { type FormEvent, useState } from 'react';
import { ApiError, patchJson } from '../live/api.ts';
import { isPhoto, type Photo } from './camera-shapes.ts';
import { type Draft, overrideBody } from './override-draft.ts';

const WHO_KEY = 'tier0-reviewer';
const DEADLINE_MS = 15_000;

/** Who and why, then the change is saved. A change that somebody else made meanwhile is told, never written over. */
export function OverrideForm(props: {
  photo: Photo;
  draft: Draft;
  onSaved: (photo: Photo) => void;
  onReload: () => void;
}) {
  const { photo, draft, onSaved, onReload } = props;
  const [by, setBy] = useState(() => localStorage.getItem(WHO_KEY) ?? '');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      localStorage.setItem(WHO_KEY, by.trim());
      onSaved(
        await patchJson(
          `/api/images/${photo.image_id}`,
          overrideBody(draft, by, reason),
          isPhoto,
          DEADLINE_MS,
        ),
      );
    } catch (failure) {
      setError(failure instanceof ApiError ? failure : new ApiError(String(failure), null, failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="override-form" onSubmit={(event) => void save(event)}>
      <label className="field">
        <span>Who</span>
        <input required maxLength={128} value={by} onChange={(event) => setBy(event.target.value)} />
      </label>
      <label className="field">
        <span>Why</span>
        <input
          required
          maxLength={500}
          placeholder="e.g. the hat is behind the pipe"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <button type="submit" className="button button-primary" disabled={busy}>
        {busy ? 'Saving …' : 'Save correction'}
      </button>
      {error === null ? null : (
        <p className="photo-failed" role="alert">
          {error.message}{' '}
          {error.status === 409 ? (
            <button type="button" className="button" onClick={onReload}>
              Show what is stored now
            </button>
          ) : null}
        </p>
      )}
    </form>
  );
}
