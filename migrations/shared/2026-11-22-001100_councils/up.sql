-- The citizens' council of a contract: seats by college, no names.
CREATE TABLE councils (
  contract_id UUID PRIMARY KEY NOT NULL REFERENCES contracts (id),
  version BIGINT NOT NULL,
  terms TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
