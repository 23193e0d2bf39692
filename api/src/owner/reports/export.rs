//! Reports as files: each is one table or several. CSV and workbook hold one of them, with the fields' own names and
//! amounts in minor units; the PDF holds all, as people read them.

use actix_web::{HttpResponse, web::block};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::growth::GrowthReport;
use super::months::{Month, Range};
use super::overview::{OverviewReport, StatusCounts};
use super::plans::PlansReport;
use super::revenue::{RevenueMonth, RevenueReport};
use super::usage::{TopCompany, UsageReport};
use crate::Result;
use crate::http::document::{self, Document, Letterhead};
use crate::http::download;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::sheet::{self, Cell};
use crate::owner::exchange_rates::minor_digits;
use crate::owner::plans::Currency;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReportName {
    Overview,
    Usage,
    Plans,
    Revenue,
    Growth,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReportFormat {
    #[default]
    Csv,
    Xlsx,
    Pdf,
}

/// Which report, of which months of UTC, both included. Default: the last twelve.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportExportQuery {
    #[param(inline)]
    pub report: ReportName,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    pub format: Option<ReportFormat>,
    /// Which of the report's tables a CSV or workbook holds; the first one when absent. A PDF holds all of them.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    pub table: Option<TableName>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    pub from: Option<Month>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    pub to: Option<Month>,
    /// Tell all currencies of the revenue in this one as well, at the owner's exchange rates.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    pub currency: Option<Currency>,
}

/// overview: `statuses`. usage: `by_active_minutes`, `by_screenshots`, `by_storage`. plans: `plans`. revenue: `revenue`,
/// `months`, `plan_revenue`, `logos`, `trials`, `cohorts`, `revenue_cohorts`, and with a currency `converted_months` and
/// `rates`. growth: `growth`, `mrr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TableName {
    Statuses,
    ByActiveMinutes,
    ByScreenshots,
    ByStorage,
    Plans,
    Revenue,
    Months,
    PlanRevenue,
    Logos,
    Trials,
    Cohorts,
    RevenueCohorts,
    ConvertedMonths,
    Rates,
    Growth,
    Mrr,
}

/// What stands in a report's table.
enum Value {
    Text(String),
    Count(i64),
    /// Minor units of a currency.
    Money(i64, String),
    /// Hundredths of a per cent.
    Share(Option<i64>),
}
use Value::{Count, Money, Share};

fn word(text: impl ToString) -> Value {
    Value::Text(text.to_string())
}

struct Column {
    names: &'static [&'static str],
    /// As people say it.
    titles: &'static [&'static str],
}

pub(super) struct Table {
    name: TableName,
    title: String,
    columns: Column,
    rows: Vec<Vec<Value>>,
}

/// A report's tables.
pub(super) struct Tables {
    title: &'static str,
    covers: String,
    notes: Vec<String>,
    made_at: DateTime<Utc>,
    tables: Vec<Table>,
}

pub(super) async fn answer(
    report: Tables,
    format: ReportFormat,
    name: Option<TableName>,
) -> Result<HttpResponse> {
    let file = report.title.to_lowercase();
    let format = match format {
        ReportFormat::Csv => sheet::Format::Csv,
        ReportFormat::Xlsx => sheet::Format::Xlsx,
        ReportFormat::Pdf => return pdf(report, &file).await,
    };
    let mut tables = report.tables.into_iter();
    let table = tables.find(|table| name.is_none_or(|name| name == table.name));
    let table = table.ok_or_else(|| {
        let detail = "That report, asked for like this, has no such table";
        Error::invalid("table", "table_unknown", detail)
    })?;
    sheet::must_fit(i64::try_from(table.rows.len()).unwrap_or(i64::MAX))?;
    let rows: Vec<sheet::Row> = table
        .rows
        .into_iter()
        .map(|row| row.into_iter().map(Value::in_sheet).collect())
        .collect();
    let pages = stream::iter([Ok(rows)]);
    sheet::answer(format, &file, table.columns.names, pages).await
}

