//! What companies pay, how that came about, and who stays. `docs/reports.md` defines each word.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::history::{Company, History, Status, Terms};
use super::months::{Month, Range};
use super::plans;
use crate::Result;
use crate::owner::exchange_rates::{Converter, RateUsed};
use crate::owner::mrr;
use crate::owner::plans::Currency;

/// What companies pay.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevenueReport {
    pub from: Month,
    pub to: Month,
    /// The current month is told up to here.
    pub as_of: DateTime<Utc>,
    /// By currency, never added up.
    pub currencies: Vec<CurrencyRevenue>,
    /// All currencies in the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub converted: Option<ConvertedRevenue>,
    /// How many companies pay, whatever the currency.
    pub logos: Vec<LogoMonth>,
    pub trials: Vec<TrialMonth>,
    /// By the month in which companies began to pay.
    pub cohorts: Vec<Cohort>,
}

/// What is paid in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CurrencyRevenue {
    pub currency: Currency,
    /// At the end of the last month, or now.
    pub mrr_minor: i64,
    /// Twelve times as much, cut by itself.
    pub arr_minor: i64,
    pub paying_companies: i64,
    /// The same by plan; adds up to it.
    pub plans: Vec<PlanRevenue>,
    pub months: Vec<RevenueMonth>,
    pub cohorts: Vec<RevenueCohort>,
}

/// What is paid for a plan.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanRevenue {
    pub plan: String,
    pub companies: i64,
    pub mrr_minor: i64,
}

/// A month's way from one MRR to the next: start + new + reactivated + expansion − contraction − churned = end.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevenueMonth {
    pub month: Month,
    pub start_minor: i64,
    pub new_minor: i64,
    pub reactivated_minor: i64,
    pub expansion_minor: i64,
    pub contraction_minor: i64,
    pub churned_minor: i64,
    pub end_minor: i64,
    /// Contraction and churn of what there was at the start, in hundredths of a per cent. Absent when there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revenue_churn_bp: Option<i64>,
}

/// Companies that pay: start + new + reactivated − churned = end.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct LogoMonth {
    pub month: Month,
    pub start: i64,
    pub new: i64,
    pub reactivated: i64,
    pub churned: i64,
    pub end: i64,
    /// Those that were lost of those at the start, in hundredths of a per cent. Absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub logo_churn_bp: Option<i64>,
}

/// What became of the trials that began in a month: started = converted + open + ended.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct TrialMonth {
    pub month: Month,
    pub started: i64,
    /// Those that came to pay, in that month or later.
    pub converted: i64,
    /// Those still on trial.
    pub open: i64,
    /// Those that ended otherwise.
    pub ended: i64,
    /// Converted of started, in hundredths of a per cent. Absent when none started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conversion_bp: Option<i64>,
}

/// Companies that began to pay in a month, and how many of them paid at its end and at the end of each month after it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Cohort {
    pub month: Month,
    pub companies: Vec<i64>,
}

/// What the companies that began to pay in a month paid at its end and at the end of each month after it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RevenueCohort {
    pub month: Month,
    pub mrr_minor: Vec<i64>,
}

/// Amounts of all currencies, at the owner's rates of one day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConvertedRevenue {
    pub currency: Currency,
    /// The rates are those of this day, for every month: what changes is the business, not the rates.
    pub rates_of: NaiveDate,
    pub rates: Vec<RateUsed>,
    /// Currencies without a rate on that day. Then there is no total: a part of it would look like one.
    #[schema(value_type = Vec<String>)]
    pub missing: Vec<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mrr_minor: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub arr_minor: Option<i64>,
    pub months: Vec<RevenueMonth>,
}

/// The way of a month in exact amounts, in the order in which they are added. What is lost is negative.
#[derive(Debug, Clone, Copy, Default)]
struct Movement {
    start: i128,
    new: i128,
    reactivated: i128,
    expansion: i128,
    contraction: i128,
    churned: i128,
}

