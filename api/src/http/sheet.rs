//! Lists as files for spreadsheets: the same columns and rows as CSV, sent while they are read, or as a workbook.

use actix_web::{HttpResponse, web::block};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook, XlsxError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::download;
use super::error::Error;
use crate::Result;

/// Rows of a file. Whoever has more asks for less at a time.
pub const MAX_ROWS: i64 = 50_000;
/// Rows that are read in one go, and written before the next ones are read.
pub const PAGE: i64 = 5_000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// RFC 4180, in UTF-8. An apostrophe stands before texts that a spreadsheet would read as a formula.
    #[default]
    Csv,
    Xlsx,
}

/// A workbook, when that was asked for.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer's body")]
pub struct Book(Vec<u8>);

/// What stands in a row under one of the columns.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Number(i64),
    Time(DateTime<Utc>),
    Day(NaiveDate),
    /// Seconds since midnight, on whichever clock.
    Clock(i64),
    /// Hundredths of a per cent.
    Share(i64),
    Empty,
}

pub type Row = Vec<Cell>;

/// Refuses what is more than a file holds: to be asked before the first row is read.
pub fn must_fit(rows: i64) -> Result<()> {
    match rows <= MAX_ROWS {
        true => Ok(()),
        false => Err(Error::Conflict(
            "export_too_large",
            format!("A file has at most {MAX_ROWS} rows. Narrow the filter."),
        )),
    }
}

/// A list's rows, page by page: `read` gives those after a place, and where the next page begins if there is one.
pub fn pages<P, F>(read: impl Fn(Option<P>) -> F) -> impl Stream<Item = Result<Vec<Row>>>
where
    F: Future<Output = Result<(Vec<Row>, Option<P>)>>,
{
    stream::try_unfold(Some(None), move |at| {
        let page = at.map(&read);
        async {
            let Some(page) = page else { return Ok(None) };
            let (rows, next) = page.await?;
            Ok(Some((rows, next.map(Some))))
        }
    })
}

/// One that is not full is the last.
pub fn is_full<T>(rows: &[T]) -> bool {
    i64::try_from(rows.len()) == Ok(PAGE)
}

/// The file as an answer, named after its list and the day. What fails before the first page is sent is an answer like
/// any other; what fails later breaks the download off, which browsers and programs report.
pub async fn answer(
    format: Format,
    name: &str,
    columns: &[&str],
    pages: impl Stream<Item = Result<Vec<Row>>> + 'static,
) -> Result<HttpResponse> {
    let mut pages = Box::pin(pages);
    let first = pages.next().await.transpose()?.unwrap_or_default();
    let pages = stream::once(async { Ok(first) }).chain(pages);
    let mut answer = HttpResponse::Ok();
    let (media, ending) = match format {
        Format::Csv => (download::CSV, "csv"),
        Format::Xlsx => (download::XLSX, "xlsx"),
    };
    let file = format!("{name}-{}.{ending}", Utc::now().date_naive());
    answer
        .content_type(media)
        .insert_header(download::attachment(&file));
    Ok(match format {
        Format::Csv => {
            let head = Ok(csv_head(columns));
            let rows = pages.map_ok(csv_rows);
            let text = stream::once(async { head }).chain(rows);
            answer.streaming(
                text.map_ok(Into::into)
                    .inspect_err(|error| tracing::error!(%error, "a download broke off")),
            )
        }
        Format::Xlsx => answer.body(workbook(columns, pages).await?),
    })
}

/// The first line of a CSV file.
pub fn csv_head(columns: &[&str]) -> String {
    line(columns.iter().map(|name| (*name).to_owned()))
}

/// Lines of a CSV file.
pub fn csv_rows(rows: Vec<Row>) -> String {
    rows.into_iter().map(csv).collect()
}

/// A workbook that is written by a thread which may block.
pub struct Writing {
    book: Workbook,
    rows: u32,
}

impl Writing {
    pub fn new(columns: &[&str]) -> Result<Self> {
        let book = new_book(columns).map_err(anyhow::Error::from)?;
        Ok(Self { book, rows: 0 })
    }

    pub fn add(&mut self, rows: Vec<Row>) -> Result<()> {
        let count = u32::try_from(rows.len()).map_err(anyhow::Error::from)?;
        write(&mut self.book, self.rows, rows).map_err(anyhow::Error::from)?;
        self.rows += count;
        Ok(())
    }

    pub fn finish(mut self) -> Result<Vec<u8>> {
        Ok(self.book.save_to_buffer().map_err(anyhow::Error::from)?)
    }
}

