//! Saved reports that are made again and again, at an hour of the company's clock, and go to admins by a link.

use actix_web::{delete, put, web::Data};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use diesel::sql_types::{Array, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::{Builder, Uuid};

use super::ReportFormat;
use super::asked::instant;
use super::saved::{SavedReport, find, own};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::{Db, Scope, Tx};
use crate::http::error::Error;
use crate::http::json::{Json, Path, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Tenant};
use crate::jobs::{queue, report_files};
use crate::secrets::sha256;
use crate::tracking::days::Calendar;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(schedule_saved_report)
        .service(end_saved_report_schedule);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReportRepeats {
    Daily,
    Weekly,
    Monthly,
}

impl ReportRepeats {
    fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// When a saved report is made and to whom its link goes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportSchedule {
    repeats: ReportRepeats,
    /// Weekly: 1 is Monday. Monthly: the day, or the last one of a month that has fewer.
    #[schema(nullable = false)]
    on: Option<i16>,
    /// On the company's clock.
    hour: i16,
    format: ReportFormat,
    /// Admins of the company.
    recipients: Vec<Uuid>,
    next_at: DateTime<Utc>,
    #[schema(nullable = false)]
    last_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReportSchedule {
    repeats: ReportRepeats,
    /// Weekly: 1 is Monday. Monthly: the day, or the last one of a month that has fewer. Daily: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 31)]
    on: Option<i16>,
    /// On the company's clock. One that it skips is an hour later, one that it has twice the second.
    #[schema(minimum = 0, maximum = 23)]
    hour: i16,
    format: ReportFormat,
    /// Admins of the company.
    #[schema(min_items = 1, max_items = 20)]
    recipients: Vec<Uuid>,
}

impl NewReportSchedule {
    fn check(&self) -> Result<()> {
        let most = match self.repeats {
            ReportRepeats::Daily => 0,
            ReportRepeats::Weekly => 7,
            ReportRepeats::Monthly => 31,
        };
        let fits = match self.on {
            Some(on) => (1..=most).contains(&on),
            None => most == 0,
        };
        if !fits {
            let detail = "A weekday is 1 to 7, a day of the month 1 to 31; daily has none";
            return Err(Error::invalid("/on", "schedule_on_invalid", detail));
        }
        if !(0..24).contains(&self.hour) {
            return Err(Error::invalid(
                "/hour",
                "schedule_hour_invalid",
                "An hour is 0 to 23",
            ));
        }
        match self.recipients.len() {
            1..=20 => Ok(()),
            _ => Err(Error::invalid(
                "/recipients",
                "schedule_recipients_invalid",
                "It goes to 1 to 20 people",
            )),
        }
    }
}

/// Have a saved report of one's own made regularly.
///
/// At the hour a job makes it in one's name and mails each recipient a link, which opens for a day for whoever signs in as one
/// of them. Each of them looks at those whom the report is about, and that is noted when they fetch it.
#[utoipa::path(
    params(("saved_report_id" = Uuid, Path)),
    request_body = NewReportSchedule,
    responses((status = 200, body = SavedReport))
)]
#[put("/saved-reports/{saved_report_id}/schedule")]
async fn schedule_saved_report(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    saved: Path<Uuid>,
    body: Json<NewReportSchedule>,
) -> Result<Tagged<SavedReport>> {
    let (id, mut new) = (saved.0, body.0);
    new.check()?;
    new.recipients.sort_unstable();
    new.recipients.dedup();
    let set = move |mut tx: Tx| {
        seen.check(&own(&mut tx, id)?.version())?;
        if admins(&mut tx, &new.recipients)?.len() != new.recipients.len() {
            let detail = "A report goes to admins of the company who have access";
            return Err(Error::invalid("/recipients", "recipient_unknown", detail));
        }
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let at = next(new.repeats, new.on, new.hour, &calendar, Utc::now());
        let changed = sql_query(
            "UPDATE tenant.saved_reports SET repeats = $4, repeats_on = $5, hour = $6, format = $7, recipients = $8, next_at = $9, \
               version = version + 1, updated_at = $10 WHERE company_id = $1 AND id = $2 AND created_by = $3 \
               AND (repeats, repeats_on, hour, format, recipients) IS DISTINCT FROM ($4, $5, $6, $7, $8)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<Text, _>(new.repeats.name())
        .bind::<Nullable<SmallInt>, _>(new.on)
        .bind::<SmallInt, _>(new.hour)
        .bind::<Text, _>(new.format.name())
        .bind::<Array<SqlUuid>, _>(&new.recipients)
        .bind::<Timestamptz, _>(at)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        if changed == 0 {
            return find(&mut tx, id);
        }
        let detail = json!({ "saved_report_id": id, "repeats": new.repeats, "on": new.on, "hour": new.hour, "format": new.format,
            "recipients": new.recipients });
        audit::record(tx.again(), "saved_report.scheduled", detail)?;
        find(&mut tx, id)
    };
    state.db.tenant(&session, set).await.map(Tagged)
}

/// Have a saved report of one's own made no more.
#[utoipa::path(params(("saved_report_id" = Uuid, Path)), responses((status = 200, body = SavedReport)))]
#[delete("/saved-reports/{saved_report_id}/schedule")]
async fn end_saved_report_schedule(
    session: Tenant<Admin>,
    state: Data<State>,
    saved: Path<Uuid>,
) -> Result<Tagged<SavedReport>> {
    let id = saved.0;
    let end = move |mut tx: Tx| {
        own(&mut tx, id)?;
        let ended = sql_query(
            "UPDATE tenant.saved_reports SET repeats = NULL, repeats_on = NULL, hour = NULL, format = NULL, recipients = NULL, \
               next_at = NULL, version = version + 1, updated_at = $4 \
             WHERE company_id = $1 AND id = $2 AND created_by = $3 AND next_at IS NOT NULL",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        if ended > 0 {
            let detail = json!({ "saved_report_id": id });
            audit::record(tx.again(), "saved_report.unscheduled", detail)?;
        }
        find(&mut tx, id)
    };
    state.db.tenant(&session, end).await.map(Tagged)
}

#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Those of them who are admins of the company and have access.
fn admins(tx: &mut Tx, people: &[Uuid]) -> Result<Vec<Uuid>> {
    let found: Vec<Person> = sql_query(
        "SELECT id FROM tenant.users WHERE company_id = $1 AND id = ANY ($2) AND role = 'ADMIN' AND deactivated_at IS NULL ORDER BY id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(people)
    .load(tx.conn)?;
    Ok(found.into_iter().map(|person| person.id).collect())
}

/// The first time after an instant: once on each of its days, whatever becomes of the clocks.
fn next(
    repeats: ReportRepeats,
    on: Option<i16>,
    hour: i16,
    calendar: &Calendar,
    after: DateTime<Utc>,
) -> DateTime<Utc> {
    let is_one = |day: NaiveDate| match repeats {
        ReportRepeats::Daily => true,
        ReportRepeats::Weekly => i16::try_from(day.weekday().number_from_monday()).ok() == on,
        ReportRepeats::Monthly => {
            let wanted = on.and_then(|on| u32::try_from(on).ok()).unwrap_or(1);
            let is_last = (day + Duration::days(1)).day() == 1;
            day.day() == wanted || (is_last && day.day() < wanted)
        }
    };
    let first = calendar.day_of(after) - Duration::days(1);
    let mut days = first.iter_days().take(70).filter(|day| is_one(*day));
    let at = |day: NaiveDate| {
        let hour = u32::try_from(hour).ok();
        let local = hour.and_then(|hour| day.and_hms_opt(hour, 0, 0));
        local.map(|local| instant(local, calendar.zone_of(day)))
    };
    days.find_map(|day| at(day).filter(|at| *at > after))
        .unwrap_or(after + Duration::days(31))
}

#[derive(QueryableByName)]
struct Scheduled {
    #[diesel(sql_type = SqlUuid)]
    created_by: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Jsonb)]
    report: Value,
    #[diesel(sql_type = Text)]
    repeats: String,
    #[diesel(sql_type = Nullable<SmallInt>)]
    repeats_on: Option<i16>,
    #[diesel(sql_type = SmallInt)]
    hour: i16,
    #[diesel(sql_type = Text)]
    format: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    recipients: Vec<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    next_at: DateTime<Utc>,
}

/// Asks for the file that is due, and says when the next one is: in one transaction, so that each is made once. What fell due
/// several times while nobody looked is made once.
pub(crate) fn make_due(db: &Db, company: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    db.tenant_blocking(Scope::job(company), |mut tx| {
        let due: Option<Scheduled> = sql_query(
            "SELECT created_by, name, report, repeats, repeats_on, hour, format, recipients, next_at FROM tenant.saved_reports \
             WHERE company_id = $1 AND id = $2 AND next_at <= $3 FOR UPDATE",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn)
        .optional()?;
        let Some(due) = due else { return Ok(()) };
        let repeats = serde_json::from_value(json!(due.repeats)).map_err(anyhow::Error::from)?;
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let after = next(repeats, due.repeats_on, due.hour, &calendar, now);
        // Who is no admin any more gets nothing, and nothing is made in the name of such a one.
        let readers = admins(&mut tx, &due.recipients)?;
        let may = !admins(&mut tx, &[due.created_by])?.is_empty();
        sql_query(
            "UPDATE tenant.saved_reports SET next_at = $3, last_at = $4, recipients = $5 WHERE company_id = $1 AND id = $2",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(after)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(&readers)
        .execute(tx.conn)?;
        if readers.is_empty() || !may {
            return Ok(());
        }
        let file = of_time(id, due.next_at);
        sql_query(
            "INSERT INTO tenant.report_files (company_id, id, requested_by, name, report, format, readers) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(file)
        .bind::<SqlUuid, _>(due.created_by)
        .bind::<Text, _>(&due.name)
        .bind::<Jsonb, _>(&due.report)
        .bind::<Text, _>(&due.format)
        .bind::<Array<SqlUuid>, _>(&readers)
        .execute(tx.conn)?;
        queue::enqueue(tx.conn, &[report_files::job(tx.company, file)])
    })
}

/// The same id whoever asks for the file of that time. Those of later times sort behind it.
fn of_time(saved: Uuid, at: DateTime<Utc>) -> Uuid {
    let hash = sha256(format!("{saved} {}", at.timestamp()).as_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    #[test]
    fn it_is_due_once_on_each_of_its_days_also_when_the_clocks_are_changed() {
        let berlin = Calendar::new(vec![(NaiveDate::MIN, Tz::Europe__Berlin)]);
        let times = |repeats, on, hour, from: &str, most: usize| {
            let mut at: DateTime<Utc> = from.parse().unwrap();
            let mut found = Vec::new();
            for _ in 0..most {
                at = next(repeats, on, hour, &berlin, at);
                found.push(at.format("%m-%dT%H:%M").to_string());
            }
            found
        };
        let daily = |hour, from| times(ReportRepeats::Daily, None, hour, from, 3);
        // Half past two does not exist on 29 March and two o'clock is twice on 25 October.
        assert_eq!(
            daily(2, "2026-03-28T00:00:00Z"),
            ["03-28T01:00", "03-29T01:00", "03-30T00:00"]
        );
        assert_eq!(
            daily(2, "2026-10-23T23:00:00Z"),
            ["10-24T00:00", "10-25T01:00", "10-26T01:00"]
        );
        assert_eq!(
            daily(8, "2026-03-28T08:00:00Z"),
            ["03-29T06:00", "03-30T06:00", "03-31T06:00"]
        );
        let weekly = times(ReportRepeats::Weekly, Some(1), 8, "2026-10-19T06:00:00Z", 2);
        assert_eq!(weekly, ["10-26T07:00", "11-02T07:00"]);
        let monthly = times(
            ReportRepeats::Monthly,
            Some(31),
            0,
            "2026-01-15T00:00:00Z",
            4,
        );
        assert_eq!(
            monthly,
            ["01-30T23:00", "02-27T23:00", "03-30T22:00", "04-29T22:00"]
        );
    }
}
