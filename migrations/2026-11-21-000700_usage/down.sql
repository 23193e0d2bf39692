DROP TABLE tenant.user_host_usage_daily, tenant.user_app_usage_daily, tenant.user_usage_daily;
