DROP TABLE tenant.screenshots, tenant.ingest_batches, tenant.activity_log, tenant.website_usage, tenant.application_usage, tenant.work_sessions,
  tenant.devices;
DROP FUNCTION tenant.ensure_month(date);
