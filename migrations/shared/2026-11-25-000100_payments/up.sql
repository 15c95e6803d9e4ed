-- What was paid on a line: advances, balances, and what was given back.
CREATE TABLE payments (
  id UUID PRIMARY KEY NOT NULL,
  application_id UUID NOT NULL,
  co_funder_id UUID NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('advance', 'instalment', 'balance', 'recovery')),
  amount BIGINT NOT NULL CHECK (amount > 0),
  paid_on DATE NOT NULL,
  reference TEXT NOT NULL,
  -- The same without case and blanks: it names one payment of a line.
  reference_key TEXT NOT NULL,
  recorded_by UUID NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  UNIQUE (application_id, co_funder_id, reference_key),
  FOREIGN KEY (application_id, co_funder_id) REFERENCES decisions (application_id, co_funder_id)
);
