DROP TABLE tenant.notification_preferences;
DROP TABLE tenant.notifications;
