-- The current line of a co-funder on an application; every push is also kept in decision_revisions.
CREATE TABLE decisions (
  id TEXT PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  application_id TEXT NOT NULL REFERENCES applications (id),
  call_id TEXT NOT NULL REFERENCES calls (id),
  co_funder_id TEXT NOT NULL REFERENCES co_funders (id),
  firmness TEXT NOT NULL,
  requested BIGINT NOT NULL,
  proposed BIGINT,
  granted BIGINT,
  credits TEXT NOT NULL,
  -- The application's strand: an admissible application keeps it, and envelopes may be split by it.
  strand TEXT NOT NULL,
  -- False once its application is withdrawn: the line stays readable and reserves nothing any more.
  standing BOOLEAN NOT NULL,
  act_reference TEXT,
  act_date DATE,
  partner_reference TEXT,
  reason TEXT,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  UNIQUE (application_id, co_funder_id)
);
CREATE INDEX decisions_by_envelope ON decisions (call_id, co_funder_id, firmness);
CREATE TABLE decision_revisions (
  decision_id TEXT NOT NULL REFERENCES decisions (id),
  revision BIGINT NOT NULL,
  line TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  PRIMARY KEY (decision_id, revision)
);
