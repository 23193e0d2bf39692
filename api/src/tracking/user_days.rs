//! A person's days, summed from the raw rows: the one definition of what is counted, for roll-ups and the timeline.
//!
//! A minute of two devices counts once, as the longer of them. Applications and hosts are clipped to what their own
//! device observed in the minute, so together they may add up to more than the tracked time; categories share the tracked
//! time among them. Sessions that an admin excluded do not count at all, and cut ones as far as they were left.

mod categories;
pub mod manual;
pub mod months;
mod names;
mod tasks;

use std::sync::LazyLock;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Array, BigInt, Date, Integer, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl};
use uuid::Uuid;

use super::days::Calendar;
use super::kept::Kept;
use crate::Result;
use crate::db::statement::{Statement, statement};

/// How many days one statement sums.
const AT_ONCE: usize = 31;
/// An item is at most this long, so one that reaches into a day began no earlier.
pub(crate) const LONGEST_ITEM: Duration = Duration::hours(24);
/// Days and their borders, bounded as a whole so that partitions outside are not looked at.
struct Span {
    days: Vec<NaiveDate>,
    from: Vec<DateTime<Utc>>,
    to: Vec<DateTime<Utc>>,
    /// When the local hours of these days begin, and which they are.
    hours_from: Vec<DateTime<Utc>>,
    hours: Vec<i16>,
}

impl Span {
    fn new(calendar: &Calendar, days: &[NaiveDate]) -> Self {
        let (from, to) = days.iter().map(|day| calendar.range(*day)).unzip();
        let mut hours: Vec<_> = days.iter().flat_map(|day| calendar.hours(*day)).collect();
        // Days overlap by an hour where a company moved over the date line, and what is searched must be in order.
        hours.sort_by_key(|(from, _)| *from);
        let (hours_from, hours) = hours.into_iter().unzip();
        Self {
            days: days.to_vec(),
            from,
            to,
            hours_from,
            hours,
        }
    }

    fn first(&self) -> DateTime<Utc> {
        self.from.iter().min().copied().unwrap_or_default()
    }

    fn last(&self) -> DateTime<Utc> {
        self.to.iter().max().copied().unwrap_or_default()
    }
}

/// Whether what began at `a.started_at` counts, of a session `s` that an admin may have excluded or cut.
pub(crate) const COUNTS: &str = "s.excluded_at IS NULL AND (s.counted_from IS NULL OR a.started_at >= s.counted_from) \
    AND (s.counted_to IS NULL OR a.started_at < s.counted_to)";

// $1 company, $2 person, $3-$5 days and borders, $6 and $7 the first and last border.
static DEVICE_MINUTES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "days AS (SELECT * FROM unnest($3, $4, $5) AS d (day, from_at, to_at)), \
    device_minutes AS (SELECT d.day, coalesce(s.device_id, a.session_id) AS device, date_trunc('minute', a.started_at) AS minute, \
      least(60, sum(a.active_seconds)) AS active, least(60, sum(a.active_seconds + a.idle_seconds)) AS tracked, \
      sum(a.keystrokes) AS keystrokes, sum(a.mouse_events) AS mouse_events, count(*) AS events \
    FROM tenant.activity_log a JOIN days d ON a.started_at >= d.from_at AND a.started_at < d.to_at \
    LEFT JOIN tenant.work_sessions s ON s.company_id = $1 AND s.id = a.session_id \
    WHERE a.company_id = $1 AND a.user_id = $2 AND a.started_at >= $6 AND a.started_at < $7 AND {COUNTS} \
    GROUP BY 1, 2, 3), \
    minutes AS (SELECT day, minute, max(active) AS active, max(tracked) AS tracked, sum(keystrokes) AS keystrokes, \
      sum(mouse_events) AS mouse_events, sum(events) AS events FROM device_minutes GROUP BY 1, 2)"
    )
});

/// One minute of a person, whatever the number of devices.
#[derive(Debug, Clone, QueryableByName)]
pub struct Minute {
    #[diesel(sql_type = Timestamptz)]
    pub minute: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub active: i64,
    #[diesel(sql_type = BigInt)]
    pub tracked: i64,
    #[diesel(sql_type = BigInt)]
    pub keystrokes: i64,
    #[diesel(sql_type = BigInt)]
    pub mouse_events: i64,
}

/// The minutes of one day in their order.
pub fn minutes(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    calendar: &Calendar,
    day: NaiveDate,
) -> Result<Vec<Minute>> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "WITH {} SELECT minute, active::bigint, tracked::bigint, keystrokes::bigint, mouse_events::bigint \
             FROM minutes WHERE tracked > 0 ORDER BY minute",
            *DEVICE_MINUTES
        )
    });
    let span = Span::new(calendar, &[day]);
    Ok(bound(&TEXT, company, user, &span).load(conn)?)
}

