//! The statements of an upload: one that opens it, and an insert per kind, whose text is the same for any size.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{
    Array, Binary, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl};
use tracker_wire::{ActivityItem, ApplicationItem, WebsiteItem};
use uuid::Uuid;

use super::items::Incoming;
use super::ledger::SEEN_EVERY;
use super::redaction::Privacy;
use crate::Result;
use crate::company::monitoring_policies::gate::{RecordedKind, Withheld, policy_state, withheld};
use crate::company::settings::effective::effective;
use crate::company::tasks::timer::timer_state;
use crate::db::{
    Tx,
    statement::{Statement, statement},
};
use crate::tracking::devices::{Told, sign_of_device};

/// What is known before the items are stored.
#[derive(QueryableByName)]
pub(super) struct Opened {
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// Of the settings and the policy: what agents compare theirs with.
    #[diesel(sql_type = Integer)]
    pub agent_version: i32,
    #[diesel(sql_type = Bool)]
    pub record_titles: bool,
    #[diesel(sql_type = Bool)]
    pub record_paths: bool,
    #[diesel(sql_type = Array<Text>)]
    pub redaction_rules: Vec<String>,
    /// The first day whose raw rows were not deleted by age.
    #[diesel(sql_type = Nullable<Date>)]
    pub usage_kept_from: Option<NaiveDate>,
    /// The ledger had no batch of this id.
    #[diesel(sql_type = Bool)]
    pub is_new: bool,
    /// Of the batch that it had.
    #[diesel(sql_type = Nullable<Binary>)]
    pub known_hash: Option<Vec<u8>>,
    /// Which of the sessions that were named are this person's.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub own_sessions: Vec<Uuid>,
    #[diesel(embed)]
    pub withheld: Withheld,
}

