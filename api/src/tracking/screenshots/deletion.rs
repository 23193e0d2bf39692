//! Deleting a picture, with a reason that its person reads. The files go for good. Its row stays, without them, as long as the
//! picture would have been kept: it says who deleted it and why. Tracked and active time do not come from pictures and stay;
//! the day's count of pictures goes down, and the audit entry says from what to what. Where the company allows it people delete
//! their own: their role may write neither sums nor audit entries, so a job does in their name.

use actix_web::{post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Date, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::decided;
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Path};
use crate::http::session::{Employee, Tenant};
use crate::http::text::Line;
use crate::http::token::Role;
use crate::jobs::{deleted_screenshots, own_screenshots, queue, usage_daily};
use crate::tracking::days::Calendar;
use crate::tracking::kept::Kept;
use crate::tracking::user_days;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(delete_screenshot);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScreenshotReason {
    /// The person reads it, and so do admins.
    reason: Line<500>,
}

/// What that changed.
#[derive(Debug, Serialize, ToSchema)]
struct DeletedScreenshot {
    id: Uuid,
    deleted_at: DateTime<Utc>,
    /// Pictures of the person's day.
    screenshots_before: i32,
    screenshots_after: i32,
    /// What the company's storage gets back.
    bytes: i64,
}

/// Delete a screenshot: its files go for good, and nobody can take that back.
///
/// Tracked and active time stay as they are. The person reads who deleted it and why. EMPLOYEE: an own one, where the company
/// allows it; else 403 `own_screenshots_stay`.
#[utoipa::path(
    params(("screenshot_id" = Uuid, Path)),
    request_body = ScreenshotReason,
    responses((status = 200, body = DeletedScreenshot))
)]
#[post("/screenshots/{screenshot_id}/delete")]
async fn delete_screenshot(
    session: Tenant<Employee>,
    state: Data<State>,
    screenshot: Path<Uuid>,
    body: Json<ScreenshotReason>,
) -> Result<Json<DeletedScreenshot>> {
    let ScreenshotReason {
        reason: Line(reason),
    } = body.0;
    let delete = match session.role {
        Role::Admin => delete,
        _ => delete_own,
    };
    let delete = move |mut tx: Tx| delete(&mut tx, screenshot.0, &reason);
    state.db.tenant(&session, delete).await.map(Json)
}

