-- Titles are ordered by their bytes, as SQLite does, whatever the locale of the database.
ALTER TABLE application_entries ALTER COLUMN title TYPE TEXT COLLATE "C";
