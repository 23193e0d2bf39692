//! A report as a file: CSV and workbook are written while they are read, part by part, in a transaction each.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use actix_web::{HttpResponse, web::Data, web::block};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{Stream, TryStreamExt, stream};
use serde_json::json;
use uuid::Uuid;

use super::asked::{Asked, Wanted};
use super::kinds::{Dim, Kind, Unit};
use super::sql::{self, Key, Part};
use super::{Order, ReportColumn, ReportFormat, ReportKey, ReportRow};
use crate::Result;
use crate::app::State;
use crate::company::{audit, branding};
use crate::db::{Scope, Tx};
use crate::http::document::{self, Document, Letterhead};
use crate::http::download;
use crate::http::error::Error;
use crate::http::session::{Tenant, Viewer};
use crate::http::sheet::{self, Cell};

/// Where a file is in its reading.
#[derive(Clone)]
pub(super) struct Place {
    pub asked: Arc<Asked>,
    pub parts: Arc<Vec<Part>>,
    pub at: usize,
    after: Option<Key>,
}

/// Where it begins: refused here is what no file holds.
pub(super) fn begin(tx: &mut Tx, mut wanted: Wanted, format: ReportFormat) -> Result<Place> {
    // Read a few people at a time, the order by their figures is not known before the end.
    if wanted.sub.is_some() && wanted.group == Dim::Person {
        wanted.sort = Order::Name;
    }
    let asked = Asked::new(tx, &wanted)?;
    if format != ReportFormat::Csv {
        sql::must_fit(asked.has_more_than(tx, sheet::MAX_ROWS)?)?;
    }
    let parts = asked.parts(tx)?;
    Ok(Place {
        asked: Arc::new(asked),
        parts: Arc::new(parts),
        at: 0,
        after: None,
    })
}

pub(super) async fn answer(
    session: Tenant<Viewer>,
    state: Data<State>,
    wanted: Wanted,
    format: ReportFormat,
) -> Result<HttpResponse> {
    let (is_admin, company) = (session.administers(), session.company.name.clone());
    let scope = Scope::from(&session);
    let (begun, head) = state
        .db
        .tenant(scope, move |mut tx: Tx| {
            let begun = begin(&mut tx, wanted, format)?;
            let head = letterhead(&mut tx, &company, format)?;
            if is_admin {
                write_down(tx, &begun.asked, format)?;
            }
            Ok((begun, head))
        })
        .await?;
    let asked = begun.asked.clone();
    let name = format!("report-{}", asked.wanted.kind.name());
    let pages = pages(state, scope, begun);
    match format {
        ReportFormat::Pdf => {
            let rows: Vec<Vec<ReportRow>> = pages.try_collect().await?;
            let rows = rows.into_iter().flatten().collect();
            let written = block(move || paper(&asked, head, rows, Utc::now()).write()).await;
            let written = written.map_err(anyhow::Error::from)??;
            let written = written.ok_or_else(too_many_pages)?;
            let name = format!("{name}-{}.pdf", Utc::now().date_naive());
            Ok(HttpResponse::Ok()
                .content_type(download::PDF)
                .insert_header(download::attachment(&name))
                .body(written))
        }
        ReportFormat::Csv | ReportFormat::Xlsx => {
            let format = match format {
                ReportFormat::Xlsx => sheet::Format::Xlsx,
                _ => sheet::Format::Csv,
            };
            let (heads, of) = (heads(&asked), asked.clone());
            let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
            let rows = pages.map_ok(move |rows| {
                let cells = rows.into_iter().map(|row| cells(&of, row));
                cells.collect::<Vec<_>>()
            });
            sheet::answer(format, &name, &heads, rows).await
        }
    }
}

