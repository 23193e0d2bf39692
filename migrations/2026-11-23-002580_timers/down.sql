DROP TABLE tenant.timers;
