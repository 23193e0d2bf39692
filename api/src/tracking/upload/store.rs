//! One batch, one transaction: the ledger, then sessions, then the items of each kind.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::result::{DatabaseErrorKind, Error as DbError};
use tracker_wire::{ItemAnswer, ItemResult, UploadAnswer};
use uuid::Uuid;

use super::items::{Incoming, Placed};
use super::ledger;
use super::redaction::Privacy;
use super::rows::{self, Expect, Item};
use crate::Result;
use crate::company::monitoring_policies::gate::{self, Withheld};
use crate::company::tasks::agent;
use crate::db::Tx;
use crate::http::error::Error;
use crate::tracking::days::Calendar;
use crate::tracking::devices::Told;
use crate::tracking::work_session::record::{Outcome, Says, Sign, record};

/// Stores what is valid; when this returns and the door commits, every item that is not rejected is in the database.
pub(super) fn store(
    mut tx: Tx,
    (device, key): (Uuid, Uuid),
    told: Told,
    expect: Expect,
    incoming: &Incoming,
) -> Result<UploadAnswer> {
    let tx = &mut tx;
    let opened = rows::open(tx, (device, key), told, incoming)?;
    let withheld = &opened.withheld;
    let mut answers = Answers(incoming.answers.clone());
    let mut own: HashSet<Uuid> = opened.own_sessions.iter().copied().collect();
    // The same bytes once more: its sessions are known. Its items are, unless they were refused for the time it was.
    let is_repeat = opened.known_hash.as_deref() == Some(&incoming.body_hash[..]);
    let named = incoming.sessions.iter().filter_map(|sign| sign.item.task);
    let tasks = agent::own(tx, named.collect())?;
    if is_repeat {
        for Placed { place, item } in &incoming.sessions {
            if item.task.is_some_and(|task| !tasks.contains(&task)) {
                answers.refuse(*place, agent::UNKNOWN);
                continue;
            }
            answers.settle(
                *place,
                own.contains(&item.id).then_some(ItemResult::Duplicate),
            );
        }
    } else {
        if let (false, Some(days)) = (opened.is_new, incoming.days) {
            ledger::mark(tx, device, Uuid::now_v7(), days)?;
        }
        sessions(
            tx,
            device,
            incoming,
            withheld,
            &tasks,
            &mut own,
            &mut answers,
        )?;
    }
    let privacy = Privacy::new(
        tx.company,
        opened.version,
        opened.record_titles,
        opened.record_paths,
        &opened.redaction_rules,
    );
    let expect = if is_repeat { Expect::Any } else { expect };
    let mut kind = Items {
        answers: &mut answers,
        own: &own,
        withheld,
        open_from: open_from(tx, opened.usage_kept_from)?,
        stored: 0,
    };
    kind.store(&incoming.applications, |items| {
        rows::applications(tx, expect, &privacy, items)
    })?;
    kind.store(&incoming.websites, |items| {
        rows::websites(tx, expect, &privacy, items)
    })?;
    kind.store(&incoming.activity, |items| {
        rows::activity(tx, expect, items)
    })?;
    let is_more = is_repeat && kind.stored > 0;
    if let (true, Some(days)) = (is_more, incoming.days) {
        ledger::mark(tx, device, Uuid::now_v7(), days)?;
    }
    Ok(UploadAnswer {
        items: answers.0,
        settings_version: opened.agent_version,
    })
}

/// Before, days are not summed again: a row would count nowhere, and be gone with the night.
fn open_from(tx: &mut Tx, usage_kept_from: Option<NaiveDate>) -> Result<Option<DateTime<Utc>>> {
    let Some(day) = usage_kept_from else {
        return Ok(None);
    };
    let calendar = Calendar::load(tx.conn, tx.company)?;
    Ok(Some(calendar.range(day).1))
}

/// Sessions that the batch tells of, then those it only has items of.
fn sessions(
    tx: &mut Tx,
    device: Uuid,
    incoming: &Incoming,
    withheld: &Withheld,
    tasks: &HashSet<Uuid>,
    own: &mut HashSet<Uuid>,
    answers: &mut Answers,
) -> Result<()> {
    let known_before = own.clone();
    for Placed { place, item } in &incoming.sessions {
        if item.task.is_some_and(|task| !tasks.contains(&task)) {
            answers.refuse(*place, agent::UNKNOWN);
            continue;
        }
        let result = match record(tx, device, item)? {
            Outcome::New | Outcome::Changed => Some(ItemResult::Stored),
            Outcome::Known => Some(ItemResult::Duplicate),
            Outcome::Foreign => None,
        };
        answers.settle(*place, result);
    }
    let told_of = recorded_in(incoming, withheld);
    for (id, (from, until)) in &incoming.worked {
        // What may not be taken in makes no session either.
        if known_before.contains(id) || !told_of.contains(id) {
            continue;
        }
        let sign = Sign {
            id: *id,
            from: Some(*from),
            until: *until,
            says: Says::Worked,
            task: None,
        };
        if record(tx, device, &sign)? != Outcome::Foreign {
            own.insert(*id);
        }
    }
    Ok(())
}

