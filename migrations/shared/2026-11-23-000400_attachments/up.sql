-- The pieces of an application. Their bytes are in the object store, under the attachment's id.
CREATE TABLE attachments (
  id UUID PRIMARY KEY NOT NULL,
  application_id UUID NOT NULL REFERENCES applications (id),
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL CHECK (size > 0),
  sha256 TEXT NOT NULL,
  received BOOLEAN NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX attachments_by_application ON attachments (application_id, id);
