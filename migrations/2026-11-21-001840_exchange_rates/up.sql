-- What the owner reckons one currency to be worth in another: the only reason why amounts of several are ever added.

CREATE TABLE platform.exchange_rates (
  id uuid PRIMARY KEY,
  from_currency text NOT NULL CONSTRAINT exchange_rates_from_currency_invalid CHECK (from_currency ~ '^[A-Z]{3}$'),
  to_currency text NOT NULL CONSTRAINT exchange_rates_to_currency_invalid CHECK (to_currency ~ '^[A-Z]{3}$'),
  -- Units of `to_currency` for one unit of `from_currency`, times 10^10: exact, no floating point.
  rate_e10 bigint NOT NULL CONSTRAINT exchange_rates_rate_invalid CHECK (rate_e10 BETWEEN 1 AND 10000000000000000),
  valid_from date NOT NULL,
  changed_by text NOT NULL CONSTRAINT exchange_rates_changed_by_invalid CHECK (length(changed_by) <= 254),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT exchange_rates_currencies_same CHECK (from_currency <> to_currency),
  CONSTRAINT exchange_rates_taken UNIQUE (from_currency, to_currency, valid_from));
CREATE INDEX exchange_rates_time ON platform.exchange_rates (valid_from, id);
SELECT platform.distribute('platform.exchange_rates', 'reference');
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.exchange_rates TO tracker_platform;
