-- How a number left us that is ours no more: `release`, `remove`, or `move` and where to.
ALTER TABLE number ADD COLUMN left_by TEXT NOT NULL DEFAULT ''
