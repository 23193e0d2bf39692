REVOKE SELECT (price_minor, currency, period) ON platform.subscriptions FROM tracker_jobs;
ALTER TABLE platform.subscriptions DROP COLUMN period;
DROP INDEX platform.companies_plan;
ALTER TABLE platform.companies DROP COLUMN period;
ALTER TABLE platform.plans DROP COLUMN history_days, DROP COLUMN version, DROP COLUMN archived_at, DROP COLUMN updated_at,
  ADD COLUMN price_minor bigint CONSTRAINT plans_price_minor_invalid CHECK (price_minor BETWEEN 0 AND 1000000000000),
  ADD COLUMN currency text CONSTRAINT plans_currency_invalid CHECK (currency ~ '^[A-Z]{3}$');
UPDATE platform.plans p SET price_minor = m.price_minor, currency = m.currency
  FROM (SELECT DISTINCT ON (plan_id) plan_id, price_minor, currency FROM platform.plan_prices
        ORDER BY plan_id, period, (currency = 'USD') DESC, currency) m WHERE m.plan_id = p.id;
ALTER TABLE platform.plans ALTER COLUMN price_minor SET NOT NULL, ALTER COLUMN currency SET NOT NULL;
DROP TABLE platform.plan_prices;
