CREATE TABLE applications (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  call_id UUID NOT NULL REFERENCES calls (id),
  organisation_id UUID NOT NULL REFERENCES organisations (id),
  number TEXT,
  -- Not said with IN: SQLite would make a table of the words for each row that moves.
  status TEXT NOT NULL CHECK (
    status = 'draft' OR status = 'submitted' OR status = 'returned' OR status = 'admissible'
    OR status = 'inadmissible' OR status = 'withdrawn' OR status = 'underway'
  ),
  -- What decisions are measured against, out of the content: a batch reads a thousand of them.
  stake TEXT NOT NULL,
  strand TEXT,
  status_reason TEXT,
  submitted_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  UNIQUE (call_id, number)
);
-- What an application says: large, and seldom changed. Apart from its row, which every first vote changes.
CREATE TABLE application_contents (
  application_id UUID PRIMARY KEY NOT NULL REFERENCES applications (id),
  content TEXT NOT NULL,
  -- The proof of the last reception.
  receipt TEXT,
  -- What was received, while its applicant corrects it: the others see that.
  received TEXT
);
CREATE INDEX applications_by_call ON applications (call_id, id);
CREATE INDEX applications_by_organisation ON applications (organisation_id, id);
CREATE TABLE application_challenges (
  application_id UUID NOT NULL REFERENCES applications (id),
  challenge INTEGER NOT NULL,
  PRIMARY KEY (application_id, challenge)
);
CREATE TABLE application_neighbourhoods (
  application_id UUID NOT NULL REFERENCES applications (id),
  neighbourhood TEXT NOT NULL,
  PRIMARY KEY (application_id, neighbourhood)
);
-- The co-funders it asks. No foreign key: a draft may name anything (rule S1).
CREATE TABLE application_co_funders (
  application_id UUID NOT NULL REFERENCES applications (id),
  co_funder_id UUID NOT NULL,
  PRIMARY KEY (application_id, co_funder_id)
);
CREATE INDEX application_co_funders_by_co_funder ON application_co_funders (co_funder_id, application_id);
