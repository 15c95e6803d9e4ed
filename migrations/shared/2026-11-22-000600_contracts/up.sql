-- The original terms; what is in force at a date is those terms with the amendments folded in.
CREATE TABLE contracts (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  -- Without case and blanks: no two contracts have the same reference.
  reference_key TEXT NOT NULL UNIQUE,
  terms TEXT NOT NULL,
  signed BOOLEAN NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE TABLE contract_signatures (
  contract_id UUID NOT NULL REFERENCES contracts (id),
  co_funder_id UUID NOT NULL REFERENCES co_funders (id),
  signed_on DATE NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  PRIMARY KEY (contract_id, co_funder_id)
);
CREATE TABLE amendments (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  contract_id UUID NOT NULL REFERENCES contracts (id),
  terms TEXT NOT NULL,
  effective_on DATE NOT NULL,
  signed BOOLEAN NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX amendments_by_contract ON amendments (contract_id, effective_on, id);
CREATE TABLE amendment_signatures (
  amendment_id UUID NOT NULL REFERENCES amendments (id),
  co_funder_id UUID NOT NULL REFERENCES co_funders (id),
  signed_on DATE NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  PRIMARY KEY (amendment_id, co_funder_id)
);
