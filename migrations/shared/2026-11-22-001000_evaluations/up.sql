CREATE TABLE evaluations (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  application_id UUID NOT NULL REFERENCES applications (id),
  author_kind TEXT NOT NULL CHECK (author_kind IN ('co-funder', 'council')),
  author_id UUID NOT NULL,
  content TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  UNIQUE (application_id, author_id)
);
