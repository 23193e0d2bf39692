//! What the devices of a company sent: made up a person at a time, put in as that person's agent, and summed.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use super::cast::Company;
use super::day::{self, Recorded};
use super::people::{LEFT, Staff};
use super::{Demo, pictures};
use crate::Result;
use crate::db::{DbRole, Scope, Tx};
use crate::objects::Objects;
use crate::tracking::days::Calendar;
use crate::tracking::screenshot::picture::Picture;
use crate::tracking::{upload, user_days};

/// Rows of one statement.
const AT_ONCE: usize = 5_000;
/// People at once; each is a transaction of its own.
const THREADS: usize = 2;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Made {
    pub people: usize,
    pub rows: usize,
    pub screenshots: usize,
}

impl Made {
    pub fn add(&mut self, other: Self) {
        self.people += other.people;
        self.rows += other.rows;
        self.screenshots += other.screenshots;
    }
}

/// A file that is to be put into the store, and which picture it is.
type File = (String, usize, bool);

pub(super) async fn make(
    demo: &Demo,
    company: &Company<'_>,
    id: Uuid,
    staff: &[Staff<'_>],
) -> anyhow::Result<Made> {
    let pictures = match company.people.iter().any(|person| person.is_here_today) {
        true => pictures::all(company.blurs())
            .ok_or_else(|| anyhow::anyhow!("a picture could not be coded"))?,
        false => Vec::new(),
    };
    let calendar = demo
        .db
        .tenant_blocking(Scope::job(id), |tx| Calendar::load(tx.conn, tx.company))?;
    let (left, done) = (Mutex::new(staff.iter()), Mutex::new(Vec::new()));
    let worker = || -> Result<()> {
        while let Some(one) = take(&left) {
            let recorded = record(demo, company, &calendar, one);
            let files = put_in(
                demo,
                id,
                &calendar,
                one,
                &recorded,
                (&pictures, company.blurs()),
            )?;
            let rows =
                recorded.applications.len() + recorded.websites.len() + recorded.activity.len();
            push(&done, (rows, files));
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<Result<()>>| match thread.join() {
            Ok(done) => Ok(done?),
            Err(_) => Err(anyhow::anyhow!("a thread panicked")),
        };
        threads.into_iter().try_for_each(join)
    })?;
    let done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut made = Made {
        people: staff.len(),
        ..Made::default()
    };
    for (rows, files) in done {
        made.rows += rows;
        made.screenshots += files.len() / 2;
        for (key, picture, is_thumbnail) in files {
            let picture = &pictures[picture];
            let bytes = if is_thumbnail {
                &picture.thumbnail
            } else {
                &picture.image
            };
            demo.objects.put(&key, bytes.clone()).await?;
        }
    }
    Ok(made)
}

fn take<'a>(left: &Mutex<std::slice::Iter<'a, Staff<'a>>>) -> Option<&'a Staff<'a>> {
    left.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .next()
}

fn push<T>(done: &Mutex<Vec<T>>, value: T) {
    done.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .push(value);
}

fn record(demo: &Demo, company: &Company, calendar: &Calendar, one: &Staff) -> Recorded {
    let today = calendar.today();
    let until = match one.person.has_left {
        true => today - Days::new(LEFT.unsigned_abs()),
        false => today - Days::new(company.stopped.unsigned_abs()),
    };
    let pictured = [today, last_weekday_before(today)];
    let mut recorded = Recorded::default();
    for day in user_days::each_day(company.first_day(demo.now), until) {
        let shots = one.is_pictured && pictured.contains(&day);
        day::record(&mut recorded, one.person, calendar, day, demo.now, shots);
    }
    recorded
}

fn last_weekday_before(day: NaiveDate) -> NaiveDate {
    let is_weekday = |day: &NaiveDate| ![Weekday::Sat, Weekday::Sun].contains(&day.weekday());
    let before = (1..=3).map(|ago| day - Days::new(ago));
    before.into_iter().find(is_weekday).unwrap_or(day)
}

