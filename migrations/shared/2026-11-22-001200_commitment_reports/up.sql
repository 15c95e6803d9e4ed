-- What a party reports on its commitment; a commitment is named by its code, which is never given twice in a contract.
CREATE TABLE commitment_reports (
  id UUID PRIMARY KEY NOT NULL,
  contract_id UUID NOT NULL REFERENCES contracts (id),
  code TEXT NOT NULL,
  state TEXT NOT NULL,
  note TEXT NOT NULL,
  reported_on DATE NOT NULL,
  recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX commitment_reports_by_commitment ON commitment_reports (contract_id, code, reported_on, id);