/// The sessions of items that may be taken in.
fn recorded_in(incoming: &Incoming, withheld: &Withheld) -> HashSet<Uuid> {
    fn of<'a, T: Item>(
        items: &'a [Placed<T>],
        withheld: &'a Withheld,
    ) -> impl Iterator<Item = Uuid> + 'a {
        let kept = items.iter().filter(|one| !is_withheld(&one.item, withheld));
        kept.map(|one| one.item.session())
    }
    of(&incoming.applications, withheld)
        .chain(of(&incoming.websites, withheld))
        .chain(of(&incoming.activity, withheld))
        .collect()
}

fn is_withheld<T: Item>(item: &T, withheld: &Withheld) -> bool {
    withheld.covers(T::KIND, item.at(), item.until())
}

/// One entry per item, in the order sent.
struct Answers(Vec<ItemAnswer>);

impl Answers {
    /// No result: its session is nobody's or somebody else's, and nobody is told which.
    fn settle(&mut self, place: usize, result: Option<ItemResult>) {
        if let Some(answer) = self.0.get_mut(place) {
            answer.code = result.is_none().then(|| "unknown_session".to_owned());
            answer.result = result.unwrap_or(ItemResult::Rejected);
        }
    }

    fn refuse(&mut self, place: usize, code: &str) {
        if let Some(answer) = self.0.get_mut(place) {
            answer.code = Some(code.to_owned());
            answer.result = ItemResult::Rejected;
        }
    }
}

struct Items<'a> {
    answers: &'a mut Answers,
    own: &'a HashSet<Uuid>,
    withheld: &'a Withheld,
    open_from: Option<DateTime<Utc>>,
    /// How many were new.
    stored: usize,
}

impl Items<'_> {
    /// Stores the items of one kind whose session is this person's.
    fn store<'a, T: Item>(
        &mut self,
        items: &'a [Placed<T>],
        insert: impl FnOnce(Vec<&'a T>) -> Result<Vec<Uuid>>,
    ) -> Result<()> {
        // By the item's own time, so that it is refused as well when it is sent after the acknowledgement.
        let (refused, rest): (Vec<_>, Vec<_>) = items
            .iter()
            .partition(|one| is_withheld(&one.item, self.withheld));
        for one in refused {
            self.answers.refuse(one.place, gate::REFUSED);
        }
        let (own, foreign): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|one| self.own.contains(&one.item.session()));
        let (late, own): (Vec<_>, Vec<_>) = own
            .into_iter()
            .partition(|one| self.open_from.is_some_and(|from| one.item.at() < from));
        for one in late {
            self.answers.refuse(one.place, "no_longer_kept");
        }
        let stored = insert(own.iter().map(|one| &one.item).collect())?;
        self.stored += stored.len();
        // An id may occur twice in one batch; it was stored as often as the database says.
        let mut left: HashMap<Uuid, usize> = HashMap::with_capacity(stored.len());
        for id in stored {
            *left.entry(id).or_default() += 1;
        }
        for one in own {
            let result = match left.get_mut(&one.item.id()) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    ItemResult::Stored
                }
                _ => ItemResult::Duplicate,
            };
            self.answers.settle(one.place, Some(result));
        }
        for one in foreign {
            self.answers.settle(one.place, None);
        }
        Ok(())
    }
}

/// An item that was there already, a deadlock or a failed serialisation: nothing happened, and the second attempt,
/// which expects anything, usually finds the way clear.
pub(super) fn is_worth_repeating(error: &Error) -> bool {
    let cause = match error {
        Error::Taken(_) => return true,
        Error::Internal(cause) => cause,
        _ => return false,
    };
    match cause.downcast_ref::<DbError>() {
        Some(DbError::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
        // diesel has no name for it and does not pass the code on.
        Some(DbError::DatabaseError(_, info)) => info.message().contains("deadlock detected"),
        _ => false,
    }
}
