DROP INDEX platform.companies_search;
ALTER TABLE platform.companies DROP COLUMN search_text;
