DROP TABLE platform.jobs, platform.audit_entries, platform.owners;
