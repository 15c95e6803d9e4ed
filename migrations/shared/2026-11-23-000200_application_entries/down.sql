DROP TABLE entry_co_funders;
DROP TABLE entry_neighbourhoods;
DROP TABLE entry_challenges;
DROP TABLE application_entries;
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
