-- Documents that questions are answered from, and what cameras saw. Runs as tier0_owner; the roles tier0_rag and
-- tier0_rag_reader are made by the agent beforehand.

CREATE TABLE document (
  -- SHA-256 of the file, in hex: the same file twice is one document.
  document_id text PRIMARY KEY,
  file_name   text NOT NULL,
  -- NULL until it has been read; then what the document calls itself, else the file's name.
  title       text,
  media_type  text NOT NULL,
  bytes       bigint NOT NULL,
  -- sample or upload.
  source      text NOT NULL,
  -- waiting, reading, searchable, indexed or failed. Searchable: by words; indexed: by meaning too.
  state       text NOT NULL,
  -- Of a failed one: a code for programs, a sentence for people.
  failure     text,
  failure_message text,
  pages       integer NOT NULL DEFAULT 0,
  -- How far reading has come.
  pages_read  integer NOT NULL DEFAULT 0,
  passages    integer NOT NULL DEFAULT 0,
  imported_at timestamptz NOT NULL,
  -- When it became searchable.
  read_at     timestamptz
);

CREATE TABLE document_file (
  document_id text PRIMARY KEY REFERENCES document ON DELETE CASCADE,
  content     bytea NOT NULL
);
-- PDF is compressed already.
ALTER TABLE document_file ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE passage (
  document_id text NOT NULL REFERENCES document ON DELETE CASCADE,
  -- From 0, in reading order.
  ordinal     integer NOT NULL,
  -- From 1, as a viewer counts.
  page        integer NOT NULL,
  -- As printed on the page; NULL: nothing is.
  page_label  text,
  -- The headings that it stands under, outermost first, joined by " > ".
  heading     text NOT NULL,
  -- prose or table.
  kind        text NOT NULL,
  content     text NOT NULL,
  PRIMARY KEY (document_id, ordinal)
);

-- One space per model: vectors of different models are never compared.
CREATE TABLE passage_vector (
  document_id text NOT NULL,
  ordinal     integer NOT NULL,
  model       text NOT NULL,
  -- float32, little-endian, unit length.
  vector      bytea NOT NULL,
  PRIMARY KEY (model, document_id, ordinal),
  FOREIGN KEY (document_id, ordinal) REFERENCES passage ON DELETE CASCADE
);
ALTER TABLE passage_vector ALTER COLUMN vector SET STORAGE PLAIN;

-- Which of our own samples were added, so that one that was deleted does not come back.
CREATE TABLE sample_document (
  document_id text PRIMARY KEY,
  file_name   text NOT NULL
);

-- What a camera saw: src/lib/image-record.ts has the form of record.
CREATE TABLE image_record (
  image_id    uuid PRIMARY KEY,
  taken_at    timestamptz NOT NULL,
  site_id     text NOT NULL,
  device_type text NOT NULL,
  record      jsonb NOT NULL
);
CREATE INDEX image_record_taken_at ON image_record (taken_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON document, document_file, passage, passage_vector, sample_document
  TO tier0_rag;
GRANT SELECT ON site, device_type, device, access_log, image_record, user_event TO tier0_rag_reader;
