//! Devices that somebody should look after: silent on a working day, with an agent that is behind, or on a desktop that
//! shows it too little.

use std::cmp::Reverse;

use actix_web::{get, web::Data};
use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc};
use diesel::sql_types::{Array, Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::company::settings::effective::effective;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::Json;
use crate::http::session::{Admin, Tenant};
use crate::tracking::days::Calendar;

/// Devices in one answer.
const MOST: usize = 50;
/// What has not been heard of for so long is put away in a drawer.
const FORGOTTEN: Duration = Duration::days(90);
/// The agent of the same release as this server.
const NEWEST: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DeviceProblem {
    /// Not heard of on the last working day, nor since; no other device of the person was either.
    Silent,
    /// Its agent is older than this server's release.
    OldVersion,
    /// The desktop lets the agent see less than the settings ask for; `limitations` says what.
    Limited,
}

impl DeviceProblem {
    fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::OldVersion => "old_version",
            Self::Limited => "limited",
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct OverviewDevice {
    id: Uuid,
    user_id: Uuid,
    user_name: String,
    name: String,
    os: String,
    agent_version: String,
    last_seen_at: DateTime<Utc>,
    problems: Vec<DeviceProblem>,
    /// In the agent's words: `titles_not_available`, `activity_not_available`, `screenshots_not_available`.
    limitations: Vec<String>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
struct DeviceProblemCounts {
    silent: usize,
    old_version: usize,
    limited: usize,
}

/// Those with problems, the longest silent first; at most 50.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewDevices {
    items: Vec<OverviewDevice>,
    /// How many devices have a problem at all.
    total: usize,
    counts: DeviceProblemCounts,
    /// The working day that silent devices missed, or one of their people's own; absent where none is over yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    working_day: Option<NaiveDate>,
    newest_version: String,
}

/// List devices that somebody should look after, of people with access.
#[utoipa::path(responses((status = 200, body = OverviewDevices)))]
#[get("/overview/devices")]
pub(super) async fn list_overview_devices(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Json<OverviewDevices>> {
    let read = |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let working_day = last_working_day(&working_days(&mut tx)?, calendar.today());
        let rows = load(&mut tx)?;
        Ok(judged(rows, &calendar, working_day))
    };
    state.db.tenant(&session, read).await.map(Json)
}

#[derive(Debug, Clone, QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    team_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    os: String,
    #[diesel(sql_type = Text)]
    agent_version: String,
    #[diesel(sql_type = Array<Text>)]
    limitations: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    last_seen_at: DateTime<Utc>,
    /// The one of the person's devices that was heard of last.
    #[diesel(sql_type = Bool)]
    is_latest: bool,
    /// On which days is recorded of the person.
    #[diesel(sql_type = Array<SmallInt>)]
    tracking_days: Vec<i16>,
}

fn load(tx: &mut Tx) -> Result<Vec<Row>> {
    Ok(statement(concat!(
        "SELECT d.id, d.user_id, u.team_id, u.name AS user_name, d.name, d.os, d.agent_version, d.limitations, d.last_seen_at, \
           row_number() OVER (PARTITION BY d.user_id ORDER BY d.last_seen_at DESC, d.id) = 1 AS is_latest, e.tracking_days \
         FROM tenant.devices d JOIN tenant.users u ON u.company_id = $1 AND u.id = d.user_id \
         JOIN ",
        effective!(people),
        " e ON e.user_id = d.user_id \
         WHERE d.company_id = $1 AND d.revoked_at IS NULL AND u.deactivated_at IS NULL AND d.last_seen_at > $2",
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Timestamptz, _>(Utc::now() - FORGOTTEN)
    .load(tx.conn)?)
}

/// What is the matter with a device, for whoever watches over it.
pub(crate) struct Trouble {
    pub device: Uuid,
    pub user: Uuid,
    pub team: Option<Uuid>,
    /// As `DeviceProblem` is written.
    pub problem: &'static str,
}

/// The same devices as the overview's, one by one with each of their problems.
pub(crate) fn troubles(tx: &mut Tx, calendar: &Calendar, today: NaiveDate) -> Result<Vec<Trouble>> {
    let each = |row: Row| {
        let problems = problems(&row, calendar, today);
        problems.into_iter().map(move |problem| Trouble {
            device: row.id,
            user: row.user_id,
            team: row.team_id,
            problem: problem.name(),
        })
    };
    Ok(load(tx)?.into_iter().flat_map(each).collect())
}

fn problems(row: &Row, calendar: &Calendar, today: NaiveDate) -> Vec<DeviceProblem> {
    let missed = last_working_day(&row.tracking_days, today).map(|day| calendar.start(day));
    let is_silent = row.is_latest && missed.is_some_and(|before| row.last_seen_at < before);
    let found = [
        (DeviceProblem::Silent, is_silent),
        (
            DeviceProblem::OldVersion,
            is_older(&row.agent_version, NEWEST),
        ),
        (DeviceProblem::Limited, !row.limitations.is_empty()),
    ];
    found
        .into_iter()
        .filter_map(|(problem, holds)| holds.then_some(problem))
        .collect()
}

fn judged(rows: Vec<Row>, calendar: &Calendar, working_day: Option<NaiveDate>) -> OverviewDevices {
    let today = calendar.today();
    let mut counts = DeviceProblemCounts::default();
    let mut items: Vec<OverviewDevice> = Vec::new();
    for row in rows {
        let problems = problems(&row, calendar, today);
        for problem in &problems {
            *match problem {
                DeviceProblem::Silent => &mut counts.silent,
                DeviceProblem::OldVersion => &mut counts.old_version,
                DeviceProblem::Limited => &mut counts.limited,
            } += 1;
        }
        if !problems.is_empty() {
            items.push(OverviewDevice {
                id: row.id,
                user_id: row.user_id,
                user_name: row.user_name,
                name: row.name,
                os: row.os,
                agent_version: row.agent_version,
                last_seen_at: row.last_seen_at,
                problems,
                limitations: row.limitations,
            });
        }
    }
    items.sort_by_key(|item| {
        let silent = item.problems.contains(&DeviceProblem::Silent);
        (Reverse(silent), item.last_seen_at, item.id)
    });
    let total = items.len();
    items.truncate(MOST);
    OverviewDevices {
        items,
        total,
        counts,
        working_day,
        newest_version: NEWEST.to_owned(),
    }
}

#[derive(QueryableByName)]
struct WorkingDays {
    #[diesel(sql_type = Array<SmallInt>)]
    tracking_days: Vec<i16>,
}

fn working_days(tx: &mut Tx) -> Result<Vec<i16>> {
    let found: WorkingDays =
        statement("SELECT tracking_days FROM tenant.company_settings WHERE company_id = $1")
            .bind::<SqlUuid, _>(tx.company)
            .get_result(tx.conn)?;
    Ok(found.tracking_days)
}

/// The last one that is over.
fn last_working_day(days: &[i16], today: NaiveDate) -> Option<NaiveDate> {
    let works = |day: &NaiveDate| {
        let weekday = day.weekday().number_from_monday();
        days.iter().any(|day| u32::try_from(*day) == Ok(weekday))
    };
    (1..=7)
        .filter_map(|ago| today.checked_sub_days(Days::new(ago)))
        .find(works)
}

/// Versions that are no numbers are not judged.
fn is_older(version: &str, newest: &str) -> bool {
    let parts = |text: &str| -> Option<Vec<u32>> {
        text.split('.').map(|part| part.parse().ok()).collect()
    };
    matches!((parts(version), parts(newest)), (Some(version), Some(newest)) if version < newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, older) in [
            ("0.9.9", true),
            ("0.10.0", false),
            ("0.10", true),
            ("0.10.1", false),
            ("1.0.0", false),
            ("nightly", false),
            ("0.9.x", false),
        ] {
            assert_eq!(is_older(version, "0.10.0"), older, "{version}");
        }
    }

    #[test]
    fn the_last_working_day_is_before_today() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let week = [1, 2, 3, 4, 5];
        // A Monday, a Tuesday, a Sunday.
        for (today, last) in [
            ("2026-11-23", "2026-11-20"),
            ("2026-11-24", "2026-11-23"),
            ("2026-11-22", "2026-11-20"),
        ] {
            assert_eq!(last_working_day(&week, day(today)), Some(day(last)));
        }
        assert_eq!(
            last_working_day(&[1], day("2026-11-23")),
            Some(day("2026-11-16"))
        );
        assert_eq!(last_working_day(&[], day("2026-11-23")), None);
    }
}
