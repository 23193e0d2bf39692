//! The statement of a report. Sums of days are added up by one or two keys, beside those of the days before where these are
//! asked for, which count for the day they stand beside.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{
    Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::asked::{Asked, Days};
use super::kinds::{Dim, Figure, Kind};
use super::{Order, ReportColumn, ReportKey, ReportPoint, ReportRow};
use crate::Result;
use crate::company::tasks;
use crate::db::Tx;
use crate::http::sheet;
use crate::tracking::access_entries;

/// A chart of more points says nothing.
const MOST_POINTS: i64 = 92;
/// Rows that a part of a file has about.
const PART: i64 = 4_000;

type Figures = Vec<Option<i64>>;

#[derive(Debug, QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sub_key: String,
    #[diesel(sql_type = Text)]
    sub_name: String,
    #[diesel(sql_type = Nullable<Array<Nullable<BigInt>>>)]
    pub values: Option<Figures>,
    #[diesel(sql_type = Nullable<Array<Nullable<BigInt>>>)]
    pub previous: Option<Figures>,
    /// The only person it is of, where that is asked.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    alone: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    order: i64,
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = BigInt)]
    sub_order: i64,
    #[diesel(sql_type = Text)]
    sub_place: String,
}

/// Where a page ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Key(i64, String, i64, String);

impl Key {
    pub fn at(row: &Row) -> Self {
        Self(
            row.order,
            row.place.clone(),
            row.sub_order,
            row.sub_place.clone(),
        )
    }
}

/// What is read at a time: some people, some days, or everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    people: Option<Vec<Uuid>>,
    days: Option<Days>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Period {
    Asked,
    Before,
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = Array<Nullable<BigInt>>)]
    values: Figures,
}

impl Asked {
    fn figures(&self) -> Vec<Figure> {
        self.wanted.kind.figures(&self.wanted.dims())
    }

    pub fn columns(&self) -> Vec<ReportColumn> {
        let figures = self.figures().into_iter();
        figures
            .map(|Figure { key, unit, .. }| ReportColumn { key, unit })
            .collect()
    }

    pub fn everything(&self) -> Part {
        Part::default()
    }

    /// The days of people that are added up. `$1` company, `$2` and `$3` days, `$4` person, `$5` team, `$6` and `$7` the days
    /// before, `$8` and `$9` how far they are away, `$10` to `$12` a part, `$13` to `$15` the schedule.
    fn source(&self, period: Period, part: &Part, dims: &[Dim]) -> String {
        let source = self.wanted.kind.source();
        let (day, from, to) = match period {
            Period::Asked => ("s.day", "$2", "$3"),
            Period::Before => (
                "(s.day + $8 + make_interval(months => $9))::date",
                "$6",
                "$7",
            ),
        };
        let item = source.item.map_or("NULL::text", |(_, column)| column);
        let item = source
            .item
            .map_or(item.to_owned(), |(_, column)| format!("s.{column}"));
        let (team, join) = match dims.contains(&Dim::Team) {
            true => (
                "u.team_id",
                " JOIN tenant.users u ON u.company_id = $1 AND u.id = s.user_id",
            ),
            false => ("NULL::uuid", ""),
        };
        let schedule = match source.has_schedule {
            true if self.schedule.people.is_empty() => {
                " JOIN unnest($13, $14, $15) AS d (day, due_at, base_at) ON d.day = s.day"
            }
            true => {
                " LEFT JOIN unnest($21, $22) AS h (user_id, hours) ON h.user_id = s.user_id \
                 JOIN unnest($13, $14, $15, $23) AS d (day, due_at, base_at, hours) \
                   ON d.day = s.day AND d.hours = coalesce(h.hours, 0)"
            }
            false => "",
        };
        let mut text = format!(
            "SELECT s.user_id, {day} AS day, {item} AS item, {team} AS team_id, {} FROM tenant.{} s{join}{schedule} \
             WHERE s.company_id = $1 AND s.day BETWEEN {from} AND {to} AND s.{} > 0",
            source.columns, source.table, source.seconds
        );
        if self.wanted.user.is_some() {
            text += " AND s.user_id = $4";
        }
        if self.wanted.team.is_some() {
            text += " AND s.user_id IN (SELECT id FROM tenant.users WHERE company_id = $1 AND team_id = $5)";
        }
        if part.people.is_some() {
            text += " AND s.user_id = ANY ($10)";
        }
        if part.days.is_some() {
            text += &format!(" AND {day} BETWEEN $11 AND $12");
        }
        text
    }

