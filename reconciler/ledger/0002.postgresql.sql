-- What a plan last found nothing to do for: a memory that may be thrown away at any time.
CREATE TABLE unchanged (
  scope text PRIMARY KEY,
  key text NOT NULL,
  revisions text NOT NULL,
  holdings text NOT NULL,
  report text NOT NULL
)
