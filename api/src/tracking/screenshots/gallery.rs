//! The pictures of one day, of a person or a team, and which days have any. Whose pictures an admin is shown finds that in
//! the list of who looked.

use actix_web::{get, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{access_entries, decided};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Tenant, Viewer};
use crate::tracking::days::{Calendar, Day, range};
use crate::tracking::timeline::subject;
use crate::tracking::work_sessions::SessionTask;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_screenshots).service(list_screenshot_days);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ScreenshotsQuery {
    /// A day of the company's zone; today when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    day: Option<Day>,
    /// One person; oneself when neither a person nor a team is named. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// People of one team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Only those that were blurred on the device, or only those that were not.
    #[serde(default, deserialize_with = "given")]
    blurred: Option<bool>,
    /// Only those that somebody deleted, or only those that are there.
    #[serde(default, deserialize_with = "given")]
    deleted: Option<bool>,
    /// Only those of ten minutes of which less than a fifth of what was observed was active.
    #[serde(default, deserialize_with = "given")]
    low_activity: Option<bool>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// Some pictures of a day, in the order in which they were taken.
#[derive(Debug, Serialize, ToSchema)]
struct ScreenshotsOfDay {
    day: NaiveDate,
    /// The zone of this day.
    time_zone: String,
    /// When the day begins.
    from: DateTime<Utc>,
    /// When the next day begins.
    to: DateTime<Utc>,
    /// Of days before this one pictures were deleted by age; absent where none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_from: Option<NaiveDate>,
    /// Whether the company lets admins open originals, with a reason.
    originals_shown: bool,
    /// Whether people may delete pictures of themselves.
    own_may_be_deleted: bool,
    items: Vec<Screenshot>,
    /// Ask with it for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A picture, or what is left of a deleted one. It is at `/api/screenshots/{id}/thumbnail`, of others blurred, and its original
/// at `…/original`.
#[derive(Debug, Serialize, ToSchema)]
struct Screenshot {
    id: Uuid,
    user_id: Uuid,
    user_name: String,
    taken_at: DateTime<Utc>,
    /// Which display, counted from 0.
    display: i16,
    /// Blurred on the device, before it was sent: no original exists.
    blurred: bool,
    width: i32,
    height: i32,
    /// What it takes of the company's storage.
    bytes: i64,
    /// When its ten minutes of the day begin.
    slot_from: DateTime<Utc>,
    /// What was observed of these ten minutes.
    tracked_seconds: i64,
    active_seconds: i64,
    /// Which application was in front.
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    /// Its window's title, where titles are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// What was worked on: the task of the session in which it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<SessionTask>,
    /// Absent where the picture is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion: Option<ScreenshotDeletion>,
}

/// Who deleted a picture, and why.
#[derive(Debug, Serialize, ToSchema)]
struct ScreenshotDeletion {
    at: DateTime<Utc>,
    /// The name at that time.
    by: String,
    reason: String,
}

/// List the pictures of a day.
///
/// EMPLOYEE: the own ones only. Whose pictures an ADMIN is shown finds a note of it.
#[utoipa::path(params(ScreenshotsQuery), responses((status = 200, body = ScreenshotsOfDay)))]
#[get("/screenshots")]
async fn list_screenshots(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<ScreenshotsQuery>,
) -> Result<Json<ScreenshotsOfDay>> {
    let query = query.0;
    let whose = Whose::of(&session, query.user_id, query.team_id)?;
    let limit = limit_of(query.limit, 50)?;
    let list = format!(
        "screenshots {} {whose:?} {:?} {:?} {:?} {:?}",
        session.company.id, query.day, query.blurred, query.deleted, query.low_activity
    );
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let day = query.day.map_or_else(|| calendar.today(), |Day(day)| day);
        let (from, to) = calendar.range(day);
        let people = whose.people(&mut tx)?;
        let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
        let rows = load(&mut tx, &query, &ids, (from, to), after, limit + 1)?;
        let position = |row: &Row| (row.taken_at, row.id);
        let page = Page::cut(rows, limit, &secrets, &list, position)?;
        let shown = page.items.iter().map(|row| row.user_id);
        whose.note(&mut tx, shown, day)?;
        let names = |id: Uuid| people.iter().find(|person| person.id == id);
        let page = page.map(|row| {
            let name = names(row.user_id).map(|person| person.name.clone());
            row.named(name.unwrap_or_default())
        });
        let decided = decided(&mut tx)?;
        Ok(ScreenshotsOfDay {
            day,
            time_zone: calendar.zone_of(day).name().to_owned(),
            from,
            to,
            kept_from: decided.kept_from,
            originals_shown: decided.originals_shown,
            own_may_be_deleted: decided.own_may_go,
            items: page.items,
            next_cursor: page.next_cursor,
        })
    };
    state.db.tenant(&session, read).await.map(Json)
}

/// A person, or a team's people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose {
    person: Option<Uuid>,
    team: Option<Uuid>,
}

#[derive(QueryableByName)]
pub(super) struct Person {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
}