#[derive(QueryableByName)]
struct Picture {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    taken_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn delete(tx: &mut Tx, id: Uuid, reason: &str) -> Result<DeletedScreenshot> {
    let seen = find(tx, id, "")?;
    // Nobody else sums the person's days until the transaction ends, and of two who delete it one comes too late.
    user_days::wait_for(tx.conn, tx.company, seen.user_id)?;
    let picture = find(tx, id, " FOR UPDATE")?;
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let day = calendar.day_of(picture.taken_at);
    let is_summed = Kept::load(tx.conn, tx.company)?.has_all_of(day);
    if is_summed {
        // Sums may be seconds behind what came in.
        user_days::recompute(tx.conn, tx.company, picture.user_id, &calendar, &[day])?;
    }
    let before = count(tx, picture.user_id, day)?;
    let deleted_at = mark(tx, id, reason)?;
    if is_summed {
        user_days::recompute(tx.conn, tx.company, picture.user_id, &calendar, &[day])?;
    } else {
        take_one(tx, &picture, day)?;
    }
    let after = count(tx, picture.user_id, day)?;
    let counted = Counted {
        id,
        day,
        before,
        after,
    };
    counted.write_down(tx, &picture, Uuid::now_v7(), reason)?;
    Ok(DeletedScreenshot {
        id,
        deleted_at,
        screenshots_before: before,
        screenshots_after: after,
        bytes: picture.bytes,
    })
}

/// One of the own pictures. The database looks at the company's setting once more, whatever is asked here.
fn delete_own(tx: &mut Tx, id: Uuid, reason: &str) -> Result<DeletedScreenshot> {
    let picture = find(tx, id, "")?;
    if !decided(tx)?.own_may_go {
        return Err(Error::OwnScreenshotsStay);
    }
    find(tx, id, " FOR UPDATE")?;
    let deleted_at = mark(tx, id, reason)?;
    let day = Calendar::load(tx.conn, tx.company)?.day_of(picture.taken_at);
    let before = count(tx, tx.user, day)?;
    queue::enqueue(tx.conn, &[own_screenshots::job(tx.company, tx.user, id)])?;
    Ok(DeletedScreenshot {
        id,
        deleted_at,
        screenshots_before: before,
        screenshots_after: (before - 1).max(0),
        bytes: picture.bytes,
    })
}

#[derive(QueryableByName)]
struct Deleted {
    #[diesel(embed)]
    picture: Picture,
    #[diesel(sql_type = Text, column_name = deleted_reason)]
    reason: String,
}

/// What follows from one that its person deleted: once, by the id of its audit entry.
pub(crate) fn account_for(mut tx: Tx, entry: Uuid, id: Uuid) -> Result<()> {
    user_days::wait_for(tx.conn, tx.company, tx.user)?;
    let deleted: Option<Deleted> = sql_query(
        "SELECT user_id, taken_at, bytes, deleted_reason FROM tenant.screenshots \
         WHERE company_id = $1 AND id = $2 AND deleted_at IS NOT NULL FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)
    .optional()?;
    // Gone with its age, or with its person, in between.
    let Some(Deleted { picture, reason }) = deleted else {
        return Ok(());
    };
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let day = calendar.day_of(picture.taken_at);
    let is_summed = Kept::load(tx.conn, tx.company)?.has_all_of(day);
    let after = match is_summed {
        true => {
            user_days::recompute(tx.conn, tx.company, picture.user_id, &calendar, &[day])?;
            count(&mut tx, picture.user_id, day)?
        }
        false => (count(&mut tx, picture.user_id, day)? - 1).max(0),
    };
    let counted = Counted {
        id,
        day,
        before: after + 1,
        after,
    };
    if counted.write_down(&mut tx, &picture, entry, &reason)? && !is_summed {
        take_one(&mut tx, &picture, day)?;
    }
    Ok(())
}

/// A deletion, and pictures of that day.
struct Counted {
    id: Uuid,
    day: NaiveDate,
    before: i32,
    after: i32,
}

impl Counted {
    /// Has the files deleted and the company's day summed anew. False: an entry of that id says so already.
    fn write_down(&self, tx: &mut Tx, of: &Picture, entry: Uuid, reason: &str) -> Result<bool> {
        let jobs = [
            deleted_screenshots::job(tx.company, self.id),
            usage_daily::job(tx.company, self.day),
        ];
        queue::enqueue(tx.conn, &jobs)?;
        let detail = json!({ "screenshot_id": self.id, "user_id": of.user_id, "taken_at": of.taken_at, "reason": reason,
            "screenshots": { "before": self.before, "after": self.after }, "bytes": of.bytes });
        audit::record_once(tx.again(), entry, "screenshot.deleted", detail)
    }
}

/// In the name of who asks.
fn mark(tx: &mut Tx, id: Uuid, reason: &str) -> Result<DateTime<Utc>> {
    let deleted_at = Utc::now();
    sql_query(
        "UPDATE tenant.screenshots s SET state = 'deleted', deleted_at = $3, deleted_by = u.id, deleted_by_name = u.name, \
           deleted_reason = $5 FROM tenant.users u \
         WHERE s.company_id = $1 AND s.id = $2 AND s.state = 'ready' AND u.company_id = $1 AND u.id = $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(deleted_at)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(reason)
    .execute(tx.conn)?;
    Ok(deleted_at)
}

/// The picture, or 404.
fn find(tx: &mut Tx, id: Uuid, lock: &str) -> Result<Picture> {
    Ok(sql_query(format!(
        "SELECT user_id, taken_at, bytes FROM tenant.screenshots WHERE company_id = $1 AND id = $2 AND state = 'ready'{lock}"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?)
}

/// Of a day that nobody can sum again, as its raw rows are gone and its pictures are not.
fn take_one(tx: &mut Tx, picture: &Picture, day: NaiveDate) -> Result<()> {
    sql_query(
        "UPDATE tenant.user_usage_daily SET screenshots = greatest(0, screenshots - 1), \
           screenshot_bytes = greatest(0, screenshot_bytes - $4) WHERE company_id = $1 AND user_id = $2 AND day = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(picture.user_id)
    .bind::<Date, _>(day)
    .bind::<BigInt, _>(picture.bytes)
    .execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Integer)]
    screenshots: i32,
}

fn count(tx: &mut Tx, user: Uuid, day: NaiveDate) -> Result<i32> {
    let count: Option<Count> = sql_query(
        "SELECT screenshots FROM tenant.user_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .bind::<Date, _>(day)
    .get_result(tx.conn)
    .optional()?;
    Ok(count.map_or(0, |count| count.screenshots))
}
