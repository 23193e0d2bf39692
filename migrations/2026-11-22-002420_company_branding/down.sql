DROP TABLE tenant.company_branding;
