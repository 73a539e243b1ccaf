-- What the prober saw of the system from outside the regions, second by second. Runs as tier0_owner; tier0_prober and
-- tier0_monitor are made by the agent beforehand.

-- A minute as one run of the prober saw it. A run ends with its process and where the clock goes back, so that no
-- minute is ever written over by another that has the same name. A second that is in no row was not observed.
CREATE TABLE availability_minute (
  minute        timestamptz NOT NULL,
  run           uuid NOT NULL,
  -- Seconds that were observed, and those of them in which a probe was answered badly.
  observed_s    smallint NOT NULL,
  bad_s         smallint NOT NULL,
  good_requests integer NOT NULL,
  bad_requests  integer NOT NULL,
  -- The beginning of the last second that was observed.
  last_at       timestamptz NOT NULL,
  PRIMARY KEY (minute, run)
);

-- Every probe that was not answered correctly within 5 s.
CREATE TABLE availability_failure (
  -- The second in which it was sent.
  at      timestamptz NOT NULL,
  probe   text NOT NULL,
  run     uuid NOT NULL,
  failure text NOT NULL,
  took_ms integer NOT NULL,
  PRIMARY KEY (at, probe, run)
);

GRANT SELECT, INSERT, UPDATE ON availability_minute, availability_failure TO tier0_prober;
GRANT SELECT ON availability_minute, availability_failure TO tier0_api;
