DROP TABLE tenant.host_usage_daily, tenant.app_usage_daily, tenant.usage_daily, tenant.user_host_usage_monthly,
  tenant.user_app_usage_monthly, tenant.user_usage_monthly, tenant.user_numbers;
