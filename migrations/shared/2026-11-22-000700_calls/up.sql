CREATE TABLE calls (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  contract_id UUID NOT NULL REFERENCES contracts (id),
  year INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'decided', 'archived')),
  copied_from UUID REFERENCES calls (id),
  terms TEXT NOT NULL,
  -- The contract as it was in force when the call opens, frozen at publication: nothing signed later reaches it.
  contract_terms TEXT,
  applications_numbered BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
-- What a co-funder puts in a call. Its row is the lock of the rule "never beyond the envelope".
CREATE TABLE envelopes (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  call_id UUID NOT NULL REFERENCES calls (id),
  co_funder_id UUID NOT NULL REFERENCES co_funders (id),
  amount BIGINT NOT NULL CHECK (amount >= 0),
  -- How the amount is split: by credits, and by strand where the co-funder says so.
  parts TEXT NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  UNIQUE (call_id, co_funder_id)
);