async fn pdf(report: Tables, file: &str) -> Result<HttpResponse> {
    let made_at = report.made_at;
    let written = block(move || report.document().write()).await;
    let written = written.map_err(anyhow::Error::from)??.ok_or_else(|| {
        let detail = "It would have more than 500 pages. Ask for fewer months.";
        Error::Conflict("export_too_large", detail.into())
    })?;
    let name = format!("{file}-{}.pdf", made_at.date_naive());
    Ok(HttpResponse::Ok()
        .content_type(download::PDF)
        .insert_header(download::attachment(&name))
        .body(written))
}

impl Value {
    fn in_sheet(self) -> Cell {
        match self {
            Self::Text(text) => Cell::Text(text),
            Count(number) | Money(number, _) | Share(Some(number)) => Cell::Number(number),
            Share(None) => Cell::Empty,
        }
    }

    fn in_document(self) -> document::Text {
        let is_figure = !matches!(self, Self::Text(_));
        let text = match self {
            Self::Text(text) => text,
            Count(number) => grouped(number),
            Money(minor, currency) => money(minor, &currency),
            Share(Some(bp)) => format!("{} %", decimal(bp, 2)),
            Share(None) => "–".into(),
        };
        document::Text { text, is_figure }
    }
}

/// `1,234,567`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    match number < 0 {
        true => format!("-{text}"),
        false => text,
    }
}

fn decimal(number: i64, digits: u32) -> String {
    let unit = 10_i64.pow(digits);
    let sign = if number < 0 && number > -unit {
        "-"
    } else {
        ""
    };
    match usize::try_from(digits) {
        Ok(width @ 1..) => format!(
            "{sign}{}.{:0width$}",
            grouped(number / unit),
            (number % unit).abs()
        ),
        _ => grouped(number),
    }
}

fn money(minor: i64, currency: &str) -> String {
    let digits = u32::try_from(minor_digits(currency)).unwrap_or(2);
    format!("{} {currency}", decimal(minor, digits))
}

impl Tables {
    fn document(self) -> Document {
        let mut notes = vec![self.covers];
        notes.extend(self.notes);
        let tables = self.tables.into_iter().map(|table| {
            let rows: Vec<Vec<document::Text>> = table
                .rows
                .into_iter()
                .map(|row| row.into_iter().map(Value::in_document).collect())
                .collect();
            let figures = rows.first();
            let head = table
                .columns
                .titles
                .iter()
                .enumerate()
                .map(|(place, title)| {
                    let below = figures.and_then(|row| row.get(place));
                    document::Text {
                        text: (*title).to_owned(),
                        is_figure: below.is_some_and(|cell| cell.is_figure),
                    }
                });
            document::Table {
                title: table.title,
                head: head.collect(),
                rows,
            }
        });
        Document {
            title: self.title.to_owned(),
            letterhead: Letterhead::default(),
            notes,
            foot: String::new(),
            made_at: self.made_at,
            tables: tables.collect(),
        }
    }
}

fn covers(from: Month, to: Month) -> String {
    format!("{from} to {to}, months of UTC; the current month up to when this was made")
}

fn statuses(counts: &StatusCounts) -> Vec<Value> {
    [
        counts.trial,
        counts.active,
        counts.suspended,
        counts.expired,
        counts.cancelled,
    ]
    .map(Count)
    .into()
}

impl From<OverviewReport> for Tables {
    fn from(report: OverviewReport) -> Self {
        let row = |month: &super::overview::OverviewMonth| {
            let mut row = vec![word(month.month)];
            row.extend(statuses(&month.counts));
            row
        };
        Self {
            title: "Overview",
            covers: covers(report.from, report.to),
            notes: Vec::new(),
            made_at: report.as_of,
            tables: vec![Table {
                name: TableName::Statuses,
                title: "How many companies stood how at the end of each month?".into(),
                columns: Column {
                    names: &[
                        "month",
                        "trial",
                        "active",
                        "suspended",
                        "expired",
                        "cancelled",
                    ],
                    titles: &[
                        "Month",
                        "Trial",
                        "Active",
                        "Suspended",
                        "Expired",
                        "Cancelled",
                    ],
                },
                rows: report.months.iter().map(row).collect(),
            }],
        }
    }
}

