ALTER TABLE tenant.notifications NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.notifications WHERE kind = 'policy_published';
ALTER TABLE tenant.notifications FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.notification_preferences NO FORCE ROW LEVEL SECURITY;
UPDATE tenant.notification_preferences SET not_in_app = array_remove(not_in_app, 'policy_published'),
  not_by_mail = array_remove(not_by_mail, 'policy_published');
ALTER TABLE tenant.notification_preferences FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.notifications DROP CONSTRAINT notifications_kind_invalid,
  ADD CONSTRAINT notifications_kind_invalid
    CHECK (kind IN ('alerts', 'own_alert', 'task_assigned', 'task_commented', 'original_opened'));
ALTER TABLE tenant.notification_preferences DROP CONSTRAINT notification_preferences_not_in_app_invalid,
  DROP CONSTRAINT notification_preferences_not_by_mail_invalid,
  ADD CONSTRAINT notification_preferences_not_in_app_invalid
    CHECK (not_in_app <@ '{alerts,own_alert,task_assigned,task_commented,original_opened}'::text[] AND cardinality(not_in_app) <= 20),
  ADD CONSTRAINT notification_preferences_not_by_mail_invalid
    CHECK (not_by_mail <@ '{alerts,own_alert,task_assigned,task_commented,original_opened}'::text[] AND cardinality(not_by_mail) <= 20);
DROP TABLE tenant.policy_acknowledgements, tenant.monitoring_policies;
