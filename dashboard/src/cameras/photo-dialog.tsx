import { type KeyboardEvent, useEffect, useReducer, useRef, useState } from 'react';
import { formatDateTime } from '../lib/format.ts';
import { FailureNotice } from '../shell/failure-notice.tsx';
import { AuditTrail } from './audit-trail.tsx';
import { Boxes } from './boxes.tsx';
import type { Photo } from './camera-shapes.ts';
import { type Draft, type DraftAction, drafted, isChanged, newDraft, reduceDraft } from './override-draft.ts';
import { OverrideForm } from './override-form.tsx';
import { PeopleList } from './people-list.tsx';
import { GEAR, photoAlt, scoreText, scoreTone } from './person-state.ts';
import { usePhoto } from './use-camera-feeds.ts';

/** Where a key means text, it is no command. */
const isTyping = (target: EventTarget): boolean =>
  target instanceof HTMLElement && ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName);

function actionOf(key: string, draft: Draft): DraftAction | null {
  if (key === 'ArrowDown') return { kind: 'select', index: draft.selected + 1 };
  if (key === 'ArrowUp') return { kind: 'select', index: draft.selected - 1 };
  const gear = GEAR.find(({ hotkey }) => hotkey === key.toLowerCase());
  if (gear !== undefined) return { kind: 'cycle', gear: gear.key };
  return key === 'x' || key === 'Delete' ? { kind: 'remove', index: draft.selected } : null;
}

function Review({
  photo,
  onSaved,
  onReload,
}: {
  photo: Photo;
  onSaved: (photo: Photo) => void;
  onReload: () => void;
}) {
  const [draft, act] = useReducer(
    (old: Draft, action: DraftAction) => reduceDraft(old, action, photo.people),
    newDraft(photo.version),
  );
  useEffect(() => act({ kind: 'start', version: photo.version }), [photo.version]);
  const latest = useRef(draft);
  latest.current = draft;
  // Of the whole dialog: the focus may stand on its buttons.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const { target, ctrlKey, metaKey, altKey } = event;
      if (target === null || isTyping(target) || ctrlKey || metaKey || altKey) return;
      const action = actionOf(event.key, latest.current);
      if (action === null) return;
      event.preventDefault();
      act(action);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const people = photo.people.map((person, index) => drafted(person, index, draft));
  return (
    <div className="review">
      <figure className="review-photo">
        <div className="photo-frame" style={{ aspectRatio: `${photo.width} / ${photo.height}` }}>
          <img src={`/api/images/${photo.image_id}/photo`} alt={photoAlt(photo)} />
          <Boxes
            photo={photo}
            people={people}
            selected={draft.selected}
            labels
            onPick={(index) => act({ kind: 'select', index })}
          />
        </div>
        <figcaption>{photo.description}</figcaption>
      </figure>
      <div className="review-side">
        <p>
          <span className={`score score-${scoreTone(photo.compliance_score)}`}>
            {scoreText(photo.compliance_score)}
          </span>{' '}
          {photo.site_id} · {photo.device_type.replaceAll('_', ' ')} · {photo.camera} ·{' '}
          <time dateTime={photo.taken_at}>{formatDateTime(photo.taken_at)}</time>{' '}
          {photo.simulated ? <span className="badge">simulated</span> : null}
        </p>
        <PeopleList people={photo.people} draft={draft} onAction={act} />
        {photo.people.length === 0 ? null : (
          <p className="faint">
            Keys: ↑ ↓ person, h hard hat, v vest, e equipment, x nobody is there, ← → other photos.
          </p>
        )}
        {isChanged(draft) ? (
          <OverrideForm photo={photo} draft={draft} onSaved={onSaved} onReload={onReload} />
        ) : null}
        <h3>Corrections</h3>
        <AuditTrail key={photo.version} imageId={photo.image_id} version={photo.version} />
      </div>
    </div>
  );
}

/** One photo, large, to be looked at and corrected. Escape closes; the focus goes back to where it came from. */
export function PhotoDialog(props: {
  imageId: string;
  onClose: () => void;
  /** To the photo before or behind in the list; null where there is none. */
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
  onSaved: () => void;
}) {
  const { imageId, onClose, onPrevious, onNext, onSaved } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const answer = usePhoto(imageId);
  const [saved, setSaved] = useState<Photo | null>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const stored = answer.data?.image_id === imageId ? answer.data : null;
  const own = saved?.image_id === imageId ? saved : null;
  const photo = own !== null && (stored === null || own.version > stored.version) ? own : stored;
  const onKey = (event: KeyboardEvent) => {
    if (isTyping(event.target)) return;
    const step = event.key === 'ArrowLeft' ? onPrevious : event.key === 'ArrowRight' ? onNext : null;
    if (step !== null) step();
  };
  return (
    <dialog
      ref={dialog}
      className="viewer photo-dialog"
      aria-label="Photo"
      onClose={onClose}
      onKeyDown={onKey}
      closedby="any"
    >
      <header className="viewer-head">
        <h2>{photo?.file_name ?? 'Photo'}</h2>
        <button
          type="button"
          className="button"
          disabled={onPrevious === null}
          onClick={onPrevious ?? undefined}
        >
          Previous
        </button>
        <button type="button" className="button" disabled={onNext === null} onClick={onNext ?? undefined}>
          Next
        </button>
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <div className="viewer-body">
        <FailureNotice title="The photo cannot be had" answers={[answer]} />
        {photo === null ? (
          <p className="faint">Loading …</p>
        ) : (
          <Review
            key={photo.image_id}
            photo={photo}
            onSaved={(next) => {
              setSaved(next);
              onSaved();
            }}
            onReload={() => {
              setSaved(null);
              answer.retry();
            }}
          />
        )}
      </div>
    </dialog>
  );
}
