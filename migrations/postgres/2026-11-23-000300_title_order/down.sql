ALTER TABLE application_entries ALTER COLUMN title TYPE TEXT COLLATE "default";
