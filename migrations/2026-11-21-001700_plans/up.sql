-- Plans as the owner keeps them: a price per currency and period, how far back history reaches, an end without a deletion,
-- and a version by which two owners who change the same plan notice each other.

CREATE TABLE platform.plan_prices (
  plan_id uuid NOT NULL CONSTRAINT plan_prices_plan_unknown REFERENCES platform.plans (id),
  currency text NOT NULL CONSTRAINT plan_prices_currency_invalid CHECK (currency ~ '^[A-Z]{3}$'),
  period text NOT NULL CONSTRAINT plan_prices_period_invalid CHECK (period IN ('month', 'year')),
  price_minor bigint NOT NULL CONSTRAINT plan_prices_price_minor_invalid CHECK (price_minor BETWEEN 0 AND 1000000000000),
  PRIMARY KEY (plan_id, currency, period));
SELECT platform.distribute('platform.plan_prices', 'reference');
GRANT SELECT, INSERT, DELETE ON platform.plan_prices TO tracker_platform;
GRANT SELECT (plan_id) ON platform.plan_prices TO tracker_jobs;
INSERT INTO platform.plan_prices (plan_id, currency, period, price_minor)
  SELECT id, currency, 'month', price_minor FROM platform.plans;

ALTER TABLE platform.plans DROP COLUMN price_minor, DROP COLUMN currency,
  ADD COLUMN history_days integer NOT NULL DEFAULT 365
    CONSTRAINT plans_history_days_invalid CHECK (history_days BETWEEN 1 AND 3660),
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD COLUMN archived_at timestamptz,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
UPDATE platform.plans SET history_days = retention_days;

-- What a company is charged for is written at the time it is agreed; what its plan costs later does not touch it.
ALTER TABLE platform.companies ADD COLUMN period text NOT NULL DEFAULT 'month'
  CONSTRAINT companies_period_invalid CHECK (period IN ('month', 'year'));
CREATE INDEX companies_plan ON platform.companies (plan_id, id);
ALTER TABLE platform.subscriptions ADD COLUMN period text NOT NULL DEFAULT 'month'
  CONSTRAINT subscriptions_period_invalid CHECK (period IN ('month', 'year'));
-- The job that ends a subscription carries its price on.
GRANT SELECT (price_minor, currency, period) ON platform.subscriptions TO tracker_jobs;
