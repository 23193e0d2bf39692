DROP TABLE platform.company_usage_daily, platform.subscriptions, platform.company_key_usage, platform.company_overview, platform.companies, platform.plans;
