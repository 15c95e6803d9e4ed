-- The current line of a co-funder on an application. What was pushed before is in the events of the application.
CREATE TABLE decisions (
  version BIGINT NOT NULL,
  -- How often it was pushed; its version counts payments too.
  revision BIGINT NOT NULL,
  application_id UUID NOT NULL REFERENCES applications (id),
  -- Its application's.
  call_id UUID NOT NULL,
  co_funder_id UUID NOT NULL,
  firmness TEXT NOT NULL,
  requested BIGINT NOT NULL,
  proposed BIGINT,
  granted BIGINT,
  credits TEXT NOT NULL,
  -- The application's strand: an admissible application keeps it, and envelopes may be split by it.
  strand TEXT NOT NULL,
  -- False once its application is withdrawn: the line stays readable and reserves nothing any more.
  standing BOOLEAN NOT NULL,
  act_reference TEXT,
  act_date DATE,
  -- On what other co-funders do (rules in applications/funding), and on what the applicant does, in words.
  conditions TEXT NOT NULL,
  applicant_conditions TEXT,
  reply_to_council TEXT,
  partner_reference TEXT,
  reason TEXT,
  -- Where its conditions stand by all lines, and by those that anyone sees; null without conditions.
  resolution TEXT,
  public_resolution TEXT,
  -- Whether its conditions are met by what anyone sees: only then is its grant published.
  effective BOOLEAN NOT NULL,
  -- The sum of its payments, less what was given back.
  paid BIGINT NOT NULL CHECK (paid >= 0),
  recorded_by UUID NOT NULL,
  -- The committee session that recorded it, if one did.
  session_id UUID,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  PRIMARY KEY (application_id, co_funder_id),
  FOREIGN KEY (call_id, co_funder_id) REFERENCES envelopes (call_id, co_funder_id)
);
-- All that is asked of them when an envelope is added up.
CREATE INDEX decisions_by_envelope ON decisions (call_id, co_funder_id, firmness, standing, credits, strand, granted);
