-- One row a change, in the transaction of the change: audit trail and outbox at once.
CREATE TABLE events (
  -- In the order in which they were recorded; transactions may commit in another.
  sequence BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  id UUID NOT NULL,
  type TEXT NOT NULL,
  subject UUID NOT NULL,
  client_id UUID NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX events_by_subject ON events (subject, id);