impl Movement {
    fn parts(&self) -> [i128; 6] {
        [
            self.start,
            self.new,
            self.reactivated,
            self.expansion,
            self.contraction,
            self.churned,
        ]
    }

    fn shown(&self, month: Month, unit: i128) -> RevenueMonth {
        let [start, new, reactivated, expansion, contraction, churned] =
            mrr::cut_parts(self.parts(), unit);
        RevenueMonth {
            month,
            start_minor: start,
            new_minor: new,
            reactivated_minor: reactivated,
            expansion_minor: expansion,
            contraction_minor: -contraction,
            churned_minor: -churned,
            end_minor: mrr::cut(self.parts().iter().sum(), unit),
            revenue_churn_bp: share(-(self.contraction + self.churned), self.start),
        }
    }
}

/// In hundredths of a per cent, cut.
fn share(part: i128, whole: i128) -> Option<i64> {
    (whole > 0).then(|| mrr::cut(part * 10_000, whole))
}

/// What is known of one currency while companies pass.
#[derive(Debug, Default)]
struct Tally {
    months: Vec<Movement>,
    plans: HashMap<Uuid, (i64, i128)>,
    /// By the month of beginning, then by months since.
    cohorts: Vec<Vec<i128>>,
}

struct Report {
    range: Range,
    currencies: Vec<Tally>,
    logos: Vec<LogoMonth>,
    trials: Vec<TrialMonth>,
    cohorts: Vec<Cohort>,
}

/// What the histories say, before plans' names and exchange rates are looked up.
pub(super) struct Folded {
    range: Range,
    tallies: Vec<(Currency, Tally)>,
    logos: Vec<LogoMonth>,
    trials: Vec<TrialMonth>,
    cohorts: Vec<Cohort>,
}

pub(super) fn fold(history: &History, range: Range) -> Folded {
    let mut report = Report::new(range);
    history.each(range.to, range.end(), |company| report.add(company));
    // Currencies in which nothing was paid in these months say nothing.
    let mut tallies: Vec<(Currency, Tally)> = history
        .currencies()
        .iter()
        .cloned()
        .map(Currency)
        .zip(report.currencies)
        .filter(|(_, tally)| {
            let mut parts = tally.months.iter().flat_map(Movement::parts);
            parts.any(|part| part != 0)
        })
        .collect();
    tallies.sort_by(|(a, _), (b, _)| a.cmp(b));
    for one in &mut report.logos {
        one.logo_churn_bp = share(one.churned.into(), one.start.into());
    }
    for one in &mut report.trials {
        one.ended = one.started - one.converted - one.open;
        one.conversion_bp = share(one.converted.into(), one.started.into());
    }
    Folded {
        range,
        tallies,
        logos: report.logos,
        trials: report.trials,
        cohorts: report.cohorts,
    }
}

impl Folded {
    pub(super) fn report(
        self,
        conn: &mut PgConnection,
        convert_to: Option<Currency>,
    ) -> Result<RevenueReport> {
        let range = self.range;
        let names = plans::names(conn)?;
        let converted = match convert_to {
            Some(currency) => Some(convert(conn, &range, currency, &self.tallies)?),
            None => None,
        };
        let tallies = self.tallies.into_iter();
        let currencies = tallies.map(|(currency, tally)| tally.shown(&range, currency, &names));
        Ok(RevenueReport {
            from: range.from,
            to: range.to,
            as_of: range.now,
            currencies: currencies.collect(),
            converted,
            logos: self.logos,
            trials: self.trials,
            cohorts: self.cohorts,
        })
    }
}

