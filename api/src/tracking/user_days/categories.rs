//! The tracked time of each day, shared out among categories.
//!
//! - A minute is that of the device which observed most of it, as for the tracked time, so that all categories of a day
//!   together are its tracked seconds.
//! - In it an instant belongs to the application in front, and to the page in front if there is one: a second of a browser is
//!   not counted once for the browser and once for the page. Of several that overlap the one that began last is in front.
//! - The first rule that fits the application, the window's title, the host or the page's title decides.
//! - Which of a minute's seconds were observed is not known. If less was observed than applications and pages fill, each gets
//!   its share; if they fill less, the rest is unclassified, like what no rule fits.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Duration, DurationRound, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

use super::names::{DeviceMinute, Item, MICROS, Observed, insert};
use crate::Result;
use crate::company::rules::matching::{Category, Classifier, Moment, classifier};
use crate::db::statement::statement;

type Instant = DateTime<Utc>;
/// Microseconds by category, in the order of `Category::ALL`.
type Parts = [i64; 4];
/// From when to when something is in front. Several come without overlaps and in their order.
type Stretch<'a> = (Instant, Instant, &'a Item);

pub(super) fn write(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    observed: &Observed,
) -> Result<()> {
    let mut rules = classifier(conn, company, user)?;
    let sums = sums(observed, rules.as_mut());
    let rows = sums.iter().flat_map(|(day, parts)| {
        let of_day = Category::ALL.iter().zip(parts);
        of_day.map(|(category, seconds)| (*day, category.name(), *seconds))
    });
    let text = "INSERT INTO tenant.user_category_usage_daily (company_id, user_id, day, category, seconds) \
         SELECT $1, $2, s.* FROM unnest($3, $4, $5) AS s ON CONFLICT DO NOTHING";
    insert(conn, company, user, text, rows)
}

pub(super) fn forget(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    days: &[NaiveDate],
) -> Result<()> {
    statement(
        "DELETE FROM tenant.user_category_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Date>, _>(days)
    .execute(conn)?;
    Ok(())
}

/// Seconds of each day, which add up to the tracked ones.
fn sums<'a>(
    observed: &'a Observed,
    rules: Option<&mut Classifier<'a>>,
) -> BTreeMap<NaiveDate, Parts> {
    let longest = longest(&observed.minutes);
    let filled = rules.map_or_else(HashMap::new, |rules| filled(observed, &longest, rules));
    let mut days: BTreeMap<NaiveDate, Parts> = BTreeMap::new();
    for (at, minute) in longest {
        let micros = minute.tracked * MICROS;
        let parts = filled.get(&at).copied().unwrap_or_default();
        let all = parts.iter().sum::<i64>().max(micros);
        let mut rest = micros;
        let day = days.entry(minute.day).or_default();
        // The last one is unclassified, which also gets what nothing fills.
        for (sum, part) in day.iter_mut().zip(parts).take(3) {
            let share = i64::try_from(i128::from(part) * i128::from(micros) / i128::from(all));
            let share = share.unwrap_or_default();
            *sum += share;
            rest -= share;
        }
        day[3] += rest;
    }
    days.values_mut().for_each(round);
    days
}

/// Whole seconds, which add up to what all of it is.
fn round(parts: &mut Parts) {
    let (mut sum, mut told) = (0, 0);
    for part in parts {
        sum += *part;
        let seconds = (sum + MICROS / 2) / MICROS;
        *part = seconds - told;
        told = seconds;
    }
}

/// Each minute, as its longest device saw it.
fn longest(minutes: &[DeviceMinute]) -> BTreeMap<Instant, &DeviceMinute> {
    let mut longest: BTreeMap<Instant, &DeviceMinute> = BTreeMap::new();
    for minute in minutes {
        let one = longest.entry(minute.minute).or_insert(minute);
        let length = |of: &DeviceMinute| (of.tracked, Reverse(of.device));
        if length(minute) > length(one) {
            *one = minute;
        }
    }
    longest
}

