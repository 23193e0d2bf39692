DROP TABLE tenant.reclassifications, tenant.user_category_usage_daily, tenant.productivity_rules;
ALTER TABLE tenant.company_settings DROP COLUMN rules_version, DROP COLUMN reclassified_people;