impl Report {
    fn new(range: Range) -> Self {
        Self {
            range,
            currencies: Vec::new(),
            logos: range
                .months()
                .map(|month| LogoMonth {
                    month,
                    start: 0,
                    new: 0,
                    reactivated: 0,
                    churned: 0,
                    end: 0,
                    logo_churn_bp: None,
                })
                .collect(),
            trials: range
                .months()
                .map(|month| TrialMonth {
                    month,
                    started: 0,
                    converted: 0,
                    open: 0,
                    ended: 0,
                    conversion_bp: None,
                })
                .collect(),
            cohorts: range
                .months()
                .map(|month| Cohort {
                    month,
                    companies: vec![0; usize::try_from(range.to.since(month) + 1).unwrap_or(0)],
                })
                .collect(),
        }
    }

    fn tally(&mut self, currency: usize) -> &mut Tally {
        let range = self.range;
        while self.currencies.len() <= currency {
            let cohorts = self
                .cohorts
                .iter()
                .map(|cohort| vec![0; cohort.companies.len()]);
            self.currencies.push(Tally {
                months: vec![Movement::default(); range.months().count()],
                plans: HashMap::new(),
                cohorts: cohorts.collect(),
            });
        }
        &mut self.currencies[currency]
    }

    fn add(&mut self, company: &Company) {
        self.add_trial(company);
        let Some(first) = company.first_paying() else {
            return;
        };
        for (place, month) in self.range.months().enumerate() {
            let before = company.at_end_of(month.plus(-1)).filter(|t| t.paid() > 0);
            let after = company.at_end_of(month).filter(|t| t.paid() > 0);
            self.add_movement(place, before, after, first == month);
        }
        self.add_cohort(company, first);
        if let Some(terms) = company.at_end_of(self.range.to).filter(|t| t.paid() > 0) {
            let plan = self.tally(terms.currency).plans.entry(terms.plan);
            let (companies, paid) = plan.or_default();
            *companies += 1;
            *paid += terms.paid();
        }
    }

    /// One company's way from the end of a month to the end of the next, in one kind of movement.
    fn add_movement(
        &mut self,
        place: usize,
        before: Option<&Terms>,
        after: Option<&Terms>,
        is_first: bool,
    ) {
        let logos = &mut self.logos[place];
        logos.start += i64::from(before.is_some());
        logos.end += i64::from(after.is_some());
        match (before, after) {
            (None, Some(_)) if is_first => logos.new += 1,
            (None, Some(_)) => logos.reactivated += 1,
            (Some(_), None) => logos.churned += 1,
            _ => {}
        }
        if let Some(before) = before {
            self.tally(before.currency).months[place].start += before.paid();
        }
        match (before, after) {
            (None, None) => {}
            (None, Some(after)) => {
                let month = &mut self.tally(after.currency).months[place];
                match is_first {
                    true => month.new += after.paid(),
                    false => month.reactivated += after.paid(),
                }
            }
            (Some(before), None) => {
                self.tally(before.currency).months[place].churned -= before.paid();
            }
            (Some(before), Some(after)) if before.currency == after.currency => {
                let month = &mut self.tally(after.currency).months[place];
                let more = after.paid() - before.paid();
                match more > 0 {
                    true => month.expansion += more,
                    false => month.contraction += more,
                }
            }
            // It stays a customer: nothing is new, and nobody is lost.
            (Some(before), Some(after)) => {
                self.tally(before.currency).months[place].contraction -= before.paid();
                self.tally(after.currency).months[place].expansion += after.paid();
            }
        }
    }

    fn add_cohort(&mut self, company: &Company, first: Month) {
        let Some(place) = self.range.place(first) else {
            return;
        };
        for since in 0..=self.range.to.since(first) {
            let terms = company.at_end_of(first.plus(since));
            let Some(terms) = terms.filter(|terms| terms.paid() > 0) else {
                continue;
            };
            let since = usize::try_from(since).unwrap_or_default();
            self.cohorts[place].companies[since] += 1;
            self.tally(terms.currency).cohorts[place][since] += terms.paid();
        }
    }