impl Whose {
    pub(super) fn of(
        session: &Tenant<Viewer>,
        user: Option<Uuid>,
        team: Option<Uuid>,
    ) -> Result<Self> {
        let is_team = user.is_none() && team.is_some();
        let person = match is_team {
            true => None,
            false => Some(subject(session, user)?),
        };
        Ok(Self { person, team })
    }

    /// Who is not there is 404; a team that is not there has nobody.
    pub(super) fn people(&self, tx: &mut Tx) -> Result<Vec<Person>> {
        let people: Vec<Person> = sql_query(
            "SELECT id, name FROM tenant.users \
             WHERE company_id = $1 AND ($2 IS NULL OR id = $2) AND ($3 IS NULL OR team_id = $3) ORDER BY id",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(self.person)
        .bind::<Nullable<SqlUuid>, _>(self.team)
        .load(tx.conn)?;
        match (self.person, self.team) {
            (Some(_), None) if people.is_empty() => Err(Error::NotFound),
            _ => Ok(people),
        }
    }

    pub(super) fn is_one(&self) -> bool {
        self.person.is_some()
    }

    /// Who asks for a person has looked, also where there is nothing; of a team those who were shown.
    pub(super) fn note(
        &self,
        tx: &mut Tx,
        shown: impl Iterator<Item = Uuid>,
        day: NaiveDate,
    ) -> Result<()> {
        let mut looks: Vec<_> = match (self.person, self.team) {
            (Some(person), None) => vec![(person, day)],
            _ => shown.map(|person| (person, day)).collect(),
        };
        looks.sort_unstable();
        looks.dedup();
        access_entries::note_days(tx, &looks, "gallery")
    }
}

/// The last picture of the page before.
type Position = (DateTime<Utc>, Uuid);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    taken_at: DateTime<Utc>,
    #[diesel(sql_type = SmallInt)]
    display: i16,
    #[diesel(sql_type = Bool)]
    blurred: bool,
    #[diesel(sql_type = Integer)]
    width: i32,
    #[diesel(sql_type = Integer)]
    height: i32,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    #[diesel(sql_type = Timestamptz)]
    slot_from: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    tracked_seconds: i64,
    #[diesel(sql_type = BigInt)]
    active_seconds: i64,
    #[diesel(sql_type = Nullable<Text>)]
    app: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    task_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    task_title: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    deleted_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    deleted_by_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    deleted_reason: Option<String>,
}

impl Row {
    fn named(self, user_name: String) -> Screenshot {
        let deletion = self.deleted_at.map(|at| ScreenshotDeletion {
            at,
            by: self.deleted_by_name.unwrap_or_default(),
            reason: self.deleted_reason.unwrap_or_default(),
        });
        Screenshot {
            id: self.id,
            user_id: self.user_id,
            user_name,
            taken_at: self.taken_at,
            display: self.display,
            blurred: self.blurred,
            width: self.width,
            height: self.height,
            bytes: self.bytes,
            slot_from: self.slot_from,
            tracked_seconds: self.tracked_seconds,
            active_seconds: self.active_seconds,
            app: self.app.filter(|app| !app.is_empty()),
            title: self.title.filter(|title| !title.is_empty()),
            task: SessionTask::of(self.task_id, self.task_title),
            deletion,
        }
    }
}

/// What was observed of the ten minutes of the day of `s`, such as those in which a picture was taken: a minute of two devices
/// counts once. `$2` is when the day begins, `$3` when it ends.
pub(super) const OBSERVED: &str = "\
    SELECT coalesce(sum(m.tracked), 0)::bigint AS tracked_seconds, coalesce(sum(m.active), 0)::bigint AS active_seconds \
    FROM (SELECT max(d.tracked) AS tracked, max(d.active) AS active FROM (\
      SELECT date_trunc('minute', a.started_at) AS minute, least(60, sum(a.active_seconds + a.idle_seconds)) AS tracked, \
        least(60, sum(a.active_seconds)) AS active \
      FROM tenant.activity_log a LEFT JOIN tenant.work_sessions w ON w.company_id = $1 AND w.id = a.session_id \
      WHERE a.company_id = $1 AND a.user_id = s.user_id AND a.started_at >= s.slot_from AND a.started_at >= $2 \
        AND a.started_at < s.slot_from + interval '10 minutes' AND a.started_at < $3 AND w.excluded_at IS NULL \
        AND (w.counted_from IS NULL OR a.started_at >= w.counted_from) AND (w.counted_to IS NULL OR a.started_at < w.counted_to) \
      GROUP BY 1, coalesce(w.device_id, a.session_id)) d GROUP BY d.minute) m";

