//! The mail of the day: what somebody was told and has not read, at the hour they chose, at most once a day, and only if there
//! is something. It says how many of what, and nothing of anybody.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::{Builder, Uuid};

use super::mail;
use super::queue::{self, NewJob};
use crate::Result;
use crate::app::State;
use crate::company::branding;
use crate::db::{DbRole, Scope, Tx};
use crate::directory::Directory;
use crate::secrets::sha256;
use crate::tracking::days::Calendar;

pub(super) const FIND: &str = "digests";

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SmallInt)]
    digest_hour: i16,
    #[diesel(sql_type = Timestamptz)]
    oldest_at: DateTime<Utc>,
}

/// Queues the mails whose hour has come by now. Of companies that take part: nobody else is told anything.
pub fn find(conn: &mut PgConnection, directory: &Directory, now: DateTime<Utc>) -> Result<()> {
    let waiting: Vec<Waiting> = sql_query(
        "SELECT n.company_id, n.user_id, coalesce(p.digest_hour, 8)::smallint AS digest_hour, min(n.created_at) AS oldest_at \
         FROM tenant.notifications n LEFT JOIN tenant.notification_preferences p ON p.company_id = n.company_id AND p.user_id = n.user_id \
         WHERE n.by_mail AND n.read_at IS NULL AND n.mailed_at IS NULL GROUP BY 1, 2, 3",
    )
    .load(conn)?;
    let due = waiting.into_iter().filter_map(|one| {
        let company = directory.company(one.company_id)?;
        let calendar = Calendar::new(vec![(NaiveDate::MIN, company.zone())]);
        let day = calendar.day_of(now);
        let hour = u32::try_from(one.digest_hour).ok()?;
        let at = calendar.at(day, NaiveTime::from_hms_opt(hour, 0, 0)?);
        let is_due =
            company.inactive(directory.grace_days).is_none() && at <= now && one.oldest_at < at;
        is_due.then(|| NewJob {
            id: once(one.user_id, day),
            ..mail::digest(one.company_id, one.user_id, day)
        })
    });
    queue::enqueue(conn, &due.collect::<Vec<_>>())
}

/// The same id however often the hour is found: one mail a day.
fn once(user: Uuid, day: NaiveDate) -> Uuid {
    let hash = sha256(format!("digest {user} {day}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    rule_kind: Option<String>,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Array<SqlUuid>)]
    ids: Vec<Uuid>,
}

/// Read as the person, whose own they are.
pub(super) fn send(state: &State, company: Uuid, user: Uuid) -> Result<()> {
    let Some(known) = state.directory.company(company) else {
        return Ok(());
    };
    if known.inactive(state.directory.grace_days).is_some() {
        return Ok(());
    }
    let read = |mut tx: Tx| -> Result<(String, Vec<Told>)> {
        let name = branding::shown_name(&mut tx, &known.name)?;
        let told = sql_query(
            "SELECT kind, rule_kind, sum(amount)::bigint AS amount, array_agg(id) AS ids FROM tenant.notifications \
             WHERE company_id = $1 AND user_id = $2 AND by_mail AND read_at IS NULL AND mailed_at IS NULL \
             GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .load(tx.conn)?;
        Ok((name, told))
    };
    let scope = Scope::new(company, user, DbRole::Employee);
    let (name, told) = state.db.tenant_blocking(scope, read)?;
    if told.is_empty() {
        return Ok(());
    }
    if let Some(to) = mail::address_of(state, user)? {
        let text = letter(&name, &state.config.public_url(), &told)?;
        let subject = format!("News for you at {name}");
        state.mailer.send(&to, &subject, text)?;
    }
    let ids: Vec<Uuid> = told.into_iter().flat_map(|one| one.ids).collect();
    state.db.tenant_blocking(Scope::job(company), |tx| {
        sql_query("UPDATE tenant.notifications SET mailed_at = $3 WHERE company_id = $1 AND id = ANY ($2)")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Array<SqlUuid>, _>(&ids)
            .bind::<Timestamptz, _>(Utc::now())
            .execute(tx.conn)?;
        Ok(())
    })
}

fn letter(company: &str, public: &str, told: &[Told]) -> Result<String> {
    let mut text = format!("What you have not read yet at {company}:\n\n");
    for one in told {
        writeln!(text, "- {}", line(one)).map_err(anyhow::Error::from)?;
    }
    write!(
        text,
        "\nRead it at {public}/\n\n\
         This mail comes at most once a day, and only if there is something. What is in it and when it comes you choose,\n\
         or that it does not come at all:\n{public}/profile#notifications\n"
    )
    .map_err(anyhow::Error::from)?;
    Ok(text)
}

fn line(told: &Told) -> String {
    let amount = told.amount;
    let of = |one: &str, many: &str| format!("{amount} {}", if amount == 1 { one } else { many });
    let rule = match told.rule_kind.as_deref().unwrap_or_default() {
        "silent" => "silence on a working day",
        "long_day" => "long days",
        "idle" => "the idle share of days",
        "unproductive" => "the unproductive share of days",
        "storage" => "storage",
        "device" => "devices",
        "repeated_input" => "data quality",
        other => other,
    };
    match told.kind.as_str() {
        "alerts" => format!("{} ({rule})", of("new alert", "new alerts")),
        "own_alert" => format!("{} ({rule})", of("alert about you", "alerts about you")),
        "task_assigned" => of("task is yours now", "tasks are yours now"),
        "task_commented" => of("comment on your tasks", "comments on your tasks"),
        "original_opened" => of(
            "original of your screenshots was opened",
            "originals of your screenshots were opened",
        ),
        "policy_published" => of(
            "new version of your company's monitoring policy",
            "new versions of your company's monitoring policy",
        ),
        "dispute_opened" => of("dispute waits for an answer", "disputes wait for an answer"),
        "dispute_answered" => of(
            "answer to what you contested",
            "answers to what you contested",
        ),
        other => of(other, other),
    }
}