/// All days from the first to the last.
pub fn each_day(first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    first.iter_days().take_while(|day| *day <= last).collect()
}

/// Waits for whoever sums this person's days, and keeps everyone else from it.
pub(crate) fn wait_for(conn: &mut PgConnection, company: Uuid, user: Uuid) -> Result<()> {
    statement("SELECT id FROM tenant.users WHERE company_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .execute(conn)?;
    Ok(())
}

/// Writes whole days anew, as far as their raw rows are there. Done again it changes nothing.
pub fn recompute(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    calendar: &Calendar,
    days: &[NaiveDate],
) -> Result<()> {
    let kept = Kept::load(conn, company)?;
    let days = with_records(&kept, days);
    for days in runs(&days) {
        let span = Span::new(calendar, days);
        let pictures = gone_pictures(conn, company, user, &kept, days)?;
        forget(conn, company, user, days)?;
        bound(&USER_DAYS, company, user, &span)
            .bind::<Array<Timestamptz>, _>(&span.hours_from)
            .bind::<Array<SmallInt>, _>(&span.hours)
            .execute(conn)?;
        let observed = names::observed(conn, company, user, &span)?;
        names::write(conn, company, user, &observed)?;
        categories::write(conn, company, user, &observed)?;
        tasks::write(conn, company, user, &span)?;
        manual::write(conn, company, user, &span)?;
        put_back(conn, company, user, &pictures)?;
    }
    months::write(conn, company, user, &days)
}

/// Writes the categories of whole days anew, as far as their raw rows are there, and nothing else of them.
pub(crate) fn reclassify(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    calendar: &Calendar,
    days: &[NaiveDate],
) -> Result<()> {
    let days = with_records(&Kept::load(conn, company)?, days);
    for days in runs(&days) {
        let observed = names::observed(conn, company, user, &Span::new(calendar, days))?;
        categories::forget(conn, company, user, days)?;
        categories::write(conn, company, user, &observed)?;
    }
    Ok(())
}

fn with_records(kept: &Kept, days: &[NaiveDate]) -> Vec<NaiveDate> {
    let days = days.iter().copied();
    days.filter(|day| kept.has_all_of(*day)).collect()
}

/// Days that lie far apart are summed apart: a statement reads everything between its borders.
fn runs(days: &[NaiveDate]) -> impl Iterator<Item = &[NaiveDate]> {
    days.chunk_by(|one, next| one.checked_add_days(Days::new(1)) == Some(*next))
        .flat_map(|run| run.chunks(AT_ONCE))
}

/// What a day counted of pictures that are kept no longer.
#[derive(QueryableByName)]
struct Pictures {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Integer)]
    screenshots: i32,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn gone_pictures(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    kept: &Kept,
    days: &[NaiveDate],
) -> Result<Vec<Pictures>> {
    let days: Vec<NaiveDate> = (days.iter().copied())
        .filter(|day| !kept.has_screenshots_of(*day))
        .collect();
    if days.is_empty() {
        return Ok(Vec::new());
    }
    Ok(statement(
        "SELECT day, screenshots, screenshot_bytes AS bytes FROM tenant.user_usage_daily \
         WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3) AND screenshots > 0",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Date>, _>(days)
    .load(conn)?)
}

fn put_back(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    pictures: &[Pictures],
) -> Result<()> {
    if pictures.is_empty() {
        return Ok(());
    }
    let days: Vec<NaiveDate> = pictures.iter().map(|one| one.day).collect();
    let counts: Vec<i32> = pictures.iter().map(|one| one.screenshots).collect();
    let bytes: Vec<i64> = pictures.iter().map(|one| one.bytes).collect();
    statement(
        "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, \
           keystrokes, mouse_events, sessions, screenshots, screenshot_bytes, events) \
         SELECT $1, $2, p.day, 0, 0, 0, 0, 0, 0, p.screenshots, p.bytes, 0 FROM unnest($3, $4, $5) AS p (day, screenshots, bytes) \
         ON CONFLICT (company_id, user_id, day) DO UPDATE \
           SET screenshots = excluded.screenshots, screenshot_bytes = excluded.screenshot_bytes",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Date>, _>(days)
    .bind::<Array<Integer>, _>(counts)
    .bind::<Array<BigInt>, _>(bytes)
    .execute(conn)?;
    Ok(())
}

fn forget(conn: &mut PgConnection, company: Uuid, user: Uuid, days: &[NaiveDate]) -> Result<()> {
    statement(
        "WITH apps AS (DELETE FROM tenant.user_app_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3)), \
         hosts AS (DELETE FROM tenant.user_host_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3)), \
         tasks AS (DELETE FROM tenant.user_task_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3)), \
         categories AS (DELETE FROM tenant.user_category_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3)) \
         DELETE FROM tenant.user_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Date>, _>(days)
    .execute(conn)?;
    Ok(())
}

/// Hours of a local day, whatever the clock does.
const HOURS: usize = 24;

/// The list of what the expression gives for each hour of the day, `{}`.
pub(super) fn each_hour(of: &str) -> String {
    let elements: Vec<String> = (0..HOURS)
        .map(|hour| of.replace("{}", &hour.to_string()))
        .collect();
    format!("ARRAY[{}]", elements.join(", "))
}

// $8 and $9 are when the hours of these days begin, and which they are.
static USER_DAYS: LazyLock<String> = LazyLock::new(user_days);

fn user_days() -> String {
    let started = |table: &str, at: &str, sums: &str, also: &str| {
        format!(
            "(SELECT d.day, {sums} FROM tenant.{table} r JOIN days d ON r.{at} >= d.from_at AND r.{at} < d.to_at \
             WHERE r.company_id = $1 AND r.user_id = $2 AND r.{at} >= $6 AND r.{at} < $7{also} GROUP BY 1)"
        )
    };
    let by_hour = each_hour("coalesce(sum(tracked::integer) FILTER (WHERE hour = {}), 0)");
    let apps = started("application_usage", "started_at", "count(*) AS events", "");
    let sites = started("website_usage", "started_at", "count(*) AS events", "");
    let sessions = started(
        "work_sessions",
        "started_at",
        "count(*) AS sessions",
        " AND r.excluded_at IS NULL",
    );
    let shots = started(
        "screenshots",
        "taken_at",
        "count(*) AS screenshots, sum(r.bytes) AS bytes",
        " AND r.state = 'ready'",
    );
    let minutes = &*DEVICE_MINUTES;
    format!(
        "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, \
           keystrokes, mouse_events, sessions, screenshots, screenshot_bytes, events, first_at, last_at, tracked_by_hour) \
         WITH {minutes}, \
         observed AS (SELECT day, sum(tracked) AS tracked, sum(active) AS active, sum(keystrokes) AS keystrokes, \
           sum(mouse_events) AS mouse_events, sum(events) AS events, min(minute) FILTER (WHERE tracked > 0) AS first_at, \
           max(minute) FILTER (WHERE tracked > 0) AS last_at, {by_hour}::smallint[] AS by_hour \
           FROM (SELECT m.*, ($9)[width_bucket(m.minute, $8)] AS hour FROM minutes m) minutes GROUP BY 1), \
         apps AS {apps}, sites AS {sites}, sessions AS {sessions}, shots AS {shots} \
         SELECT $1, $2, d.day, coalesce(o.tracked, 0), coalesce(o.active, 0), coalesce(o.tracked - o.active, 0), \
           least(coalesce(o.keystrokes, 0), 2147483647), least(coalesce(o.mouse_events, 0), 2147483647), \
           coalesce(w.sessions, 0), coalesce(p.screenshots, 0), coalesce(p.bytes, 0), \
           coalesce(o.events, 0) + coalesce(a.events, 0) + coalesce(h.events, 0), o.first_at, o.last_at, \
           coalesce(o.by_hour, array_fill(0::smallint, ARRAY[{HOURS}])) \
         FROM days d LEFT JOIN observed o USING (day) LEFT JOIN apps a USING (day) LEFT JOIN sites h USING (day) \
         LEFT JOIN sessions w USING (day) LEFT JOIN shots p USING (day) \
         WHERE coalesce(o.events, a.events, h.events, w.sessions, p.screenshots) IS NOT NULL \
         ON CONFLICT (company_id, user_id, day) DO NOTHING"
    )
}

fn bound<'a>(
    text: &'static str,
    company: Uuid,
    user: Uuid,
    span: &'a Span,
) -> Statement<impl QueryFragment<Pg> + 'a> {
    statement(text)
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .bind::<Array<Date>, _>(&span.days)
        .bind::<Array<Timestamptz>, _>(&span.from)
        .bind::<Array<Timestamptz>, _>(&span.to)
        .bind::<Timestamptz, _>(span.first())
        .bind::<Timestamptz, _>(span.last())
}
