//! What people of the made-up companies say that no device saw: some approved, some waiting, some rejected.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use super::Demo;
use super::cast::Company;
use super::dice::Dice;
use super::people::Staff;
use crate::Result;
use crate::db::{Scope, Tx};
use crate::tracking::{days::Calendar, user_days};

/// Kind, reason, the minute of the day it begins at, and how long it takes.
const SAID: [(&str, &str, i64, i64); 5] = [
    ("meeting", "With the customer in town", 17 * 60 + 30, 75),
    ("call", "With the supplier about the delivery", 7 * 60, 35),
    ("travel", "To the branch office and back", 18 * 60, 90),
    ("training", "First aid", 16 * 60 + 30, 120),
    ("break_fix", "The printer in the warehouse", 12 * 60, 40),
];
/// Each person's, from a week ago on.
const EACH: u64 = 2;

pub(super) fn make(demo: &Demo, company: &Company, id: Uuid, staff: &[Staff]) -> Result<()> {
    let Some(admin) = staff.first() else {
        return Ok(());
    };
    let mut dice = Dice::new(&format!("manual time of {}", company.slug));
    for one in staff.iter().filter(|one| !one.person.has_left) {
        demo.db.tenant_blocking(Scope::job(id), |mut tx| {
            let calendar = Calendar::load(tx.conn, tx.company)?;
            let today = calendar.day_of(demo.now);
            let mut days: Vec<NaiveDate> = Vec::new();
            for nth in 0..EACH {
                let day = today - Days::new(1 + 3 * nth + u64::from(dice.below(3)));
                let begins = calendar.start(day);
                let state = dice.pick(&["approved", "approved", "pending", "rejected"]);
                let state = state.copied().unwrap_or("pending");
                insert(&mut tx, &mut dice, (one, admin), begins, state)?;
                days.push(day);
            }
            days.sort_unstable();
            days.dedup();
            user_days::recompute(tx.conn, tx.company, one.id, &calendar, &days)
        })?;
    }
    Ok(())
}

fn insert(
    tx: &mut Tx,
    dice: &mut Dice,
    (one, admin): (&Staff, &Staff),
    begins: DateTime<Utc>,
    state: &str,
) -> Result<()> {
    let (kind, reason, from, length) =
        dice.pick(&SAID)
            .copied()
            .unwrap_or(("other", "Something else", 0, 30));
    let from = begins + Duration::minutes(from);
    let to = from + Duration::minutes(length);
    let why = (state == "rejected").then_some("That was in your own time");
    sql_query(
        "INSERT INTO tenant.manual_times (company_id, id, user_id, started_at, ended_at, kind, reason, state, created_at, created_by, \
           created_by_name, decided_at, decided_by, decided_by_name, decision_reason) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $5, $3, $9, d.at, CASE WHEN d.at IS NOT NULL THEN $10 END, \
           CASE WHEN d.at IS NOT NULL THEN $11 END, $12 \
         FROM (SELECT CASE WHEN $8 <> 'pending' THEN $5 + interval '3 hours' END AS at) d",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(dice.id(to))
    .bind::<SqlUuid, _>(one.id)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<Text, _>(kind)
    .bind::<Text, _>(reason)
    .bind::<Text, _>(state)
    .bind::<Text, _>(one.person.name)
    .bind::<SqlUuid, _>(admin.id)
    .bind::<Text, _>(admin.person.name)
    .bind::<Nullable<Text>, _>(why)
    .execute(tx.conn)?;
    Ok(())
}
