-- One row a change, in the transaction of the change: audit trail and outbox at once.
CREATE TABLE events (
  -- In the order in which they were recorded; transactions may commit in another.
  sequence BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  client_id TEXT NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX events_by_subject ON events (subject, id);
