-- Mails are sent in the company's name to people who have not asked for any: how many an invitation has caused, and when
-- the last one, says when to send no more.
ALTER TABLE tenant.invitations
  ADD COLUMN mails integer NOT NULL DEFAULT 1 CONSTRAINT invitations_mails_invalid CHECK (mails BETWEEN 1 AND 100),
  ADD COLUMN mailed_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX invitations_mailed ON tenant.invitations (company_id, mailed_at);
