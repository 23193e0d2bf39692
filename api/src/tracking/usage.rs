//! Tracked time in sums: an admin of the whole company, a team or one person, everybody else of the own days. Read from
//! the roll-ups, which are seconds old; only who is working now is read from the sessions.

mod breakdown;
pub(super) mod stretch;
mod sums;

use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Text};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries;
use super::days::{Calendar, Day, range};
use super::live;
use super::timeline::subject;
use crate::Result;
use crate::app::State;
use crate::db::{Scope, Tx};
use crate::http::json::{Json, Query, given};
use crate::http::page::limit_of;
use crate::http::session::{Employee, Tenant, Viewer};
use crate::http::sheet::Book;
use crate::http::token::Role;
use breakdown::{BreakdownExportQuery, BreakdownQuery, UsageBreakdown};
pub(super) use sums::{must_exist, team_must_exist};

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_usage_today)
        .service(list_daily_usage)
        .service(list_app_usage)
        .service(list_host_usage)
        .service(list_category_usage)
        .service(list_usage)
        .service(export_usage);
}

/// Today in numbers, beside the same weekday a week ago.
#[derive(Debug, Serialize, ToSchema)]
struct UsageToday {
    day: NaiveDate,
    time_zone: String,
    /// People with an open work session that was heard of in the last three minutes, idle or not.
    working_now: i64,
    /// Of these, people without any input in the last minute that was recorded.
    idle_now: i64,
    /// People whose agent was paused, at most a day ago, and who are not working now.
    private_now: i64,
    /// Everybody else with access.
    offline_now: i64,
    tracked_seconds: i64,
    active_seconds: i64,
    /// People with any tracked time today.
    people: i64,
    /// Of the whole day, a week ago.
    tracked_seconds_last_week: i64,
    /// Of that day until the same time of the day, of the hour under way in proportion. Absent where its hours are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    tracked_seconds_last_week_until_now: Option<i64>,
    /// When today was summed last; now, if there is nothing yet.
    as_of: DateTime<Utc>,
}

/// Days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct UsageQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// One person. ADMIN: everybody when left out. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TopQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// One person. ADMIN: everybody when left out. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    #[param(minimum = 1, maximum = 200, default = 20)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// One day's sums.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct UsageOfDay {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    tracked_seconds: i64,
    #[diesel(sql_type = BigInt)]
    active_seconds: i64,
    #[diesel(sql_type = BigInt)]
    idle_seconds: i64,
    /// Approved manual time that no device saw: beside tracked time, and no part of it.
    #[diesel(sql_type = BigInt)]
    manual_seconds: i64,
    /// Idle time that approved manual time explains: a part of idle time.
    #[diesel(sql_type = BigInt)]
    explained_seconds: i64,
    /// People with any tracked time.
    #[diesel(sql_type = BigInt)]
    people: i64,
}

