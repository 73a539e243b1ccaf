-- Whether a session is open changes with every login and logout. An index whose condition is that makes PostgreSQL write
-- a new entry into both indexes each time, at both regions. A session is settled a while after its end: that changes once.
ALTER TABLE user_session ADD COLUMN settled boolean NOT NULL DEFAULT false;
UPDATE user_session SET settled = true WHERE status = 'disconnected' AND changed_at < now() - interval '2 minutes';
DROP INDEX user_session_open;
CREATE INDEX user_session_unsettled ON user_session (session_id) WHERE NOT settled;
