DROP TABLE tenant.access_entries, tenant.audit_entries, tenant.company_usage, tenant.company_time_zones, tenant.company_settings, tenant.invitations, tenant.users, tenant.teams;
