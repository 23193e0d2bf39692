//! What a work session becomes by a sign of it. Signs may come in any order and more than once: starts only move
//! back, ends that were merely assumed only move on, and an end that the agent told stands.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::Result;
use crate::db::Tx;

/// No sign of life came for a while, or the session is known by its items only.
pub(crate) const SILENT: &str = "silent";
/// Another session began on the device.
pub(crate) const SUPERSEDED: &str = "superseded";
/// A session that was given up is open again when a sign of it is as fresh as this.
const FRESH: Duration = Duration::minutes(15);

/// Something that tells of a session.
#[derive(Debug, Clone)]
pub(crate) struct Sign {
    pub id: Uuid,
    /// When it began, where the sign says so.
    pub from: Option<DateTime<Utc>>,
    pub until: DateTime<Utc>,
    pub says: Says,
    /// What it is for, where the sign says so: a task that the person may name.
    pub task: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Says {
    /// It goes on.
    Open,
    /// It has ended, and why.
    Over(String),
    /// Something was recorded in it.
    Worked,
}

impl Sign {
    pub(crate) fn start(&self) -> DateTime<Utc> {
        self.from.unwrap_or(self.until)
    }
}

/// What the sign changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    New,
    Changed,
    Known,
    /// The id is in use by another person of the company.
    Foreign,
}

#[derive(Debug, Clone, PartialEq, QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    device_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    end_reason: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    last_seen_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    task_id: Option<Uuid>,
}

impl Row {
    fn first(device_id: Uuid, sign: &Sign) -> Self {
        let started_at = sign.start();
        let (ended_at, end_reason) = match &sign.says {
            Says::Open => (None, None),
            Says::Over(reason) => (Some(sign.until), Some(reason.clone())),
            Says::Worked => (Some(sign.until), Some(SILENT.into())),
        };
        Self {
            id: sign.id,
            device_id,
            started_at,
            ended_at,
            end_reason,
            last_seen_at: sign.until,
            task_id: sign.task,
        }
    }

    fn is(&self, reason: &str) -> bool {
        self.end_reason.as_deref() == Some(reason)
    }

    /// Ended for want of better knowledge.
    fn is_assumed(&self) -> bool {
        self.is(SILENT) || self.is(SUPERSEDED)
    }

    fn close(&mut self, at: DateTime<Utc>, reason: &str) {
        self.ended_at = Some(at.max(self.started_at));
        self.end_reason = Some(reason.into());
    }

    /// The session after the sign. `is_free`: the device has no other open session.
    fn after(&self, sign: &Sign, is_free: bool, now: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        // Told once it stands: another task is another session's.
        next.task_id = self.task_id.or(sign.task);
        if let Some(from) = sign.from
            && (sign.says != Says::Worked || self.is(SILENT))
        {
            next.started_at = self.started_at.min(from);
        }
        if self.ended_at.is_some() && !self.is_assumed() {
            return next;
        }
        next.last_seen_at = self.last_seen_at.max(sign.until);
        let may_open = self.is(SILENT) && is_free && sign.until > now - FRESH;
        match &sign.says {
            Says::Over(reason) => next.close(sign.until, reason),
            Says::Open if may_open => (next.ended_at, next.end_reason) = (None, None),
            _ if self.is_assumed() => next.ended_at = self.ended_at.max(Some(sign.until)),
            _ => {}
        }
        next
    }
}

/// Takes a sign in, for a session of this person; one that is not known is made, on this device.
pub(crate) fn record(tx: &mut Tx, device: Uuid, sign: &Sign) -> Result<Outcome> {
    // Twice, since the same sign may be on its way through another connection.
    for _ in 0..2 {
        let rows = load(tx, device, sign.id)?;
        let (known, open): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.id == sign.id);
        let open = open.into_iter().next();
        if let Some(known) = known.into_iter().next() {
            let is_free = open.is_none() && known.device_id == device;
            let next = known.after(sign, is_free, Utc::now());
            if next == known {
                return Ok(Outcome::Known);
            }
            update(tx, &next)?;
            return Ok(Outcome::Changed);
        }
        if make(tx, Row::first(device, sign), open)? {
            return Ok(Outcome::New);
        }
    }
    Ok(Outcome::Foreign)
}

/// Of two sessions of one device that claim to be open, the one that began later is. Says whether the id was free.
fn make(tx: &mut Tx, mut first: Row, open: Option<Row>) -> Result<bool> {
    let Some(mut other) = open.filter(|_| first.ended_at.is_none()) else {
        return insert(tx, &first);
    };
    let (begins, seen) = (first.started_at, first.last_seen_at);
    first.close(seen, SUPERSEDED);
    if !insert(tx, &first)? {
        return Ok(false);
    }
    if other.started_at <= begins {
        let last_seen = other.last_seen_at.min(begins);
        other.close(last_seen, SUPERSEDED);
        update(tx, &other)?;
        (first.ended_at, first.end_reason) = (None, None);
        update(tx, &first)?;
    }
    Ok(true)
}

/// The session itself and the open one of the device, locked until the transaction ends. One that an admin deleted is there no
/// more, and its id is not free: what its device still sends finds no place.
fn load(tx: &mut Tx, device: Uuid, id: Uuid) -> Result<Vec<Row>> {
    Ok(sql_query(
        "SELECT id, device_id, started_at, ended_at, end_reason, last_seen_at, task_id FROM tenant.work_sessions \
         WHERE company_id = $1 AND user_id = $2 AND deleted_at IS NULL AND (id = $3 OR (device_id = $4 AND ended_at IS NULL)) ORDER BY id FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(device)
    .load(tx.conn)?)
}

fn insert(tx: &mut Tx, row: &Row) -> Result<bool> {
    let made = sql_query(
        "INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, ended_at, end_reason, last_seen_at, task_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(row.id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(row.device_id)
    .bind::<Timestamptz, _>(row.started_at)
    .bind::<Nullable<Timestamptz>, _>(row.ended_at)
    .bind::<Nullable<Text>, _>(&row.end_reason)
    .bind::<Timestamptz, _>(row.last_seen_at)
    .bind::<Nullable<SqlUuid>, _>(row.task_id)
    .execute(tx.conn)?;
    Ok(made == 1)
}

fn update(tx: &mut Tx, row: &Row) -> Result<()> {
    sql_query(
        "UPDATE tenant.work_sessions SET started_at = $4, ended_at = $5, end_reason = $6, last_seen_at = $7, task_id = $8 \
         WHERE company_id = $1 AND user_id = $2 AND id = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(row.id)
    .bind::<Timestamptz, _>(row.started_at)
    .bind::<Nullable<Timestamptz>, _>(row.ended_at)
    .bind::<Nullable<Text>, _>(&row.end_reason)
    .bind::<Timestamptz, _>(row.last_seen_at)
    .bind::<Nullable<SqlUuid>, _>(row.task_id)
    .execute(tx.conn)?;
    Ok(())
}
