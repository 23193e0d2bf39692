REVOKE UPDATE (state, deleted_at, deleted_by, deleted_by_name, deleted_reason) ON tenant.screenshots FROM tracker_employee;
DROP POLICY employee_delete ON tenant.screenshots;
DROP FUNCTION tenant.own_screenshots_may_go();