impl Tables {
    pub fn of_usage(report: UsageReport, made_at: DateTime<Utc>) -> Self {
        let row = |company: TopCompany| {
            vec![
                word(company.name),
                word(company.plan),
                word(company.status),
                Count(company.active_minutes_30d),
                Count(company.screenshots_30d),
                Count(company.storage_bytes),
            ]
        };
        let table = |name, title: &str, companies: Vec<TopCompany>| Table {
            name,
            title: title.into(),
            columns: Column {
                names: &[
                    "name",
                    "plan",
                    "status",
                    "active_minutes_30d",
                    "screenshots_30d",
                    "storage_bytes",
                ],
                titles: &[
                    "Company",
                    "Plan",
                    "Status",
                    "Active minutes",
                    "Screenshots",
                    "Storage in bytes",
                ],
            },
            rows: companies.into_iter().map(row).collect(),
        };
        let published = report.as_of.format("%Y-%m-%d at %H:%M UTC");
        Self {
            title: "Usage",
            covers: format!("The last 30 days, as published on {published}"),
            notes: Vec::new(),
            made_at,
            tables: vec![
                table(
                    TableName::ByActiveMinutes,
                    "Which companies have most active time?",
                    report.by_active_minutes,
                ),
                table(
                    TableName::ByScreenshots,
                    "Which companies have most screenshots?",
                    report.by_screenshots,
                ),
                table(
                    TableName::ByStorage,
                    "Which companies store most?",
                    report.by_storage,
                ),
            ],
        }
    }
}

impl From<PlansReport> for Tables {
    fn from(report: PlansReport) -> Self {
        let rows = report.plans.into_iter().map(|share| {
            let mut row = vec![word(share.plan), Count(share.companies)];
            row.extend(statuses(&share.counts));
            row
        });
        Self {
            title: "Plans",
            covers: format!(
                "At the end of {}, a month of UTC, or when this was made",
                report.to
            ),
            notes: vec!["Companies: on trial, active or suspended".into()],
            made_at: report.as_of,
            tables: vec![Table {
                name: TableName::Plans,
                title: "How many companies have each plan?".into(),
                columns: Column {
                    names: &[
                        "plan",
                        "companies",
                        "trial",
                        "active",
                        "suspended",
                        "expired",
                        "cancelled",
                    ],
                    titles: &[
                        "Plan",
                        "Companies",
                        "Trial",
                        "Active",
                        "Suspended",
                        "Expired",
                        "Cancelled",
                    ],
                },
                rows: rows.collect(),
            }],
        }
    }
}

impl From<GrowthReport> for Tables {
    fn from(report: GrowthReport) -> Self {
        let mrr = report.months.iter().flat_map(|month| {
            month.mrr.iter().map(|amount| {
                let currency = amount.currency.0.clone();
                vec![
                    word(month.month),
                    word(&currency),
                    Money(amount.mrr_minor, currency),
                ]
            })
        });
        let mrr = mrr.collect();
        let months = report.months.into_iter().map(|month| {
            vec![
                word(month.month),
                Count(month.companies),
                Count(month.started_companies),
                Count(month.paying_companies),
                Count(month.active_minutes),
                Count(month.active_employees),
            ]
        });
        Self {
            title: "Growth",
            covers: covers(report.from, report.to),
            notes: vec![
                "Active minutes and people are of days of each company's own time zone".into(),
            ],
            made_at: report.as_of,
            tables: vec![
                Table {
                    name: TableName::Growth,
                    title: "How does the service grow?".into(),
                    columns: Column {
                        names: &[
                            "month",
                            "companies",
                            "started_companies",
                            "paying_companies",
                            "active_minutes",
                            "active_employees",
                        ],
                        titles: &[
                            "Month",
                            "Companies",
                            "Started",
                            "Paying",
                            "Active minutes",
                            "People at work",
                        ],
                    },
                    rows: months.collect(),
                },
                Table {
                    name: TableName::Mrr,
                    title: "What is paid a month?".into(),
                    columns: Column {
                        names: &["month", "currency", "mrr_minor"],
                        titles: &["Month", "Currency", "MRR"],
                    },
                    rows: mrr,
                },
            ],
        }
    }
}