fn csv(row: Row) -> String {
    line(row.into_iter().map(|cell| match cell {
        Cell::Text(text) => harmless(text),
        Cell::Number(number) => number.to_string(),
        Cell::Time(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        Cell::Day(day) => day.to_string(),
        Cell::Clock(seconds) => clock(seconds),
        Cell::Share(bp) => format!("{:.4}", bp as f64 / 10_000.0),
        Cell::Empty => String::new(),
    }))
}

/// `09:02:00`.
pub fn clock(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(86_400);
    format!(
        "{:02}:{:02}:{:02}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// One record of RFC 4180.
fn line(fields: impl Iterator<Item = String>) -> String {
    let quoted = fields.map(|field| match field.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

/// No spreadsheet program takes what begins with an apostrophe for a formula. Some read the wide forms like the plain ones.
fn harmless(text: String) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    match text.starts_with(formula) {
        true => format!("'{text}"),
        false => text,
    }
}

/// Rows go to a temporary file as they come; only the packed book is held whole.
async fn workbook(
    columns: &[&str],
    pages: impl Stream<Item = Result<Vec<Row>>>,
) -> Result<Vec<u8>> {
    let mut book = new_book(columns).map_err(anyhow::Error::from)?;
    let mut pages = std::pin::pin!(pages);
    let mut at = 0;
    while let Some(rows) = pages.next().await.transpose()? {
        let count = u32::try_from(rows.len()).map_err(anyhow::Error::from)?;
        book = aside(move || {
            write(&mut book, at, rows)?;
            Ok(book)
        })
        .await?;
        at += count;
    }
    aside(move || book.save_to_buffer()).await
}

/// Writing and packing thousands of rows would keep the other requests of this thread waiting.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, XlsxError> + Send + 'static,
) -> Result<T> {
    let done = block(work).await.map_err(anyhow::Error::from)?;
    Ok(done.map_err(anyhow::Error::from)?)
}

fn new_book(columns: &[&str]) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    let bold = Style::new().set_bold();
    sheet.set_freeze_panes(1, 0)?;
    for (at, name) in (0..).zip(columns) {
        // A time has 19 characters and shows as ### in less.
        sheet.set_column_width(at, 20)?;
        sheet.write_string_with_format(0, at, *name, &bold)?;
    }
    Ok(book)
}

fn write(book: &mut Workbook, before: u32, rows: Vec<Row>) -> Result<(), XlsxError> {
    let sheet = book.worksheet_from_index(0)?;
    let clock = Style::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let calendar = Style::new().set_num_format("yyyy-mm-dd");
    let of_day = Style::new().set_num_format("hh:mm");
    let share = Style::new().set_num_format("0.0%");
    for (row, cells) in (before + 1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) => sheet.write_string(row, column, text)?,
                // Whatever is counted here stays far below 2^53.
                Cell::Number(number) => sheet.write_number(row, column, number as f64)?,
                Cell::Time(time) => {
                    let time = ExcelDateTime::from_timestamp(time.timestamp())?;
                    sheet.write_datetime_with_format(row, column, &time, &clock)?
                }
                Cell::Day(day) => {
                    let year = u16::try_from(day.year()).unwrap_or_default();
                    let month = u8::try_from(day.month()).unwrap_or_default();
                    let date = ExcelDateTime::from_ymd(
                        year,
                        month,
                        u8::try_from(day.day()).unwrap_or_default(),
                    )?;
                    sheet.write_datetime_with_format(row, column, &date, &calendar)?
                }
                // A part of a day, which is how workbooks know times.
                Cell::Clock(seconds) => sheet.write_number_with_format(
                    row,
                    column,
                    seconds.rem_euclid(86_400) as f64 / 86_400.0,
                    &of_day,
                )?,
                Cell::Share(bp) => {
                    sheet.write_number_with_format(row, column, bp as f64 / 10_000.0, &share)?
                }
                Cell::Empty => continue,
            };
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_quoted_where_it_must_be() {
        let fields = ["plain", "a,b", "say \"hi\"", "two\nlines", ""];
        let fields = fields.map(str::to_owned).into_iter();
        assert_eq!(
            line(fields),
            "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n"
        );
    }

    #[test]
    fn only_texts_are_kept_from_being_formulas() {
        let texts = ["=1+1", "+1", "-1", "@a", "\ta", "＝1", "a=1", "'a", " =1"];
        let row = texts.map(|text| Cell::Text(text.into())).to_vec();
        assert_eq!(
            csv(row),
            "'=1+1,'+1,'-1,'@a,'\ta,'＝1,a=1,'a, =1\r\n",
            "an apostrophe before what begins like a formula"
        );
        assert_eq!(csv(vec![Cell::Number(-1), Cell::Empty]), "-1,\r\n");
        let typed = vec![Cell::Clock(32_520), Cell::Share(7_250)];
        assert_eq!(csv(typed), "09:02:00,0.7250\r\n");
    }

    #[test]
    fn more_rows_than_a_file_holds_are_refused() {
        assert!(must_fit(MAX_ROWS).is_ok());
        assert!(must_fit(MAX_ROWS + 1).is_err());
    }
}