/// Of the company, for what is read as a paper. Tables for programs have none.
pub(super) fn letterhead(tx: &mut Tx, company: &str, format: ReportFormat) -> Result<Letterhead> {
    match format {
        ReportFormat::Pdf => branding::letterhead(tx, company),
        ReportFormat::Csv | ReportFormat::Xlsx => Ok(Letterhead::default()),
    }
}

fn write_down(tx: Tx, asked: &Asked, format: ReportFormat) -> Result<()> {
    let wanted = &asked.wanted;
    let detail = json!({ "format": format, "kind": wanted.kind, "group": wanted.group, "sub": wanted.sub, "from": asked.days.0,
        "to": asked.days.1, "user_id": wanted.user, "team_id": wanted.team });
    audit::record(tx, "report.exported", detail)
}

fn pages(
    state: Data<State>,
    scope: Scope,
    begun: Place,
) -> impl Stream<Item = Result<Vec<ReportRow>>> {
    stream::try_unfold(Some(begun), move |place| {
        let state = state.clone();
        async move {
            let Some(place) = place else { return Ok(None) };
            let read = move |mut tx: Tx| read(&mut tx, place);
            let (rows, _, next) = state.db.tenant(scope, read).await?;
            Ok(Some((rows, next)))
        }
    })
}

/// The next rows, whose days they are where that is noted, and where the ones after them are.
pub(super) fn read(
    tx: &mut Tx,
    place: Place,
) -> Result<(Vec<ReportRow>, BTreeSet<Uuid>, Option<Place>)> {
    let Place {
        asked,
        parts,
        at,
        after,
    } = place;
    let Some(part) = parts.get(at) else {
        return Ok((Vec::new(), BTreeSet::new(), None));
    };
    let rows = asked.rows(tx, part, after.as_ref(), sheet::PAGE)?;
    let seen = asked.note(tx, &rows)?;
    let after = rows.last().filter(|_| sheet::is_full(&rows)).map(Key::at);
    let at = if after.is_some() { at } else { at + 1 };
    let next = (at < parts.len()).then(|| Place {
        asked: asked.clone(),
        parts: parts.clone(),
        at,
        after,
    });
    Ok((
        rows.into_iter().map(|row| asked.row(row)).collect(),
        seen,
        next,
    ))
}

/// A file that a job writes. A document is put together at the end.
pub(super) struct Writer<W> {
    asked: Arc<Asked>,
    head: Letterhead,
    to: W,
    kind: Written,
}

enum Written {
    Csv,
    Xlsx(Box<sheet::Writing>),
    Pdf(Vec<ReportRow>),
}

impl<W: Write> Writer<W> {
    pub fn new(
        asked: &Arc<Asked>,
        head: Letterhead,
        format: ReportFormat,
        mut to: W,
    ) -> Result<Self> {
        let heads = heads(asked);
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let kind = match format {
            ReportFormat::Csv => {
                let head = sheet::csv_head(&heads);
                to.write_all(head.as_bytes()).map_err(anyhow::Error::from)?;
                Written::Csv
            }
            ReportFormat::Xlsx => Written::Xlsx(Box::new(sheet::Writing::new(&heads)?)),
            ReportFormat::Pdf => Written::Pdf(Vec::new()),
        };
        Ok(Self {
            asked: asked.clone(),
            head,
            to,
            kind,
        })
    }

    pub fn add(&mut self, rows: Vec<ReportRow>) -> Result<()> {
        let cells = |rows: Vec<ReportRow>| {
            rows.into_iter()
                .map(|row| cells(&self.asked, row))
                .collect()
        };
        match &mut self.kind {
            Written::Csv => {
                let text = sheet::csv_rows(cells(rows));
                Ok(self
                    .to
                    .write_all(text.as_bytes())
                    .map_err(anyhow::Error::from)?)
            }
            Written::Xlsx(book) => book.add(cells(rows)),
            Written::Pdf(all) => {
                all.extend(rows);
                Ok(())
            }
        }
    }

