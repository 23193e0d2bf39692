DROP TABLE platform.company_usage_monthly;
DROP INDEX platform.subscriptions_history;
CREATE INDEX subscriptions_time ON platform.subscriptions (company_id, starts_at, id);
