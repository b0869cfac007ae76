-- What each carrier last said of an account itself: balance and rates, calls, recurring charges.
-- Asked seldom, as carriers allow few such requests; it may be thrown away at any time.
CREATE TABLE carrier_fact (
  connector text NOT NULL,
  topic text NOT NULL,
  account text NOT NULL,
  at text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (connector, topic)
)
