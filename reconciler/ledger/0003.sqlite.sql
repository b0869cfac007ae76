-- The digest of the version that an apply made live; '' where none of ours did.
ALTER TABLE applied ADD COLUMN published TEXT NOT NULL DEFAULT ''