/// Enters the batch in the ledger, notes the sign of life of device and sessions and what waits on the device, and looks up what the items need.
/// A session that was given up goes on as far as its late items reach.
pub(super) fn open(
    tx: &mut Tx,
    (device, key): (Uuid, Uuid),
    told: Told,
    incoming: &Incoming,
) -> Result<Opened> {
    let now = Utc::now();
    let sessions: Vec<Uuid> = incoming.worked.keys().copied().collect();
    let (from, until): (Vec<_>, Vec<_>) = incoming.worked.values().copied().unzip();
    let named: Vec<Uuid> = (incoming.sessions.iter().map(|sign| sign.item.id))
        .chain(sessions.iter().copied())
        .collect();
    let (first_day, last_day) = incoming.days.unzip();
    let mut opened: Opened = statement(concat!(
        "WITH batch AS (INSERT INTO tenant.ingest_batches \
             (company_id, device_id, batch_id, user_id, body_hash, items, first_day, last_day) \
             SELECT $1, $3, $4, $2, $5, $6, $7, $8 WHERE $7 IS NOT NULL ON CONFLICT DO NOTHING RETURNING 1), \
           seen AS (", sign_of_device!("$9", "$10", "$11", "$16", "$17"), " RETURNING 1), \
           worked AS (UPDATE tenant.work_sessions w SET last_seen_at = greatest(w.last_seen_at, n.until), \
               started_at = CASE WHEN w.end_reason = 'silent' THEN least(w.started_at, n.since) ELSE w.started_at END, \
               ended_at = CASE WHEN w.end_reason IN ('silent', 'superseded') THEN greatest(w.ended_at, n.until) ELSE w.ended_at END \
             FROM unnest($12, $13, $14) AS n (id, since, until) \
             WHERE w.company_id = $1 AND w.user_id = $2 AND w.id = n.id AND w.deleted_at IS NULL \
               AND (w.ended_at IS NULL AND w.last_seen_at < n.until - interval '30 seconds' \
                 OR w.end_reason IN ('silent', 'superseded') AND w.ended_at < n.until \
                 OR w.end_reason = 'silent' AND w.started_at > n.since) \
             RETURNING 1) \
         SELECT s.version, s.version + s.overrides_version + ", policy_state!(), " + ", timer_state!(), " AS agent_version, s.record_titles, s.record_paths, s.redaction_rules, s.usage_kept_from, n.is_new, \
           CASE WHEN NOT n.is_new THEN (SELECT b.body_hash FROM tenant.ingest_batches b \
             WHERE b.company_id = $1 AND b.device_id = $3 AND b.batch_id = $4) END AS known_hash, \
           ARRAY(SELECT w.id FROM tenant.work_sessions w \
             WHERE w.company_id = $1 AND w.user_id = $2 AND w.id = ANY ($15) AND w.deleted_at IS NULL) AS own_sessions, h.* \
         FROM ", effective!(people), " s, (SELECT EXISTS (SELECT FROM batch) AS is_new) n, ", withheld!(), " h WHERE s.user_id = $2",
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device)
    .bind::<SqlUuid, _>(incoming.batch_id)
    .bind::<Binary, _>(&incoming.body_hash[..])
    .bind::<Integer, _>(i32::try_from(incoming.answers.len()).unwrap_or(i32::MAX))
    .bind::<Nullable<Date>, _>(first_day)
    .bind::<Nullable<Date>, _>(last_day)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(key)
    .bind::<Timestamptz, _>(now - SEEN_EVERY)
    .bind::<Array<SqlUuid>, _>(sessions)
    .bind::<Array<Timestamptz>, _>(from)
    .bind::<Array<Timestamptz>, _>(until)
    .bind::<Array<SqlUuid>, _>(&named)
    .bind::<Nullable<Array<Integer>>, _>(told.counts())
    .bind::<Nullable<Timestamptz>, _>(told.oldest(now))
    .get_result(tx.conn)?;
    if !opened.is_new && first_day.is_some() && opened.known_hash.is_none() {
        // A repeat overtook this request: the insert waited for it, but the statement's snapshot is older, so that
        // neither the batch nor the sessions it made were seen.
        let twin = overtaken_by(tx, device, incoming.batch_id, &named)?;
        (opened.known_hash, opened.own_sessions) = (Some(twin.body_hash), twin.own_sessions);
    }
    Ok(opened)
}

#[derive(QueryableByName)]
struct Twin {
    #[diesel(sql_type = Binary)]
    body_hash: Vec<u8>,
    #[diesel(sql_type = Array<SqlUuid>)]
    own_sessions: Vec<Uuid>,
}

fn overtaken_by(tx: &mut Tx, device: Uuid, batch: Uuid, named: &[Uuid]) -> Result<Twin> {
    Ok(statement(
        "SELECT b.body_hash, ARRAY(SELECT w.id FROM tenant.work_sessions w \
           WHERE w.company_id = $1 AND w.user_id = $2 AND w.id = ANY ($5)) AS own_sessions \
         FROM tenant.ingest_batches b WHERE b.company_id = $1 AND b.device_id = $3 AND b.batch_id = $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device)
    .bind::<SqlUuid, _>(batch)
    .bind::<Array<SqlUuid>, _>(named)
    .get_result(tx.conn)?)
}

/// One row for all: rows of one id each would cost more than the ids.
#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Array<SqlUuid>)]
    ids: Vec<Uuid>,
}

/// What every kind of item says.
pub(super) trait Item {
    fn at(&self) -> DateTime<Utc>;
    fn id(&self) -> Uuid;
    fn session(&self) -> Uuid;
    /// Where what it tells of ends.
    fn until(&self) -> DateTime<Utc>;
    const KIND: RecordedKind;
}

macro_rules! item {
    ($kind:ty, $at:ident, $recorded:ident, $seconds:expr) => {
        impl Item for $kind {
            fn at(&self) -> DateTime<Utc> {
                self.$at
            }
            fn id(&self) -> Uuid {
                self.id
            }
            fn session(&self) -> Uuid {
                self.session_id
            }
            fn until(&self) -> DateTime<Utc> {
                let seconds: fn(&Self) -> i32 = $seconds;
                self.$at + TimeDelta::seconds(seconds(self).into())
            }
            const KIND: RecordedKind = RecordedKind::$recorded;
        }
    };
}

item!(ApplicationItem, started_at, Applications, |item| item
    .seconds);
item!(WebsiteItem, started_at, Websites, |item| item.seconds);
item!(ActivityItem, minute, Activity, |_| 60);

fn column<'a, T, V>(items: &[&'a T], value: impl Fn(&'a T) -> V) -> Vec<V> {
    items.iter().map(|item| value(item)).collect()
}

/// What a transaction expects of its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// All are new, as they nearly always are: one that is not fails the transaction, [`Error::Taken`].
    New,
    /// Some may be there: the database is asked to tell which, at a quarter more of its time.
    Any,
}

/// The two inserts of one kind, by [`Expect`].
struct Insert {
    new: &'static str,
    any: &'static str,
}

macro_rules! insert {
    ($text:literal) => {
        Insert {
            new: $text,
            any: concat!(
                "WITH stored AS (",
                $text,
                " ON CONFLICT DO NOTHING RETURNING id) SELECT ARRAY(SELECT id FROM stored) AS ids"
            ),
        }
    };
}

