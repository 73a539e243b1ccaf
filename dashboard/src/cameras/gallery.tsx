import type { ImagesBody } from '../../../src/vision/schemas.ts';
import { formatDateTime } from '../lib/format.ts';
import { Boxes } from './boxes.tsx';
import type { Photo } from './camera-shapes.ts';
import { personState, photoAlt, scoreText, scoreTone } from './person-state.ts';

function peopleText({ people }: Photo): string {
  if (people.length === 0) return 'nobody';
  const missing = people.filter((person) => personState(person) === 'missing').length;
  const count = people.length === 1 ? '1 person' : `${people.length} people`;
  return missing === 0 ? count : `${count}, ${missing} without hat or vest`;
}

function Card({ photo, onOpen }: { photo: Photo; onOpen: () => void }) {
  const tone = scoreTone(photo.compliance_score);
  return (
    <li>
      <button type="button" className="photo-card" onClick={onOpen}>
        <span className="photo-frame" style={{ aspectRatio: `${photo.width} / ${photo.height}` }}>
          <img
            src={`/api/images/${photo.image_id}/thumbnail`}
            alt={photoAlt(photo)}
            width={320}
            height={Math.round((320 * photo.height) / photo.width)}
            loading="lazy"
            decoding="async"
          />
          <Boxes photo={photo} people={photo.people} labels={false} />
          {photo.simulated ? <span className="badge photo-simulated">simulated</span> : null}
        </span>
        <span className="photo-line">
          <span className={`score score-${tone}`}>{scoreText(photo.compliance_score)}</span>
          <span className="photo-place">
            {photo.site_id} · {photo.device_type.replaceAll('_', ' ')}
          </span>
        </span>
        <span className="photo-more">{peopleText(photo)}</span>
        <time className="photo-more" dateTime={photo.taken_at}>
          {formatDateTime(photo.taken_at)}
        </time>
      </button>
    </li>
  );
}

export function Gallery({ body, onOpen }: { body: ImagesBody; onOpen: (imageId: string) => void }) {
  return (
    <ul className="gallery">
      {body.images.map((photo) => (
        <Card key={photo.image_id} photo={photo} onOpen={() => onOpen(photo.image_id)} />
      ))}
    </ul>
  );
}
