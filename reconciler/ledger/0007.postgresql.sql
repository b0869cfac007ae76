-- What is wrong with a tenant that is no error: it is told again with each plan.
ALTER TABLE planned ADD COLUMN problems text NOT NULL DEFAULT '[]'
