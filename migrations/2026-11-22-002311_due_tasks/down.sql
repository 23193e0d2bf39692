DROP INDEX tenant.tasks_due;
