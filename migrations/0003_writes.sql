-- Writes over HTTP and drills. Runs as tier0_owner; the role tier0_control is made by the agent beforehand.

-- The answer to every HTTP write, written in the transaction of its effect: a retry finds it, or nothing.
CREATE TABLE idempotency_key (
  key          text PRIMARY KEY,
  request_hash text NOT NULL,
  status       smallint NOT NULL,
  body         jsonb NOT NULL,
  replays      integer NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

-- The write path's probe, for drills and monitoring. No unique (writer, seq): a write done twice would show.
CREATE TABLE write_probe (
  write_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  writer   text NOT NULL,
  seq      bigint NOT NULL,
  at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX write_probe_writer ON write_probe (writer, seq);
CREATE INDEX write_probe_age ON write_probe (at);

CREATE TABLE drill_report (
  id          text PRIMARY KEY,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  fault       text NOT NULL,
  target      text NOT NULL,
  verdict     text NOT NULL,
  summary     jsonb NOT NULL,
  report      jsonb NOT NULL
);
CREATE INDEX drill_report_started ON drill_report (started_at);

GRANT SELECT, INSERT, UPDATE ON idempotency_key TO tier0_api;
GRANT SELECT, INSERT ON write_probe TO tier0_api;
GRANT SELECT ON drill_report TO tier0_api;
GRANT SELECT ON reading, write_probe, drill_report TO tier0_control;
GRANT INSERT ON drill_report TO tier0_control;
