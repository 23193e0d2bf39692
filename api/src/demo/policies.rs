//! What the made-up companies tell their people of the recording: a version that nearly everybody has read.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use super::cast::Company;
use super::people::Staff;
use super::{DAYS, Demo};
use crate::Result;
use crate::db::{DbRole, Scope, Tx};

const TEXT: &str = "\
We record **working time on the company's devices**, so that projects are paid for what they take.

## What is recorded

- which application and which website is in front, and for how long
- how much was typed and moved by the minute, never what
- a picture of the screen now and then

## What is not

- anything outside the hours that *Settings* names
- anything while you have paused for private time

Your admins see pictures blurred. Whoever looks at your records is listed under *Who looked*.
";

/// The last ones of the list have not read it yet; there are no pictures of them.
const UNREAD: usize = 2;

pub(super) fn make(demo: &Demo, company: &Company, id: Uuid, staff: &[Staff]) -> Result<()> {
    let published_at = (demo.now - Duration::days(DAYS)).trunc_subsecs(0);
    let Some(admin) = staff.iter().find(|one| one.person.is_admin) else {
        return Ok(());
    };
    if company.status != "ACTIVE" {
        return Ok(());
    }
    let publish = |tx: Tx| {
        sql_query(
            "INSERT INTO tenant.monitoring_policies (company_id, version, title, text, kinds, published_at, published_by) \
             VALUES ($1, 1, 'How we record working time', $2, '{screenshots}', $3, $4)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Text, _>(TEXT)
        .bind::<Timestamptz, _>(published_at)
        .bind::<SqlUuid, _>(tx.user)
        .execute(tx.conn)?;
        Ok(())
    };
    (demo.db).tenant_blocking(Scope::new(id, admin.id, DbRole::Admin), publish)?;
    let here = staff.iter().filter(|one| !one.person.has_left);
    let readers = here.clone().count().saturating_sub(UNREAD);
    for one in here.take(readers) {
        let read = |tx: Tx| acknowledge(tx, published_at + Duration::minutes(5));
        (demo.db).tenant_blocking(Scope::new(id, one.id, DbRole::Employee), read)?;
    }
    Ok(())
}

fn acknowledge(tx: Tx, at: DateTime<Utc>) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.policy_acknowledgements (company_id, user_id, version, acknowledged_at, via) VALUES ($1, $2, 1, $3, 'portal')",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(at)
    .execute(tx.conn)?;
    Ok(())
}
