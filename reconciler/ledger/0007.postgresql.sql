-- What is remembered of a tenant, with numbers in quarantine, silenced findings and sound files;
-- and what the last plan of a scope relied on. What was remembered without them is thrown away.
DELETE FROM planned
--;;
DELETE FROM claimed
--;;
DELETE FROM unchanged
--;;
ALTER TABLE planned ADD COLUMN silenced text NOT NULL DEFAULT '[]'
--;;
ALTER TABLE planned ADD COLUMN left_over text NOT NULL DEFAULT '[]'
--;;
ALTER TABLE planned ADD COLUMN sounds text NOT NULL DEFAULT '[]'
--;;
ALTER TABLE unchanged ADD COLUMN sounds text NOT NULL DEFAULT '[]'
--;;
-- The run that found out what became of one that was killed, and closed what it had not begun.
ALTER TABLE run ADD COLUMN taken_over_by text NOT NULL DEFAULT ''
