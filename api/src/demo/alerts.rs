//! What a made-up company wants to be told of: two rules and what they find in the last days, and one that is switched off.

use chrono::Duration;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use super::Demo;
use super::cast::Company;
use super::dice::Dice;
use super::people::Staff;
use crate::Result;
use crate::company::alerts::evaluation::evaluate;
use crate::db::{Scope, Tx};

/// Kind, threshold, the least minutes of a day, and whether it is switched on.
const RULES: [(&str, i32, Option<i32>, bool); 3] = [
    ("silent", 4, None, true),
    ("idle", 25, Some(120), true),
    ("long_day", 10, None, false),
];
/// As far back as they are looked at.
const DAYS: i64 = 5;
/// Far above what a demo's pictures need.
const STORAGE: i64 = i64::MAX;

pub(super) fn make(demo: &Demo, company: &Company, id: Uuid, staff: &[Staff]) -> Result<()> {
    let Some(admin) = staff.first() else {
        return Ok(());
    };
    demo.db.tenant_blocking(Scope::job(id), |mut tx| {
        let mut dice = Dice::new(&format!("alerts of {}", company.slug));
        let since = demo.now - Duration::days(DAYS + 2);
        for (kind, threshold, least_minutes, enabled) in RULES {
            sql_query(
                "INSERT INTO tenant.alert_rules (company_id, id, kind, threshold, least_minutes, enabled, enabled_at, created_by, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $7)",
            )
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(dice.id(since))
            .bind::<Text, _>(kind)
            .bind::<Integer, _>(threshold)
            .bind::<Nullable<Integer>, _>(least_minutes)
            .bind::<Bool, _>(enabled)
            .bind::<Timestamptz, _>(since)
            .bind::<SqlUuid, _>(admin.id)
            .execute(tx.conn)?;
        }
        for ago in (0..DAYS).rev() {
            evaluate(&mut tx, demo.now - Duration::days(ago), STORAGE)?;
        }
        put_away(&mut tx, admin.id, demo.now - Duration::days(2))
    })
}

/// Somebody has looked at what is older.
fn put_away(tx: &mut Tx, admin: Uuid, before: chrono::DateTime<chrono::Utc>) -> Result<()> {
    sql_query(
        "UPDATE tenant.alerts SET acknowledged_by = $2, acknowledged_at = opened_at + interval '3 hours', note = 'Spoke about it' \
         WHERE company_id = $1 AND opened_at < $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(admin)
    .bind::<Timestamptz, _>(before)
    .execute(tx.conn)?;
    Ok(())
}
