//! What a company's rules find is compared with what they have found: a new event opens an alert, once; what holds no
//! longer is resolved. Done again it changes nothing.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

use super::kinds::{AlertKind, Found, Moment, find};
use crate::Result;
use crate::db::Tx;
use crate::db::statement::statement;

/// Days back to which an alert that is still open is looked at again: devices that were away send what they recorded.
const LOOKED_AT_AGAIN: u64 = 31;

/// A rule that is switched on.
#[derive(Debug)]
pub(super) struct Rule {
    pub id: Uuid,
    pub kind: AlertKind,
    pub threshold: i32,
    pub least_minutes: Option<i32>,
    pub team_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    enabled_at: DateTime<Utc>,
    /// The last time before this one.
    pub evaluated_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    threshold: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    least_minutes: Option<i32>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    team_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    enabled_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    evaluated_at: Option<DateTime<Utc>>,
}

/// Alerts of a rule that were not there before.
#[derive(Debug, PartialEq)]
pub(crate) struct News {
    pub kind: &'static str,
    /// Whom each is about.
    pub users: Vec<Option<Uuid>>,
}

/// Looks at all rules of a company as of `now`, and says what is new.
pub(crate) fn evaluate(
    tx: &mut Tx,
    now: DateTime<Utc>,
    max_storage_bytes: i64,
) -> Result<Vec<News>> {
    let rules = hold(tx)?;
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let at = Moment::load(tx, now, max_storage_bytes)?;
    let mut news = Vec::new();
    for rule in &rules {
        let users = step(tx, rule, &at)?;
        if !users.is_empty() {
            let kind = rule.kind.name();
            news.push(News { kind, users });
        }
    }
    let ids: Vec<Uuid> = rules.iter().map(|rule| rule.id).collect();
    statement(
        "UPDATE tenant.alert_rules SET evaluated_at = $3 WHERE company_id = $1 AND id = ANY ($2)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(news)
}

/// Whoever changes or deletes one of them meanwhile waits.
fn hold(tx: &mut Tx) -> Result<Vec<Rule>> {
    let rows: Vec<Row> = statement(
        "SELECT id, kind, threshold, least_minutes, team_id, user_id, enabled_at, evaluated_at FROM tenant.alert_rules \
         WHERE company_id = $1 AND enabled ORDER BY id FOR NO KEY UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .load(tx.conn)?;
    // A kind that this release does not know is a newer instance's.
    let known = rows.into_iter().filter_map(|row| {
        Some(Rule {
            kind: AlertKind::read(&row.kind)?,
            id: row.id,
            threshold: row.threshold,
            least_minutes: row.least_minutes,
            team_id: row.team_id,
            user_id: row.user_id,
            enabled_at: row.enabled_at,
            evaluated_at: row.evaluated_at,
        })
    });
    Ok(known.collect())
}

/// What makes two findings the same event while it lasts: person, device, problem, and of days the day.
type Subject = (
    Option<Uuid>,
    Option<Uuid>,
    Option<String>,
    Option<NaiveDate>,
);

#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    device_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    problem: Option<String>,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// One rule: whom its new alerts are about.
fn step(tx: &mut Tx, rule: &Rule, at: &Moment) -> Result<Vec<Option<Uuid>>> {
    let of_days = rule.kind.spec().is_of_days;
    let first = at.calendar.day_of(rule.enabled_at);
    let recent: Vec<NaiveDate> = [at.today - Days::new(1), at.today]
        .into_iter()
        .filter(|day| *day >= first)
        .collect();
    let open = open(tx, rule, of_days, at.today)?;
    let mut days = recent.clone();
    days.extend(open.iter().map(|one| one.day).filter(|_| of_days));
    days.sort_unstable();
    days.dedup();
    let found = find(tx, rule, &days, at)?;
    let subject = |user, device, problem: Option<&str>, day| -> Subject {
        let day = Some(day).filter(|_| of_days);
        (user, device, problem.map(str::to_owned), day)
    };
    let holding: HashMap<Subject, &Found> = (found.iter())
        .map(|one| (subject(one.user, one.device, one.problem, one.day), one))
        .collect();
    let (mut known, mut over, mut changed) = (HashSet::new(), Vec::new(), Vec::new());
    for one in &open {
        let of = subject(one.user_id, one.device_id, one.problem.as_deref(), one.day);
        match holding.get(&of) {
            None => over.push(one.id),
            Some(now) if now.value != one.value => changed.push((one.id, now.value)),
            Some(_) => {}
        }
        known.insert(of);
    }
    let new: Vec<&Found> = (holding.iter())
        .filter(|(of, found)| found.opens && !known.contains(*of) && recent.contains(&found.day))
        .map(|(_, found)| *found)
        .collect();
    resolve(tx, &over, at.now)?;
    measure(tx, &changed)?;
    insert(tx, rule, &new, at.now)
}

/// What was found before and still holds, whether somebody has acknowledged it or not.
fn open(tx: &mut Tx, rule: &Rule, of_days: bool, today: NaiveDate) -> Result<Vec<Open>> {
    Ok(statement(
        "SELECT id, user_id, device_id, problem, day, value FROM tenant.alerts \
         WHERE company_id = $1 AND rule_id = $2 AND resolved_at IS NULL AND (NOT $3 OR day >= $4)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(rule.id)
    .bind::<Bool, _>(of_days)
    .bind::<Date, _>(today - Days::new(LOOKED_AT_AGAIN))
    .load(tx.conn)?)
}

fn resolve(tx: &mut Tx, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    statement(
        "UPDATE tenant.alerts SET resolved_at = $3 WHERE company_id = $1 AND id = ANY ($2) AND resolved_at IS NULL",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

/// A day goes on: what was measured of it grows.
fn measure(tx: &mut Tx, changed: &[(Uuid, i64)]) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let (ids, values): (Vec<Uuid>, Vec<i64>) = changed.iter().copied().unzip();
    statement(
        "UPDATE tenant.alerts a SET value = c.value FROM unnest($2, $3) AS c (id, value) WHERE a.company_id = $1 AND a.id = c.id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<BigInt>, _>(values)
    .execute(tx.conn)?;
    Ok(())
}

/// An event that was over and holds again is the same one: it opens silently, unless somebody has acknowledged it.
fn insert(
    tx: &mut Tx,
    rule: &Rule,
    new: &[&Found],
    now: DateTime<Utc>,
) -> Result<Vec<Option<Uuid>>> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        user_id: Option<Uuid>,
    }
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = new.iter().map(|_| Uuid::now_v7()).collect();
    let users: Vec<Option<Uuid>> = new.iter().map(|one| one.user).collect();
    let devices: Vec<Option<Uuid>> = new.iter().map(|one| one.device).collect();
    let problems: Vec<Option<&str>> = new.iter().map(|one| one.problem).collect();
    let days: Vec<NaiveDate> = new.iter().map(|one| one.day).collect();
    let keys: Vec<String> = new.iter().map(|one| key(one)).collect();
    let values: Vec<i64> = new.iter().map(|one| one.value).collect();
    let made: Vec<Made> = statement(
        "INSERT INTO tenant.alerts (company_id, rule_id, kind, threshold, opened_at, id, user_id, device_id, problem, day, event_key, value) \
         SELECT $1, $2, $3, $4, $5, f.* FROM unnest($6, $7, $8, $9, $10, $11, $12) AS f (id, user_id, device_id, problem, day, event_key, value) \
         ON CONFLICT (company_id, rule_id, event_key) DO NOTHING RETURNING user_id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(rule.id)
    .bind::<Text, _>(rule.kind.name())
    .bind::<Integer, _>(rule.threshold)
    .bind::<Timestamptz, _>(now)
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Array<Nullable<SqlUuid>>, _>(users)
    .bind::<Array<Nullable<SqlUuid>>, _>(devices)
    .bind::<Array<Nullable<Text>>, _>(problems)
    .bind::<Array<Date>, _>(days)
    .bind::<Array<Text>, _>(&keys)
    .bind::<Array<BigInt>, _>(&values)
    .load(tx.conn)?;
    if made.len() < new.len() {
        statement(
            "UPDATE tenant.alerts a SET resolved_at = NULL, value = f.value FROM unnest($3, $4) AS f (event_key, value) \
             WHERE a.company_id = $1 AND a.rule_id = $2 AND a.event_key = f.event_key AND a.resolved_at IS NOT NULL \
               AND a.acknowledged_at IS NULL",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(rule.id)
        .bind::<Array<Text>, _>(&keys)
        .bind::<Array<BigInt>, _>(&values)
        .execute(tx.conn)?;
    }
    Ok(made.into_iter().map(|one| one.user_id).collect())
}

fn key(found: &Found) -> String {
    let whose = found.device.or(found.user);
    let whose = whose.map_or_else(|| "company".to_owned(), |id| id.to_string());
    let problem = found.problem.unwrap_or_default();
    format!("{whose} {problem} {}", found.day)
}