fn way(currency: &str, month: &RevenueMonth) -> Vec<Value> {
    let mut row = vec![word(currency), word(month.month)];
    let parts = [
        month.start_minor,
        month.new_minor,
        month.reactivated_minor,
        month.expansion_minor,
        month.contraction_minor,
        month.churned_minor,
        month.end_minor,
    ];
    row.extend(parts.map(|minor| Money(minor, currency.to_owned())));
    row.push(Share(month.revenue_churn_bp));
    row
}

const WAY: Column = Column {
    names: &[
        "currency",
        "month",
        "start_minor",
        "new_minor",
        "reactivated_minor",
        "expansion_minor",
        "contraction_minor",
        "churned_minor",
        "end_minor",
        "revenue_churn_bp",
    ],
    titles: &[
        "Currency",
        "Month",
        "Start",
        "+ New",
        "+ Reactivated",
        "+ Expansion",
        "- Contraction",
        "- Churned",
        "= End",
        "Revenue churn",
    ],
};

/// A cohort's figures as rows: which month, how long after, how much.
fn since(month: Month, figures: impl Iterator<Item = Value>) -> Vec<Vec<Value>> {
    (0..)
        .zip(figures)
        .map(|(months, figure)| vec![word(month), Count(months), figure])
        .collect()
}

impl Tables {
    pub fn of_revenue(report: RevenueReport, range: &Range) -> Self {
        let mut tables = revenue_tables(&report);
        tables.extend(customer_tables(&report));
        let mut notes = vec![
            "Active companies with a price; a year's price counts as its twelfth. Currencies are never added, but at the rates stated here."
                .to_owned(),
        ];
        if let Some(converted) = &report.converted {
            let to = &converted.currency.0;
            let missing: Vec<&str> = converted.missing.iter().map(|one| one.0.as_str()).collect();
            notes.push(match (converted.mrr_minor, missing.is_empty()) {
                (Some(mrr), _) => format!(
                    "In {to} at the rates of {}: MRR {}, ARR {}",
                    converted.rates_of,
                    money(mrr, to),
                    money(converted.arr_minor.unwrap_or_default(), to)
                ),
                _ => format!(
                    "No total in {to}: there is no rate for {}",
                    missing.join(", ")
                ),
            });
            let months = converted.months.iter();
            tables.push(Table {
                name: TableName::ConvertedMonths,
                title: format!("How did MRR change, all told in {to}?"),
                columns: WAY,
                rows: months.map(|month| way(to, month)).collect(),
            });
            let rates = converted.rates.iter().map(|used| {
                vec![
                    word(&used.from_currency.0),
                    word(to),
                    word(String::from(used.rate)),
                    word(used.valid_from),
                ]
            });
            tables.push(Table {
                name: TableName::Rates,
                title: format!("At which rates of {}?", converted.rates_of),
                columns: Column {
                    names: &["from_currency", "to_currency", "rate", "valid_from"],
                    titles: &["From", "To", "Rate", "Holds from"],
                },
                rows: rates.collect(),
            });
        }
        Self {
            title: "Revenue",
            covers: covers(range.from, range.to),
            notes,
            made_at: report.as_of,
            tables,
        }
    }
}

fn revenue_tables(report: &RevenueReport) -> Vec<Table> {
    let (mut totals, mut months, mut plans) = (Vec::new(), Vec::new(), Vec::new());
    for one in &report.currencies {
        let currency = &one.currency.0;
        totals.push(vec![
            word(currency),
            Money(one.mrr_minor, currency.clone()),
            Money(one.arr_minor, currency.clone()),
            Count(one.paying_companies),
        ]);
        months.extend(one.months.iter().map(|month| way(currency, month)));
        plans.extend(one.plans.iter().map(|plan| {
            vec![
                word(currency),
                word(&plan.plan),
                Count(plan.companies),
                Money(plan.mrr_minor, currency.clone()),
            ]
        }));
    }
    vec![
        Table {
            name: TableName::Revenue,
            title: "What is paid at the end?".into(),
            columns: Column {
                names: &["currency", "mrr_minor", "arr_minor", "paying_companies"],
                titles: &["Currency", "MRR", "ARR", "Paying companies"],
            },
            rows: totals,
        },
        Table {
            name: TableName::Months,
            title: "How did MRR change?".into(),
            columns: WAY,
            rows: months,
        },
        Table {
            name: TableName::PlanRevenue,
            title: "Which plans bring it?".into(),
            columns: Column {
                names: &["currency", "plan", "companies", "mrr_minor"],
                titles: &["Currency", "Plan", "Companies", "MRR"],
            },
            rows: plans,
        },
    ]
}

