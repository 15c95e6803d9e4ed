-- What the council, or a service of a co-funder, thinks of an application. All are kept; the last one of an author counts.
CREATE TABLE opinions (
  id UUID PRIMARY KEY NOT NULL,
  application_id UUID NOT NULL REFERENCES applications (id),
  author_kind TEXT NOT NULL CHECK (author_kind IN ('co-funder', 'council')),
  author_id UUID NOT NULL,
  view TEXT NOT NULL CHECK (view IN ('favourable', 'reserved', 'unfavourable')),
  content TEXT NOT NULL,
  late BOOLEAN NOT NULL,
  given_by UUID NOT NULL,
  given_at TIMESTAMP NOT NULL
);
CREATE INDEX opinions_by_application ON opinions (application_id, id);
