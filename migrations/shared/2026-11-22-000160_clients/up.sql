-- A machine client of a partner institution (OAuth 2.0 client credentials).
CREATE TABLE clients (
  id UUID PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('administrator', 'instructor', 'co-funder', 'applicant', 'council')),
  scopes TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL,
  co_funder_id UUID,
  organisation_id UUID,
  contract_id UUID,
  created_at TIMESTAMP NOT NULL,
  revoked_at TIMESTAMP,
  CHECK ((role = 'co-funder') = (co_funder_id IS NOT NULL)),
  CHECK ((role = 'applicant') = (organisation_id IS NOT NULL)),
  -- A council follows one contract; an instructor works on one, or on all.
  CHECK (role = 'instructor' OR (role = 'council') = (contract_id IS NOT NULL))
);
