-- What each carrier last said of an account itself: balance and rates, calls, recurring charges.
-- Asked seldom, as carriers allow few such requests; it may be thrown away at any time.
CREATE TABLE carrier_fact (
  connector TEXT NOT NULL,
  topic TEXT NOT NULL,
  account TEXT NOT NULL,
  at TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (connector, topic)
) STRICT
