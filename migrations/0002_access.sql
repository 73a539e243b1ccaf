-- Least privilege: each role of the system reaches what it needs and nothing else. Runs as tier0_owner.

GRANT SELECT ON site, device_type, device TO tier0_ingest;
GRANT INSERT ON reading TO tier0_ingest;
GRANT INSERT ON reject TO tier0_ingest;
GRANT SELECT, INSERT, UPDATE ON reading_context TO tier0_ingest;
GRANT SELECT, INSERT, UPDATE ON ingest_ledger TO tier0_ingest;

GRANT SELECT ON site, device_type, device, reading, reading_context, reject, ingest_ledger TO tier0_api;

REVOKE EXECUTE ON FUNCTION ensure_reading_partition(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_reading_partition(timestamptz, integer) TO tier0_ingest, tier0_worker;

-- One row a region, written by its agent twice a second while it leads: a commit that waits for the sync set.
CREATE TABLE canary (
  region text PRIMARY KEY,
  epoch  bigint NOT NULL,
  at     timestamptz NOT NULL
);
