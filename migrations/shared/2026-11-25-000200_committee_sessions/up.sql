-- Meetings of the funders' committee; what they saw and what they left is frozen in them.
CREATE TABLE committee_sessions (
  id UUID PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  call_id UUID NOT NULL REFERENCES calls (id),
  status TEXT NOT NULL CHECK (status IN ('planned', 'open', 'closed')),
  held_at TIMESTAMP NOT NULL,
  terms TEXT NOT NULL,
  minutes TEXT,
  -- The programme when the session was opened, and when it was closed.
  examined TEXT,
  concluded TEXT,
  opened_at TIMESTAMP,
  closed_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX committee_sessions_by_call ON committee_sessions (call_id, id);
-- Which applications a session examines.
CREATE TABLE committee_agenda (
  application_id UUID NOT NULL REFERENCES applications (id),
  session_id UUID NOT NULL REFERENCES committee_sessions (id),
  PRIMARY KEY (application_id, session_id)
);
CREATE INDEX committee_agenda_by_session ON committee_agenda (session_id);
-- What co-funders said in a session, whatever becomes of their lines.
CREATE TABLE committee_positions (
  id UUID PRIMARY KEY NOT NULL,
  session_id UUID NOT NULL REFERENCES committee_sessions (id),
  application_id UUID NOT NULL REFERENCES applications (id),
  co_funder_id UUID NOT NULL REFERENCES co_funders (id),
  line TEXT NOT NULL,
  recorded_by UUID NOT NULL,
  recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX committee_positions_by_session ON committee_positions (session_id, id);
