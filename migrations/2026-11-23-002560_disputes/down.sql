ALTER TABLE tenant.notifications NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.notifications WHERE kind IN ('dispute_opened', 'dispute_answered');
ALTER TABLE tenant.notifications FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.notification_preferences NO FORCE ROW LEVEL SECURITY;
UPDATE tenant.notification_preferences SET
  not_in_app = array_remove(array_remove(not_in_app, 'dispute_opened'), 'dispute_answered'),
  not_by_mail = array_remove(array_remove(not_by_mail, 'dispute_opened'), 'dispute_answered');
ALTER TABLE tenant.notification_preferences FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.notifications DROP CONSTRAINT notifications_kind_invalid,
  ADD CONSTRAINT notifications_kind_invalid
    CHECK (kind IN ('alerts', 'own_alert', 'task_assigned', 'task_commented', 'original_opened', 'policy_published'));
ALTER TABLE tenant.notification_preferences DROP CONSTRAINT notification_preferences_not_in_app_invalid,
  DROP CONSTRAINT notification_preferences_not_by_mail_invalid,
  ADD CONSTRAINT notification_preferences_not_in_app_invalid CHECK (cardinality(not_in_app) <= 20
    AND not_in_app <@ '{alerts,own_alert,task_assigned,task_commented,original_opened,policy_published}'::text[]),
  ADD CONSTRAINT notification_preferences_not_by_mail_invalid CHECK (cardinality(not_by_mail) <= 20
    AND not_by_mail <@ '{alerts,own_alert,task_assigned,task_commented,original_opened,policy_published}'::text[]);
DROP TABLE tenant.disputes;