    pub fn finish(mut self) -> Result<W> {
        let bytes = match self.kind {
            Written::Csv => Vec::new(),
            Written::Xlsx(book) => book.finish()?,
            Written::Pdf(rows) => {
                let paper = paper(&self.asked, self.head, rows, Utc::now());
                paper.write()?.ok_or_else(too_many_pages)?
            }
        };
        self.to.write_all(&bytes).map_err(anyhow::Error::from)?;
        Ok(self.to)
    }
}

fn too_many_pages() -> Error {
    let detail = "It would have more than 500 pages. Narrow the filter.";
    Error::Conflict("export_too_large", detail.into())
}

/// Named as in the API, what a row stands for first.
fn heads(asked: &Asked) -> Vec<String> {
    let mut heads = Vec::new();
    for dim in asked.wanted.dims() {
        if dim.has_id() {
            heads.push(format!("{}_id", dim.name()));
        }
        heads.push(dim.name().to_owned());
    }
    let columns = asked.columns();
    heads.extend(columns.iter().map(|column| column.key.to_owned()));
    if asked.before.is_some() {
        let before = columns
            .iter()
            .map(|column| format!("previous_{}", column.key));
        heads.extend(before);
    }
    heads
}

fn cells(asked: &Asked, row: ReportRow) -> sheet::Row {
    let mut cells = Vec::new();
    let keys = [Some(row.group), row.sub].into_iter().flatten();
    for (dim, key) in asked.wanted.dims().into_iter().zip(keys) {
        if dim.has_id() {
            cells.push(key.id.map_or(Cell::Empty, |id| Cell::Text(id.to_string())));
        }
        cells.push(match key {
            ReportKey { day: Some(day), .. } => Cell::Day(day),
            ReportKey { name, .. } => Cell::Text(name.unwrap_or_default()),
        });
    }
    let columns = asked.columns();
    let mut figures = |values: Vec<Option<i64>>| {
        for (ReportColumn { unit, .. }, value) in columns.iter().zip(values) {
            cells.push(value.map_or(Cell::Empty, |value| cell(*unit, value)));
        }
    };
    figures(row.values);
    if let Some(previous) = row.previous {
        figures(previous);
    }
    cells
}

fn cell(unit: Unit, value: i64) -> Cell {
    match unit {
        Unit::Seconds | Unit::Count => Cell::Number(value),
        Unit::Time => DateTime::from_timestamp(value, 0).map_or(Cell::Empty, Cell::Time),
        Unit::Clock => Cell::Clock(value),
        Unit::Share => Cell::Share(value),
    }
}

