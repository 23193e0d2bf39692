//! What people of the made-up companies contest: some of it answered, some waiting. Each says it in the own name, as the database
//! lets nobody contest for another.

use chrono::{DateTime, Days, Duration, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use super::Demo;
use super::cast::{BROWSER, Company};
use super::dice::Dice;
use super::people::Staff;
use crate::Result;
use crate::db::{DbRole, Scope, Tx};
use crate::tracking::days::Calendar;

/// The minute of the day from which ten are contested, or none where it is how the browser is labelled; why; the state, the answer.
type Said = (
    Option<i64>,
    &'static str,
    Option<(&'static str, &'static str)>,
);
const SAID: [Said; 4] = [
    (
        Some(11 * 60),
        "A colleague showed me something at my desk",
        None,
    ),
    (
        None,
        "Our customers' portal is in the browser, it is work",
        Some(("accepted", "You are right, the rules know the portal now")),
    ),
    (
        Some(14 * 60 + 30),
        "I was on the phone, not idle",
        Some((
            "rejected",
            "Add the call as manual time: it explains the idle minutes",
        )),
    ),
    (None, "I read the news there for the press review", None),
];

pub(super) fn make(demo: &Demo, company: &Company, id: Uuid, staff: &[Staff]) -> Result<()> {
    let Some(admin) = staff.first() else {
        return Ok(());
    };
    let mut dice = Dice::new(&format!("disputes of {}", company.slug));
    let people = staff.iter().filter(|one| !one.person.has_left).skip(1);
    for (one, said) in people.zip(SAID.iter().cycle()).take(2 * SAID.len()) {
        let dispute = dice.id(demo.now);
        let as_person = Scope::new(id, one.id, DbRole::Employee);
        demo.db.tenant_blocking(as_person, |mut tx| {
            let calendar = Calendar::load(tx.conn, tx.company)?;
            let day = calendar.day_of(demo.now) - Days::new(2);
            let from = said
                .0
                .map(|minute| calendar.start(day) + Duration::minutes(minute));
            open(&mut tx, dispute, from, said.1)
        })?;
        if let Some((state, text)) = said.2 {
            let as_admin = Scope::new(id, admin.id, DbRole::Admin);
            demo.db.tenant_blocking(as_admin, |mut tx| {
                answer(&mut tx, dispute, state, text, admin.person.name)
            })?;
        }
    }
    Ok(())
}

fn open(tx: &mut Tx, id: Uuid, from: Option<DateTime<Utc>>, reason: &str) -> Result<()> {
    let is_label = from.is_none();
    sql_query(
        "INSERT INTO tenant.disputes (company_id, id, user_id, kind, started_at, ended_at, app, label, reason) \
         VALUES ($1, $2, $3, $4, $5, $5 + interval '10 minutes', $6, $7, $8)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(if is_label { "label" } else { "slot" })
    .bind::<Nullable<Timestamptz>, _>(from)
    .bind::<Nullable<Text>, _>(is_label.then_some(BROWSER))
    .bind::<Nullable<Text>, _>(is_label.then_some("unclassified"))
    .bind::<Text, _>(reason)
    .execute(tx.conn)?;
    Ok(())
}

fn answer(tx: &mut Tx, id: Uuid, state: &str, text: &str, name: &str) -> Result<()> {
    sql_query(
        "UPDATE tenant.disputes SET state = $3, answer = $4, answered_at = $5, answered_by = $6, answered_by_name = $7 \
         WHERE company_id = $1 AND id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(state)
    .bind::<Text, _>(text)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(name)
    .execute(tx.conn)?;
    Ok(())
}
