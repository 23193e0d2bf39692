DROP FUNCTION tenant.end_own_device_sign_ins(uuid, uuid, text, text);
REVOKE UPDATE (revoked_at) ON tenant.devices FROM tracker_employee;
DROP POLICY employee_revoke ON tenant.devices;
ALTER TABLE tenant.devices DROP CONSTRAINT devices_queue_incomplete, DROP COLUMN oldest_queued_at, DROP COLUMN dead_letters,
  DROP COLUMN queued_screenshots, DROP COLUMN queued_items, DROP COLUMN last_synced_at;
