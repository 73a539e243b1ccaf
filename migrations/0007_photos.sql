-- Photos of cameras on their way to records, and their pictures. Runs as tier0_owner; tier0_vision is made by the agent
-- beforehand. What a photo shows is in image_record (src/vision/records/record.ts has the form), or in MongoDB.

CREATE TABLE photo (
  -- From the SHA-256 of the file: the same photo twice is one.
  image_id    uuid PRIMARY KEY,
  site_id     text NOT NULL,
  device_type text NOT NULL,
  camera      text NOT NULL,
  file_name   text NOT NULL,
  simulated   boolean NOT NULL,
  taken_at    timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- waiting, done or failed.
  state       text NOT NULL,
  -- Of a failed one: a code for programs, a sentence for people.
  failure     text,
  failure_message text
);
CREATE INDEX photo_waiting ON photo (simulated, received_at) WHERE state = 'waiting';
CREATE INDEX photo_failed ON photo (received_at) WHERE state = 'failed';
CREATE INDEX photo_simulated ON photo (site_id, received_at) WHERE simulated;

CREATE TABLE photo_file (
  image_id uuid NOT NULL REFERENCES photo ON DELETE CASCADE,
  -- original: as it came; shown: upright, at most 1600 pixels; thumbnail.
  kind     text NOT NULL,
  content  bytea NOT NULL,
  PRIMARY KEY (image_id, kind)
);
-- Photos are compressed already.
ALTER TABLE photo_file ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE INDEX image_record_site ON image_record (site_id, taken_at);
CREATE INDEX image_record_rank ON image_record (((record->>'rank')::float8), taken_at DESC);

-- What a record says, as vectors of the RAG service; of the version that the record had.
CREATE TABLE image_vector (
  image_id uuid NOT NULL REFERENCES image_record ON DELETE CASCADE,
  model    text NOT NULL,
  version  integer NOT NULL,
  -- float32, little-endian, unit length.
  vector   bytea NOT NULL,
  PRIMARY KEY (model, image_id)
);
ALTER TABLE image_vector ALTER COLUMN vector SET STORAGE PLAIN;

GRANT SELECT, INSERT, UPDATE, DELETE ON photo, photo_file, image_record TO tier0_vision;
GRANT SELECT, INSERT, UPDATE, DELETE ON image_vector TO tier0_rag;
GRANT SELECT ON image_record, photo_file TO tier0_rag;
GRANT SELECT ON image_vector TO tier0_rag_reader;
GRANT SELECT ON site, device_type TO tier0_vision;
