-- Telemetry: registry, readings, contexts, rejects, and the ledger of every ingest.
-- Applied as tier0_owner; roles and grants are made by the agent before the first migration.

CREATE TABLE site (
  site_id text PRIMARY KEY,
  place   text NOT NULL,
  lat     double precision NOT NULL,
  lon     double precision NOT NULL,
  area    text NOT NULL
);

CREATE TABLE device_type (
  device_type text PRIMARY KEY,
  label       text NOT NULL,
  prefix      text NOT NULL UNIQUE,
  metrics     text[] NOT NULL
);

CREATE TABLE device (
  device_no   integer PRIMARY KEY,
  device_id   text NOT NULL UNIQUE,
  device_type text NOT NULL REFERENCES device_type,
  site_id     text NOT NULL REFERENCES site,
  -- NULL: the fleet's configured interval applies.
  expected_interval_s double precision CHECK (expected_interval_s > 0),
  registered_at timestamptz NOT NULL DEFAULT now()
);

-- What a reading says besides its numbers: firmware, status code and message, location, tags. Few distinct
-- values, so readings carry the 64-bit hash of the canonical text and the text stands here once.
CREATE TABLE reading_context (
  context   bigint PRIMARY KEY,
  body      jsonb NOT NULL,
  last_used date NOT NULL DEFAULT current_date
);

-- One row a reading. metrics follow device_type.metrics; a missing one is NaN (NaN itself is refused at
-- ingest). The unique index is both the exactly-once rule and the access path of a device's history.
CREATE TABLE reading (
  ts          timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  context     bigint NOT NULL,
  device_no   integer NOT NULL,
  state       smallint NOT NULL,
  metrics     double precision[] NOT NULL,
  extra       jsonb
) PARTITION BY RANGE (ts);
CREATE UNIQUE INDEX reading_device_ts ON reading (device_no, ts);

-- Refused messages, newest kept: the worker trims the table to a bound.
CREATE TABLE reject (
  reject_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at timestamptz NOT NULL,
  region      text NOT NULL,
  reason      text NOT NULL,
  field       text,
  topic       text NOT NULL,
  payload     text NOT NULL
);

-- One row per ingest process and lane, updated in the transaction of every batch: batch_seq settles an
-- unknown commit outcome, the counters are the durable loss accounting.
CREATE TABLE ingest_ledger (
  instance   uuid NOT NULL,
  lane       smallint NOT NULL,
  region     text NOT NULL,
  batch_seq  bigint NOT NULL,
  committed  bigint NOT NULL,
  duplicates bigint NOT NULL,
  rejected   bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (instance, lane)
) WITH (fillfactor = 20);

-- Makes the partition that holds a moment, if it is missing. Width in minutes divides a day.
CREATE FUNCTION ensure_reading_partition(moment timestamptz, width_minutes integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  lower_bound timestamptz := date_bin(make_interval(mins => width_minutes), moment, 'epoch');
  upper_bound timestamptz := lower_bound + make_interval(mins => width_minutes);
  partition_name text := 'reading_' || to_char(lower_bound AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MI');
BEGIN
  IF to_regclass(quote_ident(partition_name)) IS NOT NULL THEN RETURN partition_name; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('tier0.reading_partition'));
  IF to_regclass(quote_ident(partition_name)) IS NOT NULL THEN RETURN partition_name; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE reading INCLUDING DEFAULTS)', partition_name);
  EXECUTE format('ALTER TABLE reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                 partition_name, lower_bound, upper_bound);
  RETURN partition_name;
END $$;

-- The newest reading of every device: what the live cache is rebuilt from.
CREATE FUNCTION latest_readings(since timestamptz)
RETURNS TABLE (device_no integer, ts timestamptz, received_at timestamptz, context bigint, state smallint,
               metrics double precision[])
LANGUAGE sql STABLE AS $$
  SELECT d.device_no, r.ts, r.received_at, r.context, r.state, r.metrics
  FROM device d
  CROSS JOIN LATERAL (
    SELECT * FROM reading r
    WHERE r.device_no = d.device_no AND r.ts >= since
    ORDER BY r.ts DESC LIMIT 1
  ) r
$$;
