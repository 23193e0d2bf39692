-- What owners want to remember of a company. Their own words: nothing of it comes from the company.

CREATE TABLE platform.company_notes (
  company_id uuid NOT NULL REFERENCES platform.companies (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  author_id uuid NOT NULL,
  author text NOT NULL CONSTRAINT company_notes_author_invalid CHECK (length(author) <= 254),
  text text NOT NULL CONSTRAINT company_notes_text_invalid CHECK (length(text) BETWEEN 1 AND 2000),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id));
SELECT platform.distribute('platform.company_notes', 'reference');
ALTER TABLE platform.company_notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON platform.company_notes TO tracker_platform USING (true) WITH CHECK (true);
CREATE POLICY jobs_read ON platform.company_notes FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, DELETE ON platform.company_notes TO tracker_platform;
-- So that rows without a company can be counted; not what they say.
GRANT SELECT (company_id) ON platform.company_notes TO tracker_jobs;
