DROP TABLE tenant.saved_reports;
