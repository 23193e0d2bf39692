DROP FUNCTION auth.orphans();
DROP FUNCTION auth.census();
REVOKE USAGE ON SCHEMA auth FROM tracker_jobs;
REVOKE SELECT (company_id, id, plan_id) ON platform.subscriptions FROM tracker_jobs;