    /// One row for each of the keys: `key`, `sub_key`, `v` and `alone`.
    fn grouped(
        &self,
        period: Period,
        part: &Part,
        (group, sub): (Dim, Option<Dim>),
        figures: &[Figure],
    ) -> String {
        let dims: Vec<Dim> = [Some(group), sub].into_iter().flatten().collect();
        let by = |dim: Dim| match dim {
            Dim::Person => "x.user_id",
            Dim::Team => "x.team_id",
            Dim::Day => "x.day",
            Dim::Week => "date_trunc('week', x.day::timestamp)::date",
            Dim::Month => "date_trunc('month', x.day::timestamp)::date",
            Dim::App | Dim::Host | Dim::Task => "x.item",
        };
        let sub_key = sub.map_or("''".to_owned(), |sub| {
            format!("coalesce(({})::text, '')", by(sub))
        });
        let sub_by = sub.map_or(String::new(), |sub| format!(", {}", by(sub)));
        // Figures of people who cannot be told apart from one another are nobody's; those of one alone are theirs.
        let asks_who = self.wanted.team.is_some() || dims.contains(&Dim::Team);
        let alone = match asks_who && !dims.contains(&Dim::Person) {
            true => "CASE WHEN count(DISTINCT x.user_id) = 1 THEN min(x.user_id::text)::uuid END",
            false => "NULL::uuid",
        };
        let text = format!(
            "SELECT coalesce(({})::text, '') AS key, {sub_key} AS sub_key, {} AS v, {alone} AS alone FROM ({}) x GROUP BY {}{sub_by}",
            by(group),
            sums(period, figures),
            self.source(period, part, &dims),
            by(group),
        );
        text
    }

    /// The keys of both stretches: `key`, `sub_key`, `v`, `p` of the one before, and `alone`.
    fn met(&self, part: &Part, dims: (Dim, Option<Dim>), figures: &[Figure]) -> String {
        let asked = self.grouped(Period::Asked, part, dims, figures);
        if self.before.is_none() {
            return format!("SELECT key, sub_key, v, NULL::bigint[] AS p, alone FROM ({asked}) a");
        }
        let before = self.grouped(Period::Before, part, dims, figures);
        format!(
            "SELECT key, sub_key, a.v, b.v AS p, coalesce(a.alone, b.alone) AS alone \
             FROM ({asked}) a FULL JOIN ({before}) b USING (key, sub_key)"
        )
    }

    pub fn rows(
        &self,
        tx: &mut Tx,
        part: &Part,
        after: Option<&Key>,
        limit: i64,
    ) -> Result<Vec<Row>> {
        let (group, sub) = (self.wanted.group, self.wanted.sub);
        let (name, join) = named(group, "key", "n");
        let (sub_name, sub_join) = sub.map_or(("''".to_owned(), String::new()), |sub| {
            named(sub, "sub_key", "o")
        });
        let value = "-coalesce(m.v[1], 0)";
        let order = |dim: Dim, value: &str| match (dim.is_time(), self.wanted.sort) {
            (false, Order::Value) => format!("({value})::bigint"),
            _ => "0::bigint".to_owned(),
        };
        let place = |dim: Dim, name: &str, key: &str| match dim.is_time() {
            true => format!("m.{key}"),
            false => format!("lower({name}) || ' ' || m.{key}"),
        };
        let of_group = match sub {
            Some(_) => format!("sum({value}) OVER (PARTITION BY m.key)"),
            None => value.to_owned(),
        };
        let beyond = match after {
            Some(_) => "WHERE (\"order\", place, sub_order, sub_place) > ($16, $17, $18, $19)",
            None => "",
        };
        let text = format!(
            "SELECT * FROM (SELECT m.key, {name} AS name, m.sub_key, {sub_name} AS sub_name, m.v AS values, m.p AS previous, m.alone, \
               {} AS \"order\", {} AS place, {} AS sub_order, {} AS sub_place FROM ({}) m {join} {sub_join}) r \
             {beyond} ORDER BY \"order\", place, sub_order, sub_place LIMIT $20",
            order(group, &of_group),
            place(group, &name, "key"),
            sub.map_or("0::bigint".to_owned(), |sub| order(sub, value)),
            sub.map_or("''".to_owned(), |sub| place(sub, &sub_name, "sub_key")),
            self.met(part, (group, sub), &self.figures()),
        );
        let query = self.bound(&text, tx, part, after, limit);
        Ok(query.load(tx.conn)?)
    }

