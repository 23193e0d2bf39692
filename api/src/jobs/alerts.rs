//! Alert rules of companies that take part are looked at every three minutes: with the minute that sums are behind, what
//! begins to hold is told of within five.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{ExpressionMethods, PgConnection, QueryDsl, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, NewJob};
use crate::Result;
use crate::app::State;
use crate::company::alerts::evaluation::{News, evaluate};
use crate::company::notifications::{self, Notice, NotificationKind};
use crate::db::schema::tenant::users;
use crate::db::{Scope, Tx};

pub(super) const FIND: &str = "alerts";
pub(super) const EVALUATE: &str = "evaluate_alerts";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
}

/// Queues a job for each company that watches for anything.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let companies: Vec<Id> =
        sql_query("SELECT DISTINCT company_id FROM tenant.alert_rules WHERE enabled").load(conn)?;
    let jobs: Vec<NewJob> = companies
        .into_iter()
        .map(|Id { company_id }| {
            let key = format!("{EVALUATE}:{company_id}");
            NewJob::new(company_id, EVALUATE, json!({}), key)
        })
        .collect();
    queue::enqueue(conn, &jobs)
}

/// Of a company that does not take part nothing is recorded, so that everybody would seem silent: its rules rest.
pub fn run(state: &State, company: Uuid, now: DateTime<Utc>) -> Result<()> {
    let Some(known) = state.directory.company(company) else {
        return Ok(());
    };
    if known.inactive(state.directory.grace_days).is_some() {
        return Ok(());
    }
    let most = known.max_storage_bytes();
    state.db.tenant_blocking(Scope::job(company), |mut tx| {
        let news = evaluate(&mut tx, now, most)?;
        tell(&mut tx, &news)
    })
}

/// Admins are told how many there are of what, and whom they are about that there is something. A name stands in neither.
fn tell(tx: &mut Tx, news: &[News]) -> Result<()> {
    if news.is_empty() {
        return Ok(());
    }
    let admins: Vec<Uuid> = users::table
        .filter(users::company_id.eq(tx.company))
        .filter(users::role.eq("ADMIN"))
        .filter(users::deactivated_at.is_null())
        .order(users::id)
        .select(users::id)
        .load(tx.conn)?;
    let mut notices = Vec::new();
    for News { kind, users } in news {
        let about = |user, of, amount| Notice {
            rule_kind: Some(*kind),
            amount,
            ..Notice::new(user, of)
        };
        let mut subjects: BTreeMap<Uuid, usize> = BTreeMap::new();
        for user in users.iter().flatten() {
            *subjects.entry(*user).or_default() += 1;
        }
        let to_admins = admins.iter();
        notices.extend(to_admins.map(|id| about(*id, NotificationKind::Alerts, users.len())));
        let to_subjects = subjects.into_iter();
        notices.extend(to_subjects.map(|(id, n)| about(id, NotificationKind::OwnAlert, n)));
    }
    notifications::tell(tx, &notices)
}
