//! What people of the made-up companies work on: a few tasks each, some done, some late, some nobody's yet.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use super::Demo;
use super::cast::Company;
use super::dice::Dice;
use super::people::Staff;
use crate::Result;
use crate::db::{Scope, Tx};

/// Titles, and what is to be known besides.
const WORK: [(&str, &str); 16] = [
    (
        "Answer the requests of last week",
        "Everything that came in **before Friday**. What needs a decision goes on the list:\n\n- refunds\n- deliveries\n- complaints",
    ),
    ("Prepare the quarterly review", ""),
    (
        "Clean up the address book",
        "1. Find duplicates\n2. Ask before anything is merged\n3. Write down what was done",
    ),
    (
        "Draft the offer for the new customer",
        "The numbers of last year are a good start.",
    ),
    (
        "Check the invoices of October",
        "Compare with the [list of orders](https://orders.example/october). Anything above `5 %` is worth a question.",
    ),
    ("Write the release notes", ""),
    (
        "Update the price list",
        "> Prices change on the first of the month.",
    ),
    ("Plan the workshop", ""),
    ("Review the translations", "Only the pages that changed."),
    (
        "Find out why reports are slow",
        "It began about two weeks ago.",
    ),
    ("Order new chairs", ""),
    ("Sort the pictures of the trade fair", ""),
    ("Call back the suppliers", ""),
    (
        "Describe how returns work",
        "So that somebody new can do it *alone*.",
    ),
    ("Test the new scanner", ""),
    ("Archive the papers of last year", ""),
];
const PRIORITIES: [&str; 5] = ["normal", "normal", "low", "high", "urgent"];
const STATUSES: [&str; 5] = ["open", "in_progress", "done", "open", "cancelled"];
const REMARKS: [&str; 4] = [
    "I have begun with it.",
    "Half of it is done, the rest needs an answer first.",
    "Please have a look before Thursday.",
    "Done as far as I can tell. `2` things are left open.",
];
/// Tasks of each person.
const EACH: usize = 3;
/// A few that wait for somebody.
const UNASSIGNED: usize = 2;

pub(super) fn make(demo: &Demo, company: &Company, id: Uuid, staff: &[Staff]) -> Result<()> {
    let Some(admin) = staff.first() else {
        return Ok(());
    };
    demo.db.tenant_blocking(Scope::job(id), |mut tx| {
        let mut dice = Dice::new(&format!("tasks of {}", company.slug));
        let workers = staff.iter().filter(|one| !one.person.has_left);
        let assignees = workers
            .flat_map(|one| std::iter::repeat_n(Some(one), EACH))
            .chain(std::iter::repeat_n(None, UNASSIGNED));
        for (nth, assignee) in assignees.enumerate() {
            let task = Made::new(&mut dice, nth, assignee, demo.now);
            task.insert(&mut tx, admin.id)?;
            task.talk(&mut tx, &mut dice, assignee.unwrap_or(admin), demo.now)?;
        }
        Ok(())
    })
}

struct Made {
    id: Uuid,
    title: &'static str,
    description: &'static str,
    assignee: Option<Uuid>,
    status: &'static str,
    priority: &'static str,
    due_on: Option<NaiveDate>,
    estimate_seconds: Option<i32>,
    created_at: DateTime<Utc>,
}

impl Made {
    fn new(dice: &mut Dice, nth: usize, assignee: Option<&Staff>, now: DateTime<Utc>) -> Self {
        let created_at = now - Duration::days(dice.between(3, 50).into());
        let (title, description) = WORK.get(nth % WORK.len()).copied().unwrap_or_default();
        let due = dice.percent(75).then(|| dice.between(0, 30));
        Self {
            id: dice.id(created_at),
            title,
            description,
            assignee: assignee.map(|one| one.id),
            // What is nobody's has not begun.
            status: (assignee.and_then(|_| dice.pick(&STATUSES)))
                .copied()
                .unwrap_or("open"),
            priority: dice.pick(&PRIORITIES).copied().unwrap_or("normal"),
            due_on: due.map(|days| now.date_naive() - Days::new(8) + Days::new(days.into())),
            estimate_seconds: (dice.percent(70))
                .then(|| i32::try_from(dice.between(1, 40) * 1_800).unwrap_or_default()),
            created_at,
        }
    }

    fn insert(&self, tx: &mut Tx, admin: Uuid) -> Result<()> {
        sql_query(
            "INSERT INTO tenant.tasks (company_id, id, title, description, assignee_id, team_id, status, priority, due_on, \
               estimate_seconds, created_by, created_at, updated_at) \
             SELECT $1, $2, $3, $4, $5, (SELECT u.team_id FROM tenant.users u WHERE u.company_id = $1 AND u.id = $5), \
               $6, $7, $8, $9, $10, $11, $11",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(self.id)
        .bind::<Text, _>(self.title)
        .bind::<Text, _>(self.description)
        .bind::<Nullable<SqlUuid>, _>(self.assignee)
        .bind::<Text, _>(self.status)
        .bind::<Text, _>(self.priority)
        .bind::<Nullable<Date>, _>(self.due_on)
        .bind::<Nullable<Integer>, _>(self.estimate_seconds)
        .bind::<SqlUuid, _>(admin)
        .bind::<Timestamptz, _>(self.created_at)
        .execute(tx.conn)?;
        Ok(())
    }

    /// A remark, and how the status came to be.
    fn talk(&self, tx: &mut Tx, dice: &mut Dice, by: &Staff, now: DateTime<Utc>) -> Result<()> {
        let later = self.created_at + (now - self.created_at) / 2;
        if let Some(text) = dice.percent(60).then(|| dice.pick(&REMARKS)).flatten() {
            sql_query(
                "INSERT INTO tenant.task_comments (company_id, id, task_id, author_id, author_name, text, at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(dice.id(later))
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(by.id)
            .bind::<Text, _>(by.person.name)
            .bind::<Text, _>(text)
            .bind::<Timestamptz, _>(later)
            .execute(tx.conn)?;
        }
        if self.status != "open" {
            sql_query(
                "INSERT INTO tenant.task_changes (company_id, id, task_id, actor_id, actor_name, field, before, after, at) \
                 VALUES ($1, $2, $3, $4, $5, 'status', 'open', $6, $7)",
            )
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(dice.id(later))
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(by.id)
            .bind::<Text, _>(by.person.name)
            .bind::<Text, _>(self.status)
            .bind::<Timestamptz, _>(later)
            .execute(tx.conn)?;
        }
        Ok(())
    }
}