/// The same as people read it.
fn paper(
    asked: &Asked,
    letterhead: Letterhead,
    rows: Vec<ReportRow>,
    made_at: DateTime<Utc>,
) -> Document {
    let company = letterhead.name.clone();
    let (from, to) = asked.days;
    let title = match asked.wanted.kind {
        Kind::Hours => "Hours",
        Kind::Attendance => "Attendance",
        Kind::Apps => "Applications",
        Kind::Sites => "Sites",
        Kind::Activity => "Activity",
        Kind::Categories => "Productivity",
        Kind::Tasks => "Tasks",
    };
    let days = format!("{from} to {to}, days of {}", asked.zone);
    let mut notes = vec![format!("{company}: {days}")];
    if let Some((from, to)) = asked.before {
        notes.push(format!(
            "Beside {from} to {to}, in the columns that say before"
        ));
    }
    if asked.wanted.kind == Kind::Attendance {
        notes.push(match asked.has_schedule {
            true => {
                "Late is who began after the hours of their settings do, as these are today".into()
            }
            false => "The settings have no hours of the day, so nobody is late".into(),
        });
    }
    let zone = asked.zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let columns = asked.columns();
    let dims = asked.wanted.dims();
    let word = |text: String| document::Text {
        text,
        is_figure: false,
    };
    let figure = |text: String| document::Text {
        text,
        is_figure: true,
    };
    let mut head: Vec<document::Text> =
        dims.iter().map(|dim| word(title_of(*dim).into())).collect();
    head.extend(columns.iter().map(|column| figure(words(column.key))));
    if asked.before.is_some() {
        head.extend(
            columns
                .iter()
                .map(|column| figure(format!("{} before", words(column.key)))),
        );
    }
    let say = |values: Vec<Option<i64>>| {
        let columns = columns.iter().zip(values);
        columns
            .map(|(column, value)| {
                figure(value.map_or("–".into(), |value| said(column.unit, value, zone)))
            })
            .collect::<Vec<_>>()
    };
    let rows = rows.into_iter().map(|row| {
        let keys = [Some(row.group), row.sub].into_iter().flatten();
        let keys = dims
            .iter()
            .zip(keys)
            .map(|(dim, key)| word(key_of(*dim, key)));
        let mut cells: Vec<document::Text> = keys.collect();
        cells.extend(say(row.values));
        cells.extend(row.previous.map(say).unwrap_or_default());
        cells
    });
    let by: Vec<String> = (dims.iter())
        .map(|dim| title_of(*dim).to_lowercase())
        .collect();
    Document {
        title: title.to_owned(),
        letterhead,
        notes,
        foot: format!("{company}, {title}, {days}"),
        made_at,
        tables: vec![document::Table {
            title: format!("By {}", by.join(" and ")),
            rows: rows.collect(),
            head,
        }],
    }
}

fn key_of(dim: Dim, key: ReportKey) -> String {
    let day = |day: NaiveDate| match dim {
        Dim::Month => day.format("%B %Y").to_string(),
        Dim::Week => format!("Week of {day}"),
        _ => day.format("%a %Y-%m-%d").to_string(),
    };
    match key.day {
        Some(of) => day(of),
        None => {
            let name = key.name.unwrap_or_default();
            match (name.is_empty(), dim) {
                (true, Dim::Team) => "In no team".to_owned(),
                _ => name,
            }
        }
    }
}

fn title_of(dim: Dim) -> &'static str {
    match dim {
        Dim::Person => "Employee",
        Dim::Team => "Team",
        Dim::Day => "Day",
        Dim::Week => "Week",
        Dim::Month => "Month",
        Dim::App => "Application",
        Dim::Host => "Site",
        Dim::Task => "Task",
    }
}

/// A column's name as people say it: `late_seconds` is `Late`.
fn words(key: &str) -> String {
    let text = match key {
        "seconds" => "time",
        "first_clock" | "first_at" => "first",
        "last_clock" | "last_at" => "last",
        key => key.strip_suffix("_seconds").unwrap_or(key),
    };
    let text = text.replace('_', " ");
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn said(unit: Unit, value: i64, zone: chrono_tz::Tz) -> String {
    match unit {
        Unit::Seconds => format!("{} h {:02} m", value / 3600, value % 3600 / 60),
        Unit::Count => value.to_string(),
        Unit::Time => DateTime::from_timestamp(value, 0)
            .map(|at| at.with_timezone(&zone).format("%H:%M").to_string())
            .unwrap_or_default(),
        Unit::Clock => sheet::clock(value)[..5].to_owned(),
        Unit::Share => format!("{}.{} %", value / 100, value % 100 / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_figures_are_said_in_words() {
        let said = |unit, value| said(unit, value, chrono_tz::Tz::Europe__Berlin);
        assert_eq!(words("late_seconds"), "Late");
        assert_eq!(words("active_share"), "Active share");
        assert_eq!(words("seconds"), "Time");
        assert_eq!(said(Unit::Seconds, 26_130), "7 h 15 m");
        assert_eq!(said(Unit::Clock, 32_520), "09:02");
        assert_eq!(said(Unit::Time, 1_764_000_000), "17:00");
        assert_eq!(said(Unit::Share, 7_250), "72.5 %");
    }
}
