-- Which ledger this is: one row, made when it is first asked for, so that files are kept for this ledger and no other.
CREATE TABLE ledger (
  one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
  id UUID NOT NULL
);
