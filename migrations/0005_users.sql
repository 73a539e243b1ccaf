-- User sessions, from the events that come through RabbitMQ. Runs as tier0_owner.

-- Every stored event, once: message_id comes with it.
CREATE TABLE user_event (
  message_id uuid PRIMARY KEY,
  at         timestamptz NOT NULL,
  -- login, logout, or activity: the report of a site server.
  kind       text NOT NULL,
  site_id    text NOT NULL,
  -- NULL: an activity.
  session_id uuid,
  -- NULL: a session event.
  active_users       integer,
  active_connections integer,
  server_cpu_pct     real,
  server_memory_gb   real,
  average_latency_ms real
);
CREATE INDEX user_event_at ON user_event (at);
CREATE INDEX user_event_activity ON user_event (at, site_id) WHERE kind = 'activity';

-- What is known of a session from the newest event about it.
CREATE TABLE user_session (
  session_id uuid PRIMARY KEY,
  user_id    text NOT NULL,
  username   text NOT NULL,
  site_id    text NOT NULL,
  region     text NOT NULL,
  ip_address text NOT NULL,
  login_at   timestamptz NOT NULL,
  -- active, idle or disconnected.
  status     text NOT NULL,
  -- Of the event that said so.
  changed_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX user_session_open ON user_session (session_id) WHERE status <> 'disconnected';

GRANT SELECT, INSERT ON user_event TO tier0_api;
GRANT SELECT, INSERT, UPDATE ON user_session TO tier0_api;
