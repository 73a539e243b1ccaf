-- Access log: requests of the front door and lines of imported files. Runs as tier0_owner; the role
-- tier0_log is made by the agent beforehand.

-- entry_id comes with the entry, so one that comes twice is stored once: the front door names every request, and a
-- line of a file is named by its text and by how often that text stood before it.
CREATE TABLE access_log (
  entry_id   uuid PRIMARY KEY,
  at         timestamptz NOT NULL,
  -- 'front-door', or the name of the file.
  source     text NOT NULL,
  -- A file may have host names.
  remote     text NOT NULL,
  user_name  text,
  method     text NOT NULL,
  path       text NOT NULL,
  protocol   text NOT NULL,
  status     smallint NOT NULL,
  bytes      bigint NOT NULL,
  referer    text,
  user_agent text,
  -- NULL: the file does not say.
  seconds    real
);
CREATE INDEX access_log_at ON access_log (at, status);
CREATE INDEX access_log_remote ON access_log (remote);
-- Who caused which errors, without a look at the table.
CREATE INDEX access_log_errors ON access_log (remote, path, status) WHERE status >= 400;

GRANT SELECT ON access_log TO tier0_api;
GRANT SELECT, INSERT ON access_log TO tier0_log;
