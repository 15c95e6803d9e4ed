-- What was paid on a line: advances, balances, and what was given back.
CREATE TABLE payments (
  id TEXT PRIMARY KEY NOT NULL,
  decision_id TEXT NOT NULL REFERENCES decisions (id),
  kind TEXT NOT NULL CHECK (kind IN ('advance', 'instalment', 'balance', 'recovery')),
  amount BIGINT NOT NULL CHECK (amount > 0),
  paid_on DATE NOT NULL,
  reference TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  UNIQUE (decision_id, reference)
);