/// Days, oldest first; days without any record are left out.
#[derive(Debug, Serialize, ToSchema)]
struct DailyUsage {
    items: Vec<UsageOfDay>,
    time_zone: String,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct UsageOfApp {
    #[diesel(sql_type = Text)]
    app: String,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Applications by their time. With several devices at once they may add up to more than was tracked.
#[derive(Debug, Serialize, ToSchema)]
struct AppUsage {
    items: Vec<UsageOfApp>,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct UsageOfHost {
    #[diesel(sql_type = Text)]
    host: String,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Web hosts by their time. With several devices at once they may add up to more than was tracked.
#[derive(Debug, Serialize, ToSchema)]
struct HostUsage {
    items: Vec<UsageOfHost>,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct UsageOfCategory {
    /// `productive`, `neutral`, `unproductive` or `unclassified`.
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Categories by their time: together they are the tracked time.
#[derive(Debug, Serialize, ToSchema)]
struct CategoryUsage {
    items: Vec<UsageOfCategory>,
}

/// Show today's sums. ADMIN: of the company. EMPLOYEE: the own ones.
#[utoipa::path(responses((status = 200, body = UsageToday)))]
#[get("/usage/today")]
async fn show_usage_today(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Json<UsageToday>> {
    let whose = (session.role != Role::Admin).then_some(session.user);
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let day = calendar.today();
        let (today, as_of) = sums::day(&mut tx, whose, day)?;
        let (week_ago, _) = sums::day(&mut tx, whose, day - Days::new(7))?;
        let clock = Utc::now().with_timezone(&calendar.zone_of(day)).time();
        let until_now = sums::until(&mut tx, whose, day - Days::new(7), clock)?;
        let now = live::counts(&mut tx, whose)?;
        Ok(UsageToday {
            day,
            time_zone: calendar.zone_of(day).name().to_owned(),
            working_now: now.working + now.idle,
            idle_now: now.idle,
            private_now: now.private,
            offline_now: now.offline,
            tracked_seconds: today.tracked_seconds,
            active_seconds: today.active_seconds,
            people: today.people,
            tracked_seconds_last_week: week_ago.tracked_seconds,
            tracked_seconds_last_week_until_now: until_now,
            as_of: as_of.unwrap_or_else(Utc::now),
        })
    };
    state.db.tenant(&session, read).await.map(Json)
}

/// List sums by day.
#[utoipa::path(params(UsageQuery), responses((status = 200, body = DailyUsage)))]
#[get("/usage/daily")]
async fn list_daily_usage(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<UsageQuery>,
) -> Result<Json<DailyUsage>> {
    let UsageQuery { from, to, user_id } = query.0;
    let (whose, scope) = whose_and_as_what(&session, user_id);
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let days = range(from, to, calendar.today())?;
        sums::must_exist(&mut tx, whose)?;
        note(&mut tx, whose, days)?;
        Ok(DailyUsage {
            items: sums::daily(&mut tx, whose, days)?,
            time_zone: calendar.zone_of(days.1).name().to_owned(),
        })
    };
    state.db.tenant(scope, read).await.map(Json)
}

/// List the most used applications.
#[utoipa::path(params(TopQuery), responses((status = 200, body = AppUsage)))]
#[get("/usage/apps")]
async fn list_app_usage(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<TopQuery>,
) -> Result<Json<AppUsage>> {
    let items = top(&session, &state, query.0, "app").await?;
    Ok(Json(AppUsage { items }))
}

/// List the most used web hosts.
#[utoipa::path(params(TopQuery), responses((status = 200, body = HostUsage)))]
#[get("/usage/hosts")]
async fn list_host_usage(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<TopQuery>,
) -> Result<Json<HostUsage>> {
    let items = top(&session, &state, query.0, "host").await?;
    Ok(Json(HostUsage { items }))
}

/// List the tracked time by category, as the productivity rules have it.
#[utoipa::path(params(UsageQuery), responses((status = 200, body = CategoryUsage)))]
#[get("/usage/categories")]
async fn list_category_usage(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<UsageQuery>,
) -> Result<Json<CategoryUsage>> {
    let UsageQuery { from, to, user_id } = query.0;
    let query = TopQuery {
        from,
        to,
        user_id,
        limit: None,
    };
    let items = top(&session, &state, query, "category").await?;
    Ok(Json(CategoryUsage { items }))
}

async fn top<T>(
    session: &Tenant<Employee>,
    state: &State,
    query: TopQuery,
    name: &'static str,
) -> Result<Vec<T>>
where
    T: diesel::deserialize::FromSqlRow<diesel::sql_types::Untyped, diesel::pg::Pg> + Send + 'static,
{
    let (whose, scope) = whose_and_as_what(session, query.user_id);
    let limit = limit_of(query.limit, 20)?;
    let read = move |mut tx: Tx| {
        let today = Calendar::load(tx.conn, tx.company)?.today();
        let days = range(query.from, query.to, today)?;
        sums::must_exist(&mut tx, whose)?;
        note(&mut tx, whose, days)?;
        sums::top(&mut tx, whose, days, limit, name)
    };
    state.db.tenant(scope, read).await
}

/// List where the time went: by application, host, category, person or team. EMPLOYEE: the own one.
///
/// What is read of one person is noted, and the person can read the note: one person's sums, people by the application,
/// host or category of their time, and a team's sums when they are one person's.
#[utoipa::path(params(BreakdownQuery), responses((status = 200, body = UsageBreakdown)))]
#[get("/usage")]
async fn list_usage(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<BreakdownQuery>,
) -> Result<Json<UsageBreakdown>> {
    breakdown::page(session, state, query.0).await.map(Json)
}

/// Export where the time went as a file, as CSV or as a workbook: all that the filter lets through, in the list's order.
/// EMPLOYEE: the own one.
///
/// What an admin exports is written to the audit log, and noted where it is of one person. In CSV an apostrophe stands before a text that a
/// spreadsheet would read as a formula.
#[utoipa::path(
    params(BreakdownExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/usage/export")]
async fn export_usage(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<BreakdownExportQuery>,
) -> Result<HttpResponse> {
    breakdown::export(session, state, query.0).await
}

/// Sums of one person are a look at their days.
fn note(tx: &mut Tx, whose: Option<Uuid>, days: (NaiveDate, NaiveDate)) -> Result<()> {
    match whose {
        Some(user) => access_entries::note(tx, user, "usage", days.1),
        None => Ok(()),
    }
}

/// The same where a lead may ask about the people of the team: the transaction that reads another person is a lead's.
fn whose_and_as_what(session: &Tenant<Employee>, user: Option<Uuid>) -> (Option<Uuid>, Scope) {
    match (session.role, user) {
        (Role::Admin, None) => (None, session.into()),
        (_, user) => {
            let user = user.unwrap_or(session.user);
            (Some(user), session.looking_at(user))
        }
    }
}

/// Whose rows: nobody in particular stands for all whom an admin administers.
pub(super) fn whose<R>(session: &Tenant<R>, user: Option<Uuid>) -> Result<Option<Uuid>> {
    match user {
        None if session.administers() => Ok(None),
        user => subject(session, user).map(Some),
    }
}