fn customer_tables(report: &RevenueReport) -> Vec<Table> {
    let logos = report.logos.iter().map(|month| {
        let mut row = vec![word(month.month)];
        row.extend(
            [
                month.start,
                month.new,
                month.reactivated,
                month.churned,
                month.end,
            ]
            .map(Count),
        );
        row.push(Share(month.logo_churn_bp));
        row
    });
    let trials = report.trials.iter().map(|month| {
        let mut row = vec![word(month.month)];
        row.extend([month.started, month.converted, month.open, month.ended].map(Count));
        row.push(Share(month.conversion_bp));
        row
    });
    // Months in which nobody began have nothing to be kept.
    let began = |month: Month| {
        let mut cohorts = report.cohorts.iter();
        cohorts.any(|cohort| cohort.month == month && cohort.companies.first() > Some(&0))
    };
    let cohorts = report.cohorts.iter().filter(|cohort| began(cohort.month));
    let cohorts = cohorts.flat_map(|cohort| {
        let companies = cohort.companies.iter().map(|companies| Count(*companies));
        since(cohort.month, companies)
    });
    let amounts = report.currencies.iter().flat_map(|one| {
        let currency = &one.currency.0;
        let cohorts = one.cohorts.iter().filter(|cohort| began(cohort.month));
        let rows = cohorts.flat_map(|cohort| {
            let paid = cohort.mrr_minor.iter();
            since(
                cohort.month,
                paid.map(|minor| Money(*minor, currency.clone())),
            )
        });
        rows.map(|mut row| {
            row.insert(0, word(currency));
            row
        })
        .collect::<Vec<_>>()
    });
    vec![
        Table {
            name: TableName::Logos,
            title: "How many companies pay?".into(),
            columns: Column {
                names: &[
                    "month",
                    "start",
                    "new",
                    "reactivated",
                    "churned",
                    "end",
                    "logo_churn_bp",
                ],
                titles: &[
                    "Month",
                    "Start",
                    "+ New",
                    "+ Reactivated",
                    "- Churned",
                    "= End",
                    "Logo churn",
                ],
            },
            rows: logos.collect(),
        },
        Table {
            name: TableName::Trials,
            title: "How many trials came to pay, by the month they began?".into(),
            columns: Column {
                names: &[
                    "month",
                    "started",
                    "converted",
                    "open",
                    "ended",
                    "conversion_bp",
                ],
                titles: &[
                    "Month",
                    "Started",
                    "Converted",
                    "Open",
                    "Ended",
                    "Conversion",
                ],
            },
            rows: trials.collect(),
        },
        Table {
            name: TableName::Cohorts,
            title: "Who stayed, of the companies that began to pay in a month?".into(),
            columns: Column {
                names: &["month", "months_since", "companies"],
                titles: &["Began to pay", "Months since", "Companies that pay"],
            },
            rows: cohorts.collect(),
        },
        Table {
            name: TableName::RevenueCohorts,
            title: "What do the companies pay that began in a month?".into(),
            columns: Column {
                names: &["currency", "month", "months_since", "mrr_minor"],
                titles: &["Currency", "Began to pay", "Months since", "MRR"],
            },
            rows: amounts.collect(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_read_them() {
        for (minor, currency, shown) in [
            (123_456_789, "USD", "1,234,567.89 USD"),
            (5, "EUR", "0.05 EUR"),
            (-5, "EUR", "-0.05 EUR"),
            (-123_405, "EUR", "-1,234.05 EUR"),
            (1_000, "JPY", "1,000 JPY"),
            (1_234, "KWD", "1.234 KWD"),
            (0, "USD", "0.00 USD"),
        ] {
            assert_eq!(money(minor, currency), shown);
        }
        let share = Share(Some(1_390)).in_document();
        assert_eq!((share.text.as_str(), share.is_figure), ("13.90 %", true));
    }
}
