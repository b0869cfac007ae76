-- The name that an object had before it changed places with another one: the same names are there
-- before and after, so that only this tells that it was done.
ALTER TABLE applied ADD COLUMN was TEXT NOT NULL DEFAULT ''
