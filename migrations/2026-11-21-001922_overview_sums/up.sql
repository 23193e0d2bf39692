-- Which day the sums of thirty days end with: they are made anew when a day of theirs is, and when the company's next one
-- begins. NULL where they never were.
ALTER TABLE platform.company_overview ADD COLUMN summed_on date;
