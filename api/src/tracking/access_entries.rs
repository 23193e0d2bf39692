//! Who looked at whose day. Written with the look itself; the person looked at may read it.

use std::collections::HashMap;

use actix_web::{get, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryDsl, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::days::Calendar;
use crate::Result;
use crate::app::State;
use crate::db::schema::tenant::users;
use crate::db::{DbRole, Tx};
use crate::http::error::Error;
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{AtLeast, Employee, TeamAdmin, Tenant};

/// Looking again within this many seconds is the same look.
const SLOT: i64 = 600;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_my_access_entries)
        .service(list_employee_access_entries);
}

/// Somebody looked at what was recorded about a person.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct AccessEntry {
    /// The start of a ten-minute slot: looking again within it is the same look.
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    /// What was opened: `timeline`, `sessions`, `gallery` (blurred pictures), `screenshot` (the original of one), `export`,
    /// `usage`: the sums of days, `live`: who works now, `tasks`: time spent on tasks, `alerts`: what alert rules found, or
    /// `team_sums`: what a team adds up to, without whose is how much.
    #[diesel(sql_type = Text)]
    kind: String,
    /// The day that was looked at; of sums the last one.
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    /// The viewer's name at that time, with `, team lead` behind it where they looked as one.
    #[diesel(sql_type = Text)]
    viewer_name: String,
    /// Of a `screenshot`: `quality`, `incident`, `request`, `data_problem`, `legal` or `other`. `not_asked`: from before reasons
    /// were asked for.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What the viewer added to the reason.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// When the picture was taken whose original was opened.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = SqlUuid)]
    #[serde(skip)]
    item_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    #[serde(skip)]
    viewer_id: Uuid,
}