const APPLICATIONS: Insert = insert!(
    "INSERT INTO tenant.application_usage (app, title, seconds, company_id, user_id, started_at, id, session_id) \
     SELECT i.app, i.title, i.seconds, $4, $5, i.at, i.id, i.session \
     FROM unnest($1, $2, $3, $6, $7, $8) AS i (app, title, seconds, at, id, session)"
);

const WEBSITES: Insert = insert!(
    "INSERT INTO tenant.website_usage (host, path, title, seconds, company_id, user_id, started_at, id, session_id) \
     SELECT i.host, i.path, i.title, i.seconds, $5, $6, i.at, i.id, i.session \
     FROM unnest($1, $2, $3, $4, $7, $8, $9) AS i (host, path, title, seconds, at, id, session)"
);

const ACTIVITY: Insert = insert!(
    "INSERT INTO tenant.activity_log \
       (keystrokes, mouse_events, active_seconds, idle_seconds, company_id, user_id, started_at, id, session_id) \
     SELECT i.keys, i.mouse, i.active, i.idle, $5, $6, i.at, i.id, i.session \
     FROM unnest($1, $2, $3, $4, $7, $8, $9) AS i (keys, mouse, active, idle, at, id, session)"
);

impl Insert {
    /// The ids of those that were stored. `bind` binds what only this kind has, from `$1` on.
    fn run<'a, T: Item, B: QueryFragment<Pg>>(
        self,
        tx: &mut Tx,
        expect: Expect,
        mut items: Vec<&'a T>,
        bind: impl FnOnce(Statement<()>, &[&'a T]) -> Statement<B>,
    ) -> Result<Vec<Uuid>> {
        // In the order of the table's key: two requests that meet take their locks in the same order.
        items.sort_unstable_by_key(|item| (item.at(), item.id()));
        let ids = column(&items, |item| item.id());
        if ids.is_empty() {
            return Ok(ids);
        }
        let text = match expect {
            Expect::New => self.new,
            Expect::Any => self.any,
        };
        let insert = bind(statement(text), &items)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(tx.user)
            .bind::<Array<Timestamptz>, _>(column(&items, |item| item.at()))
            .bind::<Array<SqlUuid>, _>(&ids)
            .bind::<Array<SqlUuid>, _>(column(&items, |item| item.session()));
        match expect {
            Expect::New => {
                insert.execute(tx.conn)?;
                Ok(ids)
            }
            Expect::Any => {
                let Stored { ids } = insert.get_result(tx.conn)?;
                Ok(ids)
            }
        }
    }
}

/// Stores what is new and answers with its ids; the same for the two functions below.
pub(super) fn applications(
    tx: &mut Tx,
    expect: Expect,
    privacy: &Privacy,
    items: Vec<&ApplicationItem>,
) -> Result<Vec<Uuid>> {
    APPLICATIONS.run(tx, expect, items, |insert, items| {
        insert
            .bind::<Array<Text>, _>(column(items, |item| item.app.as_str()))
            .bind::<Array<Text>, _>(column(items, |item| privacy.title(&item.app, &item.title)))
            .bind::<Array<Integer>, _>(column(items, |item| item.seconds))
    })
}

pub(super) fn websites(
    tx: &mut Tx,
    expect: Expect,
    privacy: &Privacy,
    items: Vec<&WebsiteItem>,
) -> Result<Vec<Uuid>> {
    WEBSITES.run(tx, expect, items, |insert, items| {
        let pages = items
            .iter()
            .map(|item| privacy.page(&item.host, item.path.as_deref(), item.title.as_deref()));
        let (paths, titles): (Vec<_>, Vec<_>) = pages.unzip();
        insert
            .bind::<Array<Text>, _>(column(items, |item| item.host.as_str()))
            .bind::<Array<Nullable<Text>>, _>(paths)
            .bind::<Array<Nullable<Text>>, _>(titles)
            .bind::<Array<Integer>, _>(column(items, |item| item.seconds))
    })
}

pub(super) fn activity(
    tx: &mut Tx,
    expect: Expect,
    items: Vec<&ActivityItem>,
) -> Result<Vec<Uuid>> {
    let small = |seconds: i32| i16::try_from(seconds).unwrap_or(i16::MAX);
    ACTIVITY.run(tx, expect, items, |insert, items| {
        insert
            .bind::<Array<Integer>, _>(column(items, |item| item.keystrokes))
            .bind::<Array<Integer>, _>(column(items, |item| item.mouse_events))
            .bind::<Array<SmallInt>, _>(column(items, |item| small(item.active_seconds)))
            .bind::<Array<SmallInt>, _>(column(items, |item| small(item.idle_seconds)))
    })
}
