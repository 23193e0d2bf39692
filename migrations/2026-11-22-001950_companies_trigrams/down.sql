DROP INDEX platform.companies_search_trigrams;
ALTER TABLE platform.companies DROP COLUMN search_trigrams;
DROP FUNCTION platform.trigrams(text);