    /// Whether there are more rows than `most`: as many are looked for.
    pub fn has_more_than(&self, tx: &mut Tx, most: i64) -> Result<bool> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let (all, dims) = (self.everything(), (self.wanted.group, self.wanted.sub));
        let text = format!(
            "SELECT count(*) FROM (SELECT 1 FROM ({}) m LIMIT $20) n",
            self.met(&all, dims, &self.figures())
        );
        let query = self.bound(&text, tx, &all, None, most + 1);
        let counted: Counted = query.get_result(tx.conn)?;
        Ok(counted.count > most)
    }

    /// Of all rows, and of those before.
    pub fn totals(&self, tx: &mut Tx) -> Result<(Figures, Option<Figures>)> {
        let total = |period, tx: &mut Tx| -> Result<Figures> {
            let all = self.everything();
            let text = format!(
                "SELECT {} AS values FROM ({}) x",
                sums(period, &self.figures()),
                self.source(period, &all, &self.wanted.dims())
            );
            let sums: Sums = self.bound(&text, tx, &all, None, 0).get_result(tx.conn)?;
            Ok(sums.values)
        };
        let asked = total(Period::Asked, tx)?;
        let before = match self.before {
            Some(_) => Some(total(Period::Before, tx)?),
            None => None,
        };
        Ok((asked, before))
    }

    /// The first figure by the longest unit that gives few enough points.
    pub fn chart(&self, tx: &mut Tx) -> Result<(Dim, Vec<ReportPoint>)> {
        #[derive(QueryableByName)]
        struct Point {
            #[diesel(sql_type = Date)]
            day: NaiveDate,
            #[diesel(sql_type = BigInt)]
            value: i64,
            #[diesel(sql_type = BigInt)]
            previous: i64,
        }
        let unit = match (self.days.1 - self.days.0).num_days() {
            0..MOST_POINTS => Dim::Day,
            MOST_POINTS..200 => Dim::Week,
            _ => Dim::Month,
        };
        let all = self.everything();
        let first: Vec<Figure> = self.figures().into_iter().take(1).collect();
        let text = format!(
            "SELECT key::date AS day, coalesce(v[1], 0) AS value, coalesce(p[1], 0) AS previous FROM ({}) m ORDER BY 1",
            self.met(&all, (unit, None), &first)
        );
        let points: Vec<Point> = self.bound(&text, tx, &all, None, 0).load(tx.conn)?;
        let has_before = self.before.is_some();
        let points = points.into_iter().map(|point| ReportPoint {
            day: point.day,
            value: point.value,
            previous: has_before.then_some(point.previous),
        });
        Ok((unit, points.collect()))
    }

    /// Who looks at what is one person's leaves a note there. At whom, but for what others worked on the same tasks.
    pub fn note(&self, tx: &mut Tx, rows: &[Row]) -> Result<BTreeSet<Uuid>> {
        let dims = self.wanted.dims();
        let mut seen: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.alone).collect();
        // Somebody's hours of the whole stretch are a line of a list; day by day, or what they did, is more than that.
        let says_more = !matches!(self.wanted.kind, Kind::Hours | Kind::Activity)
            || dims.iter().any(|dim| dim.is_time());
        if let Some(user) = self.wanted.user {
            seen.insert(user);
        } else if says_more {
            seen.extend(self.ids(Dim::Person, rows));
        }
        let looks: Vec<(Uuid, NaiveDate)> = seen.iter().map(|user| (*user, self.days.1)).collect();
        access_entries::note_days(tx, &looks, self.wanted.kind.look())?;
        let tasks: BTreeSet<Uuid> = self.ids(Dim::Task, rows).collect();
        // All that a task took is shown, of whomever.
        tasks::note_time(tx, &tasks.into_iter().collect::<Vec<_>>())?;
        Ok(seen)
    }

    /// What rows stand for, if it is that.
    fn ids<'a>(&self, dim: Dim, rows: &'a [Row]) -> impl Iterator<Item = Uuid> + use<'a> {
        let (of_group, of_sub) = (self.wanted.group == dim, self.wanted.sub == Some(dim));
        rows.iter().filter_map(move |row| match (of_group, of_sub) {
            (true, _) => row.key.parse().ok(),
            (_, true) => row.sub_key.parse().ok(),
            _ => None,
        })
    }

    /// What a file is read in, so that none of it takes long or is held whole.
    pub fn parts(&self, tx: &mut Tx) -> Result<Vec<Part>> {
        let Some(sub) = self.wanted.sub else {
            return Ok(vec![self.everything()]);
        };
        let people = |tx: &mut Tx| -> Result<Vec<Uuid>> {
            #[derive(QueryableByName)]
            struct Person {
                #[diesel(sql_type = SqlUuid)]
                id: Uuid,
            }
            let people: Vec<Person> = sql_query(
                "SELECT id FROM tenant.users WHERE company_id = $1 AND ($2 IS NULL OR id = $2) AND ($3 IS NULL OR team_id = $3) \
                 ORDER BY lower(coalesce(name, '')) || ' ' || id::text",
            )
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Nullable<SqlUuid>, _>(self.wanted.user)
            .bind::<Nullable<SqlUuid>, _>(self.wanted.team)
            .load(tx.conn)?;
            Ok(people.into_iter().map(|person| person.id).collect())
        };
        let days = (self.days.1 - self.days.0).num_days() + 1;
        let group = self.wanted.group;
        if group == Dim::Person {
            let rows = match sub {
                Dim::Day => days,
                Dim::Week => days / 7 + 2,
                Dim::Month => days / 28 + 2,
                Dim::Team => 1,
                _ => 100,
            };
            let at_once = usize::try_from((PART / rows).max(1)).unwrap_or(1);
            let people = people(tx)?;
            let parts = people.chunks(at_once).map(|people| Part {
                people: Some(people.to_vec()),
                days: None,
            });
            return Ok(parts.collect());
        }
        if !group.is_time() {
            return Ok(vec![self.everything()]);
        }
        let rows = match sub {
            Dim::Person => i64::try_from(people(tx)?.len()).unwrap_or(PART),
            _ => 200,
        };
        let at_once = (PART / rows.max(1)).max(1);
        Ok(stretches(self.days, group, at_once)
            .into_iter()
            .map(|days| Part {
                people: None,
                days: Some(days),
            })
            .collect())
    }

    pub fn row(&self, row: Row) -> ReportRow {
        let nothing = vec![None; self.figures().len()];
        let key = |dim: Dim, key: String, name: String| ReportKey {
            id: dim.has_id().then(|| key.parse().ok()).flatten(),
            day: dim.is_time().then(|| key.parse().ok()).flatten(),
            name: (!dim.is_time()).then_some(name),
        };
        ReportRow {
            group: key(self.wanted.group, row.key, row.name),
            sub: self
                .wanted
                .sub
                .map(|sub| key(sub, row.sub_key, row.sub_name)),
            values: row.values.unwrap_or_else(|| nothing.clone()),
            previous: self.before.map(|_| row.previous.unwrap_or(nothing)),
        }
    }

    /// What the text names is bound, and numbered anew without gaps: the database wants to know the type of each. `$16` to
    /// `$19` are where the page before ended, `$20` is how many rows are wanted, `$21` to `$23` are who has other hours than the company, and whose the schedule's are.
    fn bound(
        &self,
        text: &str,
        tx: &Tx,
        part: &Part,
        after: Option<&Key>,
        limit: i64,
    ) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        let before = self.before.unwrap_or(self.days);
        let days = part.days.unwrap_or(self.days);
        let (text, named) = numbered(text);
        let mut query = sql_query(text).into_boxed();
        for name in named {
            query = match name {
                1 => query.bind::<SqlUuid, _>(tx.company),
                2 => query.bind::<Date, _>(self.days.0),
                3 => query.bind::<Date, _>(self.days.1),
                4 => query.bind::<Nullable<SqlUuid>, _>(self.wanted.user),
                5 => query.bind::<Nullable<SqlUuid>, _>(self.wanted.team),
                6 => query.bind::<Date, _>(before.0),
                7 => query.bind::<Date, _>(before.1),
                8 => query.bind::<Integer, _>(self.shift.0),
                9 => query.bind::<Integer, _>(self.shift.1),
                10 => query.bind::<Array<SqlUuid>, _>(part.people.clone().unwrap_or_default()),
                11 => query.bind::<Date, _>(days.0),
                12 => query.bind::<Date, _>(days.1),
                13 => query.bind::<Array<Date>, _>(self.schedule.days.clone()),
                14 => query.bind::<Array<Nullable<Timestamptz>>, _>(self.schedule.due.clone()),
                15 => query.bind::<Array<Timestamptz>, _>(self.schedule.base.clone()),
                16 => query.bind::<Nullable<BigInt>, _>(after.map(|key| key.0)),
                17 => query.bind::<Nullable<Text>, _>(after.map(|key| key.1.clone())),
                18 => query.bind::<Nullable<BigInt>, _>(after.map(|key| key.2)),
                19 => query.bind::<Nullable<Text>, _>(after.map(|key| key.3.clone())),
                20 => query.bind::<BigInt, _>(limit),
                21 => query.bind::<Array<SqlUuid>, _>(self.schedule.people.clone()),
                22 => query.bind::<Array<Integer>, _>(self.schedule.hours_of_people.clone()),
                _ => query.bind::<Array<Integer>, _>(self.schedule.hours.clone()),
            };
        }
        query
    }
}