/// List who looked at my days and pictures, newest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<AccessEntry>)))]
#[get("/me/access-entries")]
async fn list_my_access_entries(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<AccessEntry>>> {
    let of = session.user;
    page(&session, &state, &query.0, of).await.map(Json)
}

/// List who looked at a person's days and pictures, newest first.
#[utoipa::path(
    params(("employee_id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<AccessEntry>))
)]
#[get("/employees/{employee_id}/access-entries")]
async fn list_employee_access_entries(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    employee: Path<Uuid>,
    query: Query<PageQuery>,
) -> Result<Json<Page<AccessEntry>>> {
    let of = employee.0;
    page(&session, &state, &query.0, of).await.map(Json)
}

async fn page<R: AtLeast>(
    session: &Tenant<R>,
    state: &State,
    query: &PageQuery,
    subject: Uuid,
) -> Result<Page<AccessEntry>> {
    let list = format!("access entries {} {subject}", session.company.id);
    let limit = query.limit()?;
    let after = query.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| {
        let person = users::table.find((tx.company, subject)).select(users::id);
        let _: Uuid = person.first(tx.conn)?;
        of_person(&mut tx, subject, after, limit + 1)
    };
    let rows = state.db.tenant(session, read).await?;
    let position = |row: &AccessEntry| Position {
        at: row.at,
        viewer: row.viewer_id,
        kind: row.kind.clone(),
        day: row.day,
        item: row.item_id,
    };
    Page::cut(rows, limit, &state.secrets, &list, position)
}

/// The last entry of the page before.
#[derive(Serialize, Deserialize)]
struct Position {
    at: DateTime<Utc>,
    viewer: Uuid,
    kind: String,
    day: NaiveDate,
    item: Uuid,
}

fn of_person(
    tx: &mut Tx,
    subject: Uuid,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<AccessEntry>> {
    let after = after.as_ref();
    let rows = sql_query(
        "SELECT at, kind, day, viewer_name, viewer_id, reason, note, taken_at, item_id FROM tenant.access_entries \
         WHERE company_id = $1 AND subject_id = $2 AND ($4 IS NULL OR (at, viewer_id, kind, day, item_id) < ($4, $5, $6, $7, $8)) \
         ORDER BY at DESC, viewer_id DESC, kind DESC, day DESC, item_id DESC LIMIT $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(subject)
    .bind::<BigInt, _>(limit)
    .bind::<Nullable<Timestamptz>, _>(after.map(|after| after.at))
    .bind::<Nullable<SqlUuid>, _>(after.map(|after| after.viewer))
    .bind::<Nullable<Text>, _>(after.map(|after| after.kind.as_str()))
    .bind::<Nullable<Date>, _>(after.map(|after| after.day))
    .bind::<Nullable<SqlUuid>, _>(after.map(|after| after.item));
    Ok(rows.load(tx.conn)?)
}

/// When a look of now is said to have been.
fn slot() -> DateTime<Utc> {
    let now = Utc::now().timestamp();
    DateTime::from_timestamp(now - now.rem_euclid(SLOT), 0).unwrap_or_default()
}

/// Notes that the transaction's person looked at somebody's day, unless it is their own.
pub(super) fn note(tx: &mut Tx, subject: Uuid, kind: &str, day: NaiveDate) -> Result<()> {
    note_days(tx, &[(subject, day)], kind)
}

/// The same of several people's days.
pub(crate) fn note_days(tx: &mut Tx, looks: &[(Uuid, NaiveDate)], kind: &str) -> Result<()> {
    let others = looks.iter().filter(|(subject, _)| *subject != tx.user);
    let (subjects, days): (Vec<Uuid>, Vec<NaiveDate>) = others.copied().unzip();
    if subjects.is_empty() {
        return Ok(());
    }
    // Who may look, and as what, the person reads in the name. A lead or an admin of teams acts through no token, and may not ask
    // for one's name.
    let name = match tx.role {
        DbRole::Lead => "CASE WHEN $7 IS NULL THEN left(u.name || ', team lead', 120) END",
        DbRole::TeamAdmin => "CASE WHEN $7 IS NULL THEN left(u.name || ', team admin', 120) END",
        _ => {
            "CASE WHEN $7 IS NULL THEN u.name ELSE left(u.name || ', by API token ' || auth.api_token_name($7), 120) END"
        }
    };
    // Most looks are the same look: who asks first whether it is there need not try to write it.
    sql_query(format!(
        "WITH made AS (INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, viewer_name) \
           SELECT $1, s.subject, u.id, $4, $5, s.day, {name} \
           FROM tenant.users u, unnest($2, $6) AS s (subject, day) WHERE u.company_id = $1 AND u.id = $3 \
             AND NOT EXISTS (SELECT FROM tenant.access_entries e WHERE e.company_id = $1 AND e.subject_id = s.subject AND e.at = $4 \
               AND e.viewer_id = $3 AND e.kind = $5 AND e.day = s.day) \
           ON CONFLICT DO NOTHING RETURNING id) \
         INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id) SELECT $1, 'access', id FROM made"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(subjects)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(slot())
    .bind::<Text, _>(kind)
    .bind::<Array<Date>, _>(days)
    .bind::<Nullable<SqlUuid>, _>(tx.token)
    .execute(tx.conn)?;
    Ok(())
}

/// The same of what is opened again and again: looks of the same kind at the same person are one until the day is over. Of
/// several days of a person it names the last.
pub(crate) fn note_once_a_day(tx: &mut Tx, looks: &[(Uuid, NaiveDate)], kind: &str) -> Result<()> {
    #[derive(QueryableByName)]
    struct Subject {
        #[diesel(sql_type = SqlUuid)]
        subject_id: Uuid,
    }
    let mut last: HashMap<Uuid, NaiveDate> = HashMap::new();
    for (subject, day) in looks.iter().filter(|(subject, _)| *subject != tx.user) {
        let known = last.entry(*subject).or_insert(*day);
        *known = (*day).max(*known);
    }
    if last.is_empty() {
        return Ok(());
    }
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let noted: Vec<Subject> = sql_query(
        "SELECT DISTINCT subject_id FROM tenant.access_entries \
         WHERE company_id = $1 AND viewer_id = $2 AND kind = $3 AND at >= $4 AND subject_id = ANY ($5)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(kind)
    .bind::<Timestamptz, _>(calendar.start(calendar.today()))
    .bind::<Array<SqlUuid>, _>(last.keys().copied().collect::<Vec<_>>())
    .load(tx.conn)?;
    for one in noted {
        last.remove(&one.subject_id);
    }
    let looks: Vec<_> = last.into_iter().collect();
    note_days(tx, &looks, kind)
}

/// A picture whose original is opened.
pub(super) struct Original {
    pub id: Uuid,
    pub of: Uuid,
    pub taken_at: DateTime<Utc>,
    pub reason: &'static str,
    pub note: Option<String>,
}

/// Notes that the transaction's person opens it. Where that cannot be noted it is not opened.
pub(super) fn note_original(tx: &mut Tx, original: &Original) -> Result<()> {
    let day = Calendar::load(tx.conn, tx.company)?.day_of(original.taken_at);
    let noted: Noted = sql_query(
        "WITH noted AS (INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, item_id, taken_at, \
             reason, note, viewer_name) \
           SELECT $1, $2, u.id, $4, 'screenshot', $5, $6, $7, $8, $9, u.name FROM tenant.users u WHERE u.company_id = $1 AND u.id = $3 \
           ON CONFLICT DO NOTHING RETURNING id), \
           unsealed AS (INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id) SELECT $1, 'access', id FROM noted) \
         SELECT EXISTS (SELECT FROM noted) OR EXISTS (SELECT FROM tenant.access_entries WHERE company_id = $1 AND subject_id = $2 \
           AND at = $4 AND viewer_id = $3 AND kind = 'screenshot' AND day = $5 AND item_id = $6) AS is_noted",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(original.of)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(slot())
    .bind::<Date, _>(day)
    .bind::<SqlUuid, _>(original.id)
    .bind::<Timestamptz, _>(original.taken_at)
    .bind::<Text, _>(original.reason)
    .bind::<Nullable<Text>, _>(original.note.as_deref())
    .get_result(tx.conn)?;
    if noted.is_noted {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

#[derive(QueryableByName)]
struct Noted {
    #[diesel(sql_type = Bool)]
    is_noted: bool,
}
