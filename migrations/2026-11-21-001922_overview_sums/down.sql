ALTER TABLE platform.company_overview DROP COLUMN summed_on;
