-- The first reply to a POST that carried an Idempotency-Key, kept in the transaction of its command.
CREATE TABLE idempotency_keys (
  client_id UUID NOT NULL,
  idempotency_key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  reply TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (client_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
