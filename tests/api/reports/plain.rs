//! The figures of reports a second time, in the plainest way: for each company and each moment all rows are looked
//! through for the one in force. `docs/reports.md` in code, with nothing shared with the server.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct Row {
    pub company: Uuid,
    pub id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub status: &'static str,
    pub plan: String,
    pub currency: &'static str,
    pub period: &'static str,
    pub price_minor: i64,
}

impl Row {
    /// Twelfths of a minor unit a month.
    fn paid(&self) -> i128 {
        match (self.status, self.period) {
            ("ACTIVE", "month") => i128::from(self.price_minor) * 12,
            ("ACTIVE", _) => i128::from(self.price_minor),
            _ => 0,
        }
    }
}

/// Rows of one company each, and the report's range: first days of months, and the moment of the last answer.
pub struct Plain<'a> {
    pub companies: Vec<Vec<&'a Row>>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub now: DateTime<Utc>,
}

fn in_force<'a>(rows: &[&'a Row], at: DateTime<Utc>) -> Option<&'a Row> {
    let begun = rows.iter().filter(|row| row.starts_at <= at);
    begun.max_by_key(|row| row.id).copied()
}

fn next(month: NaiveDate) -> NaiveDate {
    month + Months::new(1)
}

fn name(month: NaiveDate) -> String {
    month.format("%Y-%m").to_string()
}

fn month_of(at: DateTime<Utc>) -> NaiveDate {
    at.date_naive().with_day(1).unwrap()
}

fn months(from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
    (0..)
        .map(|by| from + Months::new(by))
        .take_while(|month| *month <= to)
        .collect()
}

/// Cut to a whole number, also below nothing.
fn floor(amount: i128, unit: i128) -> i64 {
    let cut = amount / unit - i128::from(amount % unit < 0);
    i64::try_from(cut).unwrap()
}

fn bp(part: i128, whole: i128) -> Option<i64> {
    (whole > 0).then(|| floor(part * 10_000, whole))
}

fn with(mut value: Value, name: &str, figure: Option<i64>) -> Value {
    if let Some(figure) = figure {
        value[name] = json!(figure);
    }
    value
}

fn lower(status: &str) -> String {
    status.to_lowercase()
}

fn counts<'a>(rows: impl Iterator<Item = &'a Row>) -> Value {
    let mut counts =
        json!({ "trial": 0, "active": 0, "suspended": 0, "expired": 0, "cancelled": 0 });
    for row in rows {
        let of = &mut counts[lower(row.status)];
        *of = json!(of.as_i64().unwrap() + 1);
    }
    counts
}

/// The parts of a waterfall as exact amounts: start, new, reactivated, expansion, contraction, churned.
type Parts = [i128; 6];

fn waterfall(month: NaiveDate, parts: Parts, unit: i128) -> Value {
    // Each is the difference of two cut running totals.
    let total = |many: usize| floor(parts[..many].iter().sum(), unit);
    let shown = |place: usize| total(place + 1) - total(place);
    let row = json!({ "month": name(month), "start_minor": shown(0), "new_minor": shown(1), "reactivated_minor": shown(2),
        "expansion_minor": shown(3), "contraction_minor": -shown(4), "churned_minor": -shown(5), "end_minor": total(6) });
    with(
        row,
        "revenue_churn_bp",
        bp(-(parts[4] + parts[5]), parts[0]),
    )
}

