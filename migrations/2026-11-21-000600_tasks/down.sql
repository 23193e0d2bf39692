DROP TABLE tenant.tasks;
