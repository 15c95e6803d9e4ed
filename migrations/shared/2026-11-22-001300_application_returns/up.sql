-- Why an application went back to its applicant, and until when it can be corrected.
CREATE TABLE application_returns (
  id UUID PRIMARY KEY NOT NULL,
  application_id UUID NOT NULL REFERENCES applications (id),
  terms TEXT NOT NULL,
  returned_at TIMESTAMP NOT NULL
);
CREATE INDEX application_returns_by_application ON application_returns (application_id, id);
