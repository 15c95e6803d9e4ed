CREATE TABLE organisations (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  name TEXT NOT NULL,
  siret TEXT UNIQUE,
  rna TEXT UNIQUE,
  -- All that was said of it, as it was sent.
  content TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CHECK (siret IS NOT NULL OR rna IS NOT NULL)
);