    /// By the first stretch on trial; a later one is no other trial.
    fn add_trial(&mut self, company: &Company) {
        let mut stretches = company.stretches.iter();
        let Some((began, _)) = stretches.find(|(_, terms)| terms.status == Status::Trial) else {
            return;
        };
        let Some(place) = self.range.place(Month::of(*began)) else {
            return;
        };
        let is_converted = stretches.any(|(_, terms)| terms.paid() > 0);
        let is_open = company
            .stretches
            .last()
            .is_some_and(|(_, terms)| terms.status == Status::Trial);
        let trials = &mut self.trials[place];
        trials.started += 1;
        trials.converted += i64::from(is_converted);
        trials.open += i64::from(is_open && !is_converted);
    }
}

impl Tally {
    fn end(&self) -> i128 {
        let last = self.months.last();
        last.map_or(0, |month| month.parts().iter().sum())
    }

    fn shown(
        self,
        range: &Range,
        currency: Currency,
        names: &HashMap<Uuid, String>,
    ) -> CurrencyRevenue {
        let name = |id| names.get(id).cloned().unwrap_or_default();
        let plans: BTreeMap<String, (i64, i128)> = self
            .plans
            .iter()
            .map(|(id, counted)| (name(id), *counted))
            .collect();
        let amounts = mrr::cut_list(plans.values().map(|(_, paid)| *paid), mrr::UNIT);
        let months = range.months().zip(&self.months);
        let cohorts = range.months().zip(&self.cohorts);
        CurrencyRevenue {
            currency,
            mrr_minor: mrr::cut(self.end(), mrr::UNIT),
            arr_minor: mrr::cut(self.end() * 12, mrr::UNIT),
            paying_companies: plans.values().map(|(companies, _)| companies).sum(),
            months: months
                .map(|(month, moved)| moved.shown(month, mrr::UNIT))
                .collect(),
            cohorts: cohorts
                .map(|(month, paid)| RevenueCohort {
                    month,
                    mrr_minor: paid.iter().map(|paid| mrr::cut(*paid, mrr::UNIT)).collect(),
                })
                .collect(),
            plans: plans
                .into_iter()
                .zip(amounts)
                .map(|((plan, (companies, _)), mrr_minor)| PlanRevenue {
                    plan,
                    companies,
                    mrr_minor,
                })
                .collect(),
        }
    }
}

/// Each currency's exact amounts at its rate, added, and cut once.
fn convert(
    conn: &mut PgConnection,
    range: &Range,
    to: Currency,
    tallies: &[(Currency, Tally)],
) -> Result<ConvertedRevenue> {
    let rates_of = range.last_day();
    let from: Vec<&Currency> = tallies.iter().map(|(currency, _)| currency).collect();
    let converter = Converter::load(conn, &to, rates_of, &from)?;
    let mut sums = vec![Movement::default(); range.months().count()];
    if converter.missing.is_empty() {
        for (currency, tally) in tallies {
            for (sum, moved) in sums.iter_mut().zip(&tally.months) {
                sum.start += converter.convert(currency, moved.start)?;
                sum.new += converter.convert(currency, moved.new)?;
                sum.reactivated += converter.convert(currency, moved.reactivated)?;
                sum.expansion += converter.convert(currency, moved.expansion)?;
                sum.contraction += converter.convert(currency, moved.contraction)?;
                sum.churned += converter.convert(currency, moved.churned)?;
            }
        }
    }
    let unit = mrr::UNIT * Converter::UNIT;
    let is_whole = converter.missing.is_empty();
    let end = sums.last().map(|last| last.parts().iter().sum::<i128>());
    let end = end.filter(|_| is_whole);
    let months = range.months().zip(&sums).filter(|_| is_whole);
    Ok(ConvertedRevenue {
        currency: to,
        rates_of,
        mrr_minor: end.map(|end| mrr::cut(end, unit)),
        arr_minor: end.map(|end| mrr::cut(end, unit / 12)),
        months: months.map(|(month, sum)| sum.shown(month, unit)).collect(),
        rates: converter.rates,
        missing: converter.missing,
    })
}