/// Everything of one person: raw rows as the person's agent, then the sums as the job makes them.
fn put_in(
    demo: &Demo,
    company: Uuid,
    calendar: &Calendar,
    one: &Staff,
    recorded: &Recorded,
    (pictures, are_blurred): (&[Picture], bool),
) -> Result<Vec<File>> {
    let agent = Scope::new(company, one.id, DbRole::Agent);
    let files = demo.db.tenant_blocking(agent, |mut tx| {
        sessions(&mut tx, one.device, recorded, demo.now)?;
        for items in recorded.applications.chunks(AT_ONCE) {
            upload::insert(&mut tx, items, &[], &[])?;
        }
        for items in recorded.websites.chunks(AT_ONCE) {
            upload::insert(&mut tx, &[], items, &[])?;
        }
        for items in recorded.activity.chunks(AT_ONCE) {
            upload::insert(&mut tx, &[], &[], items)?;
        }
        ledger(&mut tx, one.device, calendar, recorded)?;
        hear(&mut tx, one.device, recorded)?;
        screenshots(&mut tx, recorded, pictures, are_blurred)
    })?;
    let days: Vec<NaiveDate> = by_day(calendar, recorded).into_keys().collect();
    demo.db.tenant_blocking(Scope::job(company), |tx| {
        user_days::recompute(tx.conn, tx.company, one.id, calendar, &days)
    })?;
    Ok(files)
}

/// Days with their items and the time of the last one.
fn by_day(calendar: &Calendar, recorded: &Recorded) -> BTreeMap<NaiveDate, (i32, DateTime<Utc>)> {
    let mut days = BTreeMap::new();
    for session in &recorded.sessions {
        let (count, last) = days
            .entry(calendar.day_of(session.from))
            .or_insert((0, session.until));
        let minutes = (session.until - session.from).num_minutes();
        *count += i32::try_from(minutes).unwrap_or_default();
        *last = session.until.max(*last);
    }
    days
}