/// The text with its parameters numbered anew in the order in which they come, and which they were.
fn numbered(text: &str) -> (String, Vec<usize>) {
    let (mut made, mut named) = (String::with_capacity(text.len()), Vec::new());
    let mut pieces = text.split('$');
    made.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        let number: usize = number.parse().unwrap_or_default();
        let place = named.iter().position(|known| *known == number);
        let place = place.unwrap_or_else(|| {
            named.push(number);
            named.len() - 1
        });
        made.push_str(&format!("${}{rest}", place + 1));
    }
    (made, named)
}

fn sums(period: Period, figures: &[Figure]) -> String {
    let sums: Vec<&str> = figures.iter().map(|figure| figure.sum).collect();
    let sums = format!("ARRAY[{}]::bigint[]", sums.join(", "));
    match period {
        Period::Asked => sums,
        Period::Before => sums.replace("$3", "$7"),
    }
}

/// The name of what a key stands for, and where it is looked up.
fn named(dim: Dim, key: &str, alias: &str) -> (String, String) {
    let found = |table: &str, name: &str| {
        let join = format!(
            "LEFT JOIN tenant.{table} {alias} ON {alias}.company_id = $1 AND {alias}.id = nullif(m.{key}, '')::uuid"
        );
        (format!("coalesce({alias}.{name}, '')"), join)
    };
    match dim {
        Dim::Person => found("users", "name"),
        Dim::Team => found("teams", "name"),
        Dim::Task => found("tasks", "title"),
        Dim::App | Dim::Host => (format!("m.{key}"), String::new()),
        Dim::Day | Dim::Week | Dim::Month => ("''".to_owned(), String::new()),
    }
}

