-- What became of each line of a batch.
CREATE TABLE decision_batches (
  id UUID PRIMARY KEY NOT NULL,
  co_funder_id UUID NOT NULL REFERENCES co_funders (id),
  recorded_by UUID NOT NULL,
  results TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX decision_batches_by_co_funder ON decision_batches (co_funder_id, id);
-- Under which numbers other systems know an application: batches may name it so.
CREATE TABLE application_references (
  system TEXT NOT NULL,
  -- Without case and blanks.
  reference_key TEXT NOT NULL,
  application_id UUID NOT NULL REFERENCES applications (id),
  PRIMARY KEY (system, reference_key, application_id)
);
CREATE INDEX application_references_by_application ON application_references (application_id);
