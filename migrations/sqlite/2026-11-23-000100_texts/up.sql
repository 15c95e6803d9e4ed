-- The words of what can be searched, folded and stemmed by `src/search`.
CREATE TABLE texts (
  row INTEGER PRIMARY KEY NOT NULL,
  subject UUID NOT NULL,
  -- Of an application that is corrected: what was received, beside what it says now.
  received BOOLEAN NOT NULL,
  words TEXT NOT NULL,
  UNIQUE (subject, received)
);
-- Words are all that is asked of it: neither where they stand nor how many there are.
CREATE VIRTUAL TABLE texts_index USING fts5 (
  words, content = 'texts', content_rowid = 'row', tokenize = 'ascii', detail = 'none', columnsize = 0
);
CREATE TRIGGER texts_inserted AFTER INSERT ON texts BEGIN
  INSERT INTO texts_index (rowid, words) VALUES (new.row, new.words);
END;
CREATE TRIGGER texts_deleted AFTER DELETE ON texts BEGIN
  INSERT INTO texts_index (texts_index, rowid, words) VALUES ('delete', old.row, old.words);
END;
CREATE TRIGGER texts_updated AFTER UPDATE ON texts BEGIN
  INSERT INTO texts_index (texts_index, rowid, words) VALUES ('delete', old.row, old.words);
  INSERT INTO texts_index (rowid, words) VALUES (new.row, new.words);
END;
