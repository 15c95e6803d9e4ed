-- The list of applications: what each is found and ordered by, as its readers see it. Kept narrow, so that a page is
-- found without reading the applications themselves. While one is corrected it has two entries: what its applicant and
-- the staff read (inside), and what was received (outside).
CREATE TABLE application_entries (
  entry INTEGER PRIMARY KEY NOT NULL REFERENCES texts (row),
  application_id UUID NOT NULL REFERENCES applications (id),
  readers TEXT NOT NULL CHECK (readers IN ('all', 'inside', 'outside')),
  call_id UUID NOT NULL,
  organisation_id UUID NOT NULL,
  status TEXT NOT NULL,
  strand TEXT,
  funding_status TEXT NOT NULL,
  -- By the lines that anyone sees (rule D9).
  public_funding_status TEXT NOT NULL,
  -- Folded: an order, not a title to be shown.
  title TEXT NOT NULL,
  requested BIGINT NOT NULL,
  -- The end of time while it is a draft, which comes last therefore.
  submitted_at TIMESTAMP NOT NULL,
  -- When what its applicant sees last changed, what the council sees, and what the co-funders and the staff see (rule D9).
  updated_at TIMESTAMP NOT NULL,
  council_updated_at TIMESTAMP NOT NULL,
  partner_updated_at TIMESTAMP NOT NULL,
  UNIQUE (application_id, readers)
);
CREATE INDEX application_entries_by_title ON application_entries (title, application_id);
CREATE INDEX application_entries_by_requested ON application_entries (requested, application_id);
CREATE INDEX application_entries_by_submission ON application_entries (submitted_at, application_id);
-- Of the staff; an applicant orders the few entries of its organisation.
CREATE INDEX application_entries_by_update ON application_entries (partner_updated_at, application_id);
CREATE INDEX application_entries_of_call ON application_entries (call_id, application_id);
CREATE INDEX application_entries_of_call_by_title ON application_entries (call_id, title, application_id);
CREATE INDEX application_entries_of_call_by_requested ON application_entries (call_id, requested, application_id);
CREATE INDEX application_entries_of_call_by_submission ON application_entries (call_id, submitted_at, application_id);
CREATE INDEX application_entries_of_call_by_update ON application_entries (call_id, partner_updated_at, application_id);
CREATE INDEX application_entries_of_call_by_council_update
  ON application_entries (call_id, council_updated_at, application_id);
CREATE INDEX application_entries_of_organisation ON application_entries (organisation_id, application_id);
-- What an entry lists several of. The tables of applications they replace could not tell what was received.
DROP TABLE application_challenges;
DROP TABLE application_neighbourhoods;
DROP TABLE application_co_funders;
CREATE TABLE entry_challenges (
  challenge INTEGER NOT NULL,
  entry INTEGER NOT NULL REFERENCES application_entries (entry),
  PRIMARY KEY (challenge, entry)
);
CREATE INDEX entry_challenges_by_entry ON entry_challenges (entry);
CREATE TABLE entry_neighbourhoods (
  neighbourhood TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES application_entries (entry),
  PRIMARY KEY (neighbourhood, entry)
);
CREATE INDEX entry_neighbourhoods_by_entry ON entry_neighbourhoods (entry);
-- The co-funders it asks. No foreign key: a draft may name anything (rule S1).
CREATE TABLE entry_co_funders (
  co_funder_id UUID NOT NULL,
  entry INTEGER NOT NULL REFERENCES application_entries (entry),
  PRIMARY KEY (co_funder_id, entry)
);
CREATE INDEX entry_co_funders_by_entry ON entry_co_funders (entry);