/// What applications and pages fill of each of these minutes.
fn filled<'a>(
    observed: &'a Observed,
    longest: &BTreeMap<Instant, &DeviceMinute>,
    rules: &mut Classifier<'a>,
) -> HashMap<Instant, Parts> {
    let mut filled: HashMap<Instant, Parts> = HashMap::new();
    let (Some((first, _)), Some((last, _))) = (longest.first_key_value(), longest.last_key_value())
    else {
        return filled;
    };
    let devices: BTreeSet<Uuid> = longest.values().map(|minute| minute.device).collect();
    for device in devices {
        let apps = in_front(&observed.apps, device);
        let sites = in_front(&observed.sites, device);
        for (from, to, app, site) in together(&apps, &sites) {
            let moment = Moment {
                app: app.map_or("", |app| &app.name),
                title: app.map_or("", |app| &app.title),
                host: site.map_or("", |site| &site.name),
                page: site.map_or("", |site| &site.title),
            };
            let category = rules.category(moment) as usize;
            let start = from
                .duration_trunc(Duration::minutes(1))
                .unwrap_or(from)
                .max(*first);
            let minutes = std::iter::successors(Some(start), |at| Some(*at + Duration::minutes(1)));
            for at in minutes.take_while(|at| *at < to && at <= last) {
                if longest.get(&at).is_some_and(|of| of.device == device) {
                    let micros = to.min(at + Duration::minutes(1)) - from.max(at);
                    let parts = filled.entry(at).or_default();
                    parts[category] += micros.num_microseconds().unwrap_or_default();
                }
            }
        }
    }
    filled
}

/// Of items that overlap the one that began last; of those that began together always the same.
fn in_front(items: &[Item], device: Uuid) -> Vec<Stretch<'_>> {
    fn order(item: &Item) -> (Instant, &str, &str, i32) {
        (item.started_at, &item.name, &item.title, item.seconds)
    }
    let mut items: Vec<&Item> = items.iter().filter(|item| item.device == device).collect();
    items.sort_by(|one, other| order(one).cmp(&order(other)));
    let end = |item: &Item| item.started_at + Duration::seconds(item.seconds.into());
    // What ends at an instant goes before what begins there.
    let begins = items
        .iter()
        .enumerate()
        .map(|(at, item)| (item.started_at, true, at));
    let ends = items
        .iter()
        .enumerate()
        .map(|(at, item)| (end(item), false, at));
    let mut borders: Vec<(Instant, bool, usize)> = begins.chain(ends).collect();
    borders.sort_unstable();
    let (mut open, mut since, mut stretches) = (BTreeSet::new(), None, Vec::new());
    for (at, is_begin, which) in borders {
        if let (Some(since), Some(front)) = (since, open.last()) {
            let front: usize = *front;
            if since < at {
                stretches.push((since, at, items[front]));
            }
        }
        match is_begin {
            true => open.insert(which),
            false => open.remove(&which),
        };
        since = Some(at);
    }
    stretches
}

/// Both at once: each stretch with its application, its page, or both.
fn together<'a>(
    apps: &[Stretch<'a>],
    sites: &[Stretch<'a>],
) -> Vec<(Instant, Instant, Option<&'a Item>, Option<&'a Item>)> {
    let all = apps.iter().chain(sites);
    let mut borders: Vec<Instant> = all.flat_map(|(from, to, _)| [*from, *to]).collect();
    borders.sort_unstable();
    borders.dedup();
    let (mut app, mut site) = (apps.iter().peekable(), sites.iter().peekable());
    let mut all = Vec::new();
    for pair in borders.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        while app.next_if(|(_, end, _)| *end <= from).is_some() {}
        while site.next_if(|(_, end, _)| *end <= from).is_some() {}
        let at = |of: Option<&&Stretch<'a>>| {
            of.filter(|(begin, ..)| *begin <= from)
                .map(|(.., item)| *item)
        };
        let (app, site) = (at(app.peek()), at(site.peek()));
        if app.is_some() || site.is_some() {
            all.push((from, to, app, site));
        }
    }
    all
}