fn load(
    tx: &mut Tx,
    query: &ScreenshotsQuery,
    people: &[Uuid],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Row>> {
    // What is looked up of a picture is looked up for a page, and of all of a day only where it is filtered by.
    let text = format!(
        "SELECT s.id, s.user_id, s.taken_at, s.display, s.blurred, s.width, s.height, s.bytes, s.slot_from, o.tracked_seconds, \
           o.active_seconds, f.app, f.title, n.task_id, k.title AS task_title, s.deleted_at, s.deleted_by_name, s.deleted_reason \
         FROM (SELECT s.* FROM (SELECT p.*, $2 + floor(extract(epoch FROM p.taken_at - $2) / 600) * interval '10 minutes' AS slot_from \
             FROM tenant.screenshots p WHERE p.company_id = $1 AND p.user_id = ANY ($4) AND p.taken_at >= $2 AND p.taken_at < $3 \
               AND (p.state = 'ready' OR p.deleted_at IS NOT NULL) AND ($5 IS NULL OR p.blurred = $5) \
               AND ($6 IS NULL OR (p.deleted_at IS NOT NULL) = $6) AND ($7 IS NULL OR (p.taken_at, p.id) > ($7, $8))) s \
           WHERE CASE WHEN $9 THEN (SELECT o.tracked_seconds > 0 AND o.active_seconds * 5 < o.tracked_seconds FROM ({OBSERVED}) o) \
             ELSE true END \
           ORDER BY s.taken_at, s.id LIMIT $10) s \
         CROSS JOIN LATERAL ({OBSERVED}) o \
         LEFT JOIN LATERAL (SELECT CASE WHEN i.started_at + make_interval(secs => i.seconds) >= s.taken_at THEN i.app END AS app, \
             CASE WHEN i.started_at + make_interval(secs => i.seconds) >= s.taken_at THEN i.title END AS title \
           FROM tenant.application_usage i WHERE i.company_id = $1 AND i.user_id = s.user_id AND i.started_at <= s.taken_at \
             AND i.started_at >= $2 - interval '1 day' AND i.started_at < $3 ORDER BY i.started_at DESC LIMIT 1) f ON true \
         LEFT JOIN tenant.work_sessions n ON n.company_id = $1 AND n.id = s.session_id \
         LEFT JOIN tenant.tasks k ON k.company_id = $1 AND k.id = n.task_id \
         ORDER BY s.taken_at, s.id"
    );
    let (after, after_id) = after.unzip();
    Ok(sql_query(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Nullable<Bool>, _>(query.blurred)
        .bind::<Nullable<Bool>, _>(query.deleted)
        .bind::<Nullable<Timestamptz>, _>(after)
        .bind::<Nullable<SqlUuid>, _>(after_id)
        .bind::<Bool, _>(query.low_activity == Some(true))
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ScreenshotDaysQuery {
    /// A day of the company's zone; 29 days before `to` when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    /// Today when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// One person; oneself when neither a person nor a team is named. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// People of one team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
}

/// Days that have pictures, counted by the sums of the days, which are at most a minute behind.
#[derive(Debug, Serialize, ToSchema)]
struct ScreenshotDays {
    from: NaiveDate,
    to: NaiveDate,
    items: Vec<ScreenshotDay>,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct ScreenshotDay {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    screenshots: i64,
}

/// List the days that have pictures.
///
/// EMPLOYEE: the own ones only. A person whose days alone an ADMIN is told finds a note of it.
#[utoipa::path(params(ScreenshotDaysQuery), responses((status = 200, body = ScreenshotDays)))]
#[get("/screenshots/days")]
async fn list_screenshot_days(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<ScreenshotDaysQuery>,
) -> Result<Json<ScreenshotDays>> {
    let query = query.0;
    let whose = Whose::of(&session, query.user_id, query.team_id)?;
    let read = move |mut tx: Tx| {
        let today = Calendar::load(tx.conn, tx.company)?.today();
        let (from, to) = range(query.from, query.to, today)?;
        let people = whose.people(&mut tx)?;
        let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
        let kept_from = decided(&mut tx)?.kept_from;
        let rows: Vec<DayRow> = sql_query(
            "SELECT day, sum(screenshots)::bigint AS screenshots, array_agg(user_id) AS people FROM tenant.user_usage_daily \
             WHERE company_id = $1 AND user_id = ANY ($2) AND day BETWEEN greatest($3, $5) AND $4 AND screenshots > 0 \
             GROUP BY day ORDER BY day",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Array<SqlUuid>, _>(&ids)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .bind::<Nullable<Date>, _>(kept_from)
        .load(tx.conn)?;
        let mut seen: Vec<Uuid> = rows.iter().flat_map(|row| row.people.clone()).collect();
        seen.sort_unstable();
        seen.dedup();
        // What is one person's alone is theirs, also where a team was asked for.
        let alone = if seen.len() == 1 { seen } else { Vec::new() };
        whose.note(&mut tx, alone.into_iter(), to)?;
        let items = rows.into_iter().map(|row| row.counted).collect();
        Ok(ScreenshotDays { from, to, items })
    };
    state.db.tenant(&session, read).await.map(Json)
}

#[derive(QueryableByName)]
struct DayRow {
    #[diesel(embed)]
    counted: ScreenshotDay,
    #[diesel(sql_type = Array<SqlUuid>)]
    people: Vec<Uuid>,
}
