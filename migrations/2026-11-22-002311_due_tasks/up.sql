-- Lists of tasks come by the day on which they are due: a page is read off the index instead of sorting all tasks of the
-- company. A task is written when somebody changes it, some times a day, and its entry only moves with the day it is due.
CREATE INDEX tasks_due ON tenant.tasks (company_id, coalesce(due_on, 'infinity'::date), id);