impl Plain<'_> {
    /// The last moment that belongs to a month, or the one of the answer.
    fn end_of(&self, month: NaiveDate) -> DateTime<Utc> {
        let last = next(month).and_hms_opt(0, 0, 0).unwrap().and_utc() - Duration::microseconds(1);
        last.min(self.now - Duration::microseconds(1))
    }

    fn at_end<'b>(&self, rows: &[&'b Row], month: NaiveDate) -> Option<&'b Row> {
        in_force(rows, self.end_of(month))
    }

    fn paying<'b>(&self, rows: &[&'b Row], month: NaiveDate) -> Option<&'b Row> {
        self.at_end(rows, month).filter(|row| row.paid() > 0)
    }

    fn first_paying(&self, rows: &[&Row]) -> Option<NaiveDate> {
        let began = rows.iter().map(|row| row.starts_at).min()?;
        months(month_of(began), self.to)
            .into_iter()
            .find(|month| self.paying(rows, *month).is_some())
    }

    fn months(&self) -> Vec<NaiveDate> {
        months(self.from, self.to)
    }

    pub fn overview(&self) -> Value {
        let months = self.months().into_iter().map(|month| {
            let rows = self
                .companies
                .iter()
                .filter_map(|rows| self.at_end(rows, month));
            let mut counts = counts(rows);
            counts["month"] = json!(name(month));
            counts
        });
        let now = self
            .companies
            .iter()
            .filter_map(|rows| in_force(rows, self.now));
        json!({ "from": name(self.from), "to": name(self.to), "now": counts(now), "months": months.collect::<Vec<_>>() })
    }

    /// By the plan's name.
    pub fn plans(&self) -> BTreeMap<String, Value> {
        let rows = || {
            self.companies
                .iter()
                .filter_map(|rows| self.at_end(rows, self.to))
        };
        let names: BTreeSet<&String> = rows().map(|row| &row.plan).collect();
        let share = |plan: &String| {
            let mut share = counts(rows().filter(|row| row.plan == *plan));
            let of = |status: &str| share[status].as_i64().unwrap();
            share["companies"] = json!(of("trial") + of("active") + of("suspended"));
            share
        };
        names
            .into_iter()
            .map(|plan| (plan.clone(), share(plan)))
            .collect()
    }

    pub fn growth(&self) -> Value {
        let months = self.months().into_iter().map(|month| {
            let there: Vec<&Row> = self
                .companies
                .iter()
                .filter_map(|rows| self.at_end(rows, month))
                .collect();
            let here = there.iter().filter(|row| ["TRIAL", "ACTIVE", "SUSPENDED"].contains(&row.status));
            let started = self.companies.iter().filter(|rows| {
                let began = rows.iter().map(|row| row.starts_at).min().unwrap();
                began <= self.end_of(month) && month_of(began) == month
            });
            let mut paid: BTreeMap<&str, i128> = BTreeMap::new();
            there.iter().for_each(|row| *paid.entry(row.currency).or_default() += row.paid());
            let mrr = paid.iter().filter(|(_, paid)| **paid > 0);
            let mrr = mrr.map(|(currency, paid)| json!({ "currency": currency, "mrr_minor": floor(*paid, 12) }));
            json!({ "month": name(month), "companies": here.count(), "started_companies": started.count(),
                "paying_companies": there.iter().filter(|row| row.paid() > 0).count(), "mrr": mrr.collect::<Vec<_>>() })
        });
        json!(months.collect::<Vec<_>>())
    }

    /// One company's parts in one currency in one month.
    fn parts(&self, rows: &[&Row], month: NaiveDate, currency: &str) -> Parts {
        let before = self.paying(rows, month - Months::new(1));
        let after = self.paying(rows, month);
        let of = |row: Option<&Row>| {
            row.filter(|row| row.currency == currency)
                .map_or(0, Row::paid)
        };
        let (was, is) = (of(before), of(after));
        let [
            mut new,
            mut reactivated,
            mut expansion,
            mut contraction,
            mut churned,
        ] = [0; 5];
        match (before, after) {
            (None, _) if self.first_paying(rows) == Some(month) => new = is,
            (None, _) => reactivated = is,
            (_, None) => churned = -was,
            _ => {
                expansion = (is - was).max(0);
                contraction = (is - was).min(0);
            }
        }
        [was, new, reactivated, expansion, contraction, churned]
    }

    fn sum(&self, month: NaiveDate, currency: &str) -> Parts {
        let mut sum = [0; 6];
        for rows in &self.companies {
            let parts = self.parts(rows, month, currency);
            sum.iter_mut()
                .zip(parts)
                .for_each(|(sum, part)| *sum += part);
        }
        sum
    }

    pub fn currencies(&self) -> Vec<&'static str> {
        let all = self.companies.iter().flatten().map(|row| row.currency);
        let all: BTreeSet<&str> = all.collect();
        let has_any = |currency: &&str| {
            let months = self.months();
            months
                .iter()
                .any(|month| self.sum(*month, currency).iter().any(|part| *part != 0))
        };
        all.into_iter().filter(has_any).collect()
    }

    pub fn revenue(&self) -> Value {
        let currencies = self.currencies().into_iter().map(|currency| {
            let months = self.months().into_iter();
            let months = months.map(|month| waterfall(month, self.sum(month, currency), 12));
            let paying: Vec<&Row> = self
                .companies
                .iter()
                .filter_map(|rows| self.paying(rows, self.to))
                .filter(|row| row.currency == currency)
                .collect();
            let names: BTreeSet<&String> = paying.iter().map(|row| &row.plan).collect();
            let until = |plan: &String, or_at: bool| -> i64 {
                let before = paying.iter().filter(|row| row.plan < *plan || or_at && row.plan == *plan);
                floor(before.map(|row| row.paid()).sum(), 12)
            };
            let plans = names.iter().map(|plan| {
                let companies = paying.iter().filter(|row| row.plan == **plan).count();
                json!({ "plan": plan, "companies": companies, "mrr_minor": until(plan, true) - until(plan, false) })
            });
            let total: i128 = paying.iter().map(|row| row.paid()).sum();
            let cohorts = self.cohorts(|rows, month| {
                let row = self.paying(rows, month).filter(|row| row.currency == currency);
                row.map_or(0, Row::paid)
            });
            let cohorts = cohorts.into_iter().map(|(month, paid)| {
                let paid: Vec<i64> = paid.into_iter().map(|paid| floor(paid, 12)).collect();
                json!({ "month": name(month), "mrr_minor": paid })
            });
            json!({ "currency": currency, "mrr_minor": floor(total, 12), "arr_minor": floor(total, 1),
                "paying_companies": paying.len(), "plans": plans.collect::<Vec<_>>(), "months": months.collect::<Vec<_>>(),
                "cohorts": cohorts.collect::<Vec<_>>() })
        });
        let cohorts = self.cohorts(|rows, month| i128::from(self.paying(rows, month).is_some()));
        let cohorts = cohorts
            .into_iter()
            .map(|(month, companies)| json!({ "month": name(month), "companies": companies }));
        json!({ "from": name(self.from), "to": name(self.to), "currencies": currencies.collect::<Vec<_>>(),
            "logos": self.logos(), "trials": self.trials(), "cohorts": cohorts.collect::<Vec<_>>() })
    }

    fn cohorts(&self, figure: impl Fn(&[&Row], NaiveDate) -> i128) -> Vec<(NaiveDate, Vec<i128>)> {
        let cohort = |began: NaiveDate| {
            let members = || {
                let all = self.companies.iter();
                all.filter(move |rows| self.first_paying(rows) == Some(began))
            };
            let kept = months(began, self.to);
            let kept = kept
                .into_iter()
                .map(|month| members().map(|rows| figure(rows, month)).sum());
            (began, kept.collect())
        };
        self.months().into_iter().map(cohort).collect()
    }

    fn logos(&self) -> Vec<Value> {
        let count = |test: &dyn Fn(&[&Row]) -> bool| {
            self.companies.iter().filter(|rows| test(rows)).count()
        };
        let months = self.months().into_iter().map(|month| {
            let before = |rows: &[&Row]| self.paying(rows, month - Months::new(1)).is_some();
            let after = |rows: &[&Row]| self.paying(rows, month).is_some();
            let first = |rows: &[&Row]| self.first_paying(rows) == Some(month);
            let churned = count(&|rows| before(rows) && !after(rows));
            let row = json!({ "month": name(month), "start": count(&before), "new": count(&first),
                "reactivated": count(&|rows| !before(rows) && after(rows) && !first(rows)), "churned": churned, "end": count(&after) });
            with(row, "logo_churn_bp", bp(churned as i128, count(&before) as i128))
        });
        months.collect()
    }

    fn trials(&self) -> Vec<Value> {
        let months = self.months().into_iter().map(|month| {
            let [mut started, mut converted, mut open] = [0; 3];
            for rows in &self.companies {
                let ever = rows.iter().filter(|row| {
                    row.starts_at < self.now
                        && row.starts_at <= self.end_of(self.to)
                        && in_force(rows, row.starts_at).is_some_and(|other| other.id == row.id)
                });
                let ever: Vec<&&Row> = ever.collect();
                let trial = ever.iter().filter(|row| row.status == "TRIAL").min_by_key(|row| row.starts_at);
                let Some(trial) = trial.filter(|row| month_of(row.starts_at) == month) else {
                    continue;
                };
                started += 1;
                let pays = ever.iter().any(|row| row.starts_at > trial.starts_at && row.paid() > 0);
                let last = self.at_end(rows, self.to).unwrap();
                converted += i64::from(pays);
                open += i64::from(!pays && last.status == "TRIAL");
            }
            let row = json!({ "month": name(month), "started": started, "converted": converted, "open": open,
                "ended": started - converted - open });
            with(row, "conversion_bp", bp(converted.into(), started.into()))
        });
        months.collect()
    }

    /// Months of all currencies in one, at rates of ten thousandths between currencies with these many digits.
    pub fn converted(&self, to: &str, rate: impl Fn(&str) -> i128) -> (Vec<Value>, i64, i64) {
        let digits = |currency: &str| if currency == "JPY" { 1 } else { 100 };
        // In parts of 1 / (12 · 10,000 · 100) minor unit.
        let unit = 12 * 10_000 * 100;
        let sums: Vec<(NaiveDate, Parts)> = self
            .months()
            .into_iter()
            .map(|month| {
                let mut sum = [0; 6];
                for currency in self.currencies() {
                    let factor = rate(currency) * digits(to) * (100 / digits(currency));
                    let parts = self.sum(month, currency);
                    sum.iter_mut()
                        .zip(parts)
                        .for_each(|(sum, part)| *sum += part * factor);
                }
                (month, sum)
            })
            .collect();
        let end: i128 = sums.last().unwrap().1.iter().sum();
        let months = sums
            .into_iter()
            .map(|(month, parts)| waterfall(month, parts, unit));
        (months.collect(), floor(end, unit), floor(end * 12, unit))
    }
}