fn sessions(tx: &mut Tx, device: Uuid, recorded: &Recorded, now: DateTime<Utc>) -> Result<()> {
    let sessions = &recorded.sessions;
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    let from: Vec<_> = sessions.iter().map(|session| session.from).collect();
    let ended = sessions
        .iter()
        .map(|session| session.end_reason.map(|_| session.until));
    let reasons: Vec<_> = sessions.iter().map(|session| session.end_reason).collect();
    let tasks = tasks(tx, device, sessions)?;
    // Who works now was heard of just now.
    let seen = sessions
        .iter()
        .map(|session| session.end_reason.map_or(now, |_| session.until));
    sql_query(
        "INSERT INTO tenant.work_sessions (company_id, user_id, device_id, id, started_at, ended_at, end_reason, last_seen_at, task_id) \
         SELECT $1, $2, $3, s.* FROM unnest($4, $5, $6, $7, $8, $9) AS s ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Timestamptz>, _>(from)
    .bind::<Array<Nullable<Timestamptz>>, _>(ended.collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(reasons)
    .bind::<Array<Timestamptz>, _>(seen.collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(tasks)
    .execute(tx.conn)?;
    Ok(())
}

/// What each session was for: mostly one of the tasks that the person had by then.
fn tasks(tx: &mut Tx, device: Uuid, sessions: &[day::Session]) -> Result<Vec<Option<Uuid>>> {
    #[derive(QueryableByName)]
    struct Task {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Timestamptz)]
        created_at: DateTime<Utc>,
    }
    let own: Vec<Task> = sql_query(
        "SELECT id, created_at FROM tenant.tasks WHERE company_id = $1 AND assignee_id = $2 ORDER BY created_at, id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .load(tx.conn)?;
    let mut dice = super::dice::Dice::new(&format!("tasks of {device}"));
    let choose = |session: &day::Session| {
        let had = own.iter().filter(|task| task.created_at <= session.from);
        let had: Vec<Uuid> = had.map(|task| task.id).collect();
        let chosen = dice.percent(70).then(|| dice.pick(&had)).flatten();
        chosen.copied()
    };
    Ok(sessions.iter().map(choose).collect())
}

/// A batch a day, counted already.
fn ledger(tx: &mut Tx, device: Uuid, calendar: &Calendar, recorded: &Recorded) -> Result<()> {
    let days = by_day(calendar, recorded);
    let received: Vec<_> = days.values().map(|(_, last)| *last).collect();
    let mut dice = super::dice::Dice::new(&device.to_string());
    let ids: Vec<_> = received.iter().map(|at| dice.id(*at)).collect();
    let items: Vec<_> = days.values().map(|(items, _)| *items).collect();
    sql_query(
        "INSERT INTO tenant.ingest_batches \
           (company_id, user_id, device_id, body_hash, batch_id, items, first_day, last_day, received_at, rolled_up_at) \
         SELECT $1, $2, $3, $4, b.id, b.items, b.day, b.day, b.at, b.at FROM unnest($5, $6, $7, $8) AS b (id, items, day, at) \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device)
    .bind::<Binary, _>(&[0; 32][..])
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Integer>, _>(items)
    .bind::<Array<Date>, _>(days.into_keys().collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(received)
    .execute(tx.conn)?;
    Ok(())
}

/// The device's last sign of life is its last session's, and nothing waits there.
fn hear(tx: &mut Tx, device: Uuid, recorded: &Recorded) -> Result<()> {
    let Some(last) = recorded.sessions.iter().map(|session| session.until).max() else {
        return Ok(());
    };
    sql_query(
        "UPDATE tenant.devices SET last_seen_at = $4, last_synced_at = $4, queued_items = 0, queued_screenshots = 0, dead_letters = 0 \
         WHERE company_id = $1 AND user_id = $2 AND id = $3",
    )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(device)
        .bind::<Timestamptz, _>(last)
        .execute(tx.conn)?;
    Ok(())
}

/// Rows of pictures with the storage they take; the files follow when all rows are in.
fn screenshots(
    tx: &mut Tx,
    recorded: &Recorded,
    pictures: &[Picture],
    are_blurred: bool,
) -> Result<Vec<File>> {
    let (mut files, mut bytes) = (Vec::new(), 0);
    for shot in &recorded.shots {
        let Some(picture) = pictures.get(shot.picture) else {
            continue;
        };
        let key = Objects::new_key(tx.company, shot.at)?;
        let thumbnail = Objects::new_key(tx.company, shot.at)?;
        let size = i64::try_from(picture.image.len() + picture.thumbnail.len()).unwrap_or_default();
        sql_query(
            "INSERT INTO tenant.screenshots (company_id, user_id, id, session_id, taken_at, display, blurred, state, object_key, \
               thumbnail_key, bytes, width, height, sha256, received_at) \
             VALUES ($1, $2, $3, $4, $5, 0, $6, 'ready', $7, $8, $9, $10, $11, $12, $5)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(shot.id)
        .bind::<SqlUuid, _>(shot.session)
        .bind::<Timestamptz, _>(shot.at)
        .bind::<Bool, _>(are_blurred)
        .bind::<Text, _>(&key)
        .bind::<Text, _>(&thumbnail)
        .bind::<BigInt, _>(size)
        .bind::<Integer, _>(picture.width)
        .bind::<Integer, _>(picture.height)
        .bind::<Binary, _>(&picture.sha256[..])
        .execute(tx.conn)?;
        bytes += size;
        files.push((key, shot.picture, false));
        files.push((thumbnail, shot.picture, true));
    }
    sql_query(
        "UPDATE tenant.company_usage SET storage_bytes = storage_bytes + $2 WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<BigInt, _>(bytes)
    .execute(tx.conn)?;
    Ok(files)
}