/// The days in stretches of so many whole days, weeks or months, the first and the last as far as they are asked for.
fn stretches((from, to): Days, unit: Dim, at_once: i64) -> Vec<Days> {
    use chrono::{Datelike, Duration};
    let next = |day: NaiveDate| match unit {
        Dim::Week => day + Duration::days(7 - i64::from(day.weekday().num_days_from_monday())),
        Dim::Month => {
            let first = day.with_day(1).unwrap_or(day);
            first + chrono::Months::new(1)
        }
        _ => day + Duration::days(1),
    };
    let mut stretches = Vec::new();
    let mut start = from;
    while start <= to {
        let end = (0..at_once).fold(start, |day, _| next(day).min(to + Duration::days(1)));
        stretches.push((start, end - Duration::days(1)));
        start = end;
    }
    stretches
}

/// What a workbook or a document holds.
pub(super) fn must_fit(is_more: bool) -> Result<()> {
    sheet::must_fit(if is_more { sheet::MAX_ROWS + 1 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_without_gaps() {
        let (text, named) = numbered("a = $1 AND b = $12 AND c = $1 OR $7 IS NULL");
        assert_eq!(text, "a = $1 AND b = $2 AND c = $1 OR $3 IS NULL");
        assert_eq!(named, [1, 12, 7]);
    }

    #[test]
    fn stretches_follow_each_other_and_keep_weeks_and_months_whole() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = (day("2026-01-14"), day("2026-03-10"));
        for unit in [Dim::Day, Dim::Week, Dim::Month] {
            for at_once in [1, 3, 1000] {
                let found = stretches(days, unit, at_once);
                let mut next = days.0;
                for (from, to) in &found {
                    assert_eq!(*from, next, "{unit:?} {at_once}");
                    assert!(from <= to);
                    next = to.succ_opt().unwrap();
                }
                assert_eq!(next, days.1.succ_opt().unwrap());
            }
        }
        let months = stretches(days, Dim::Month, 1);
        assert_eq!(months[0].1, day("2026-01-31"));
        assert_eq!(months.len(), 3);
        assert_eq!(stretches(days, Dim::Week, 1)[0].1, day("2026-01-18"));
    }
}
