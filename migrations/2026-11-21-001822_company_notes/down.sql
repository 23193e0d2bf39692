DROP TABLE platform.company_notes;
