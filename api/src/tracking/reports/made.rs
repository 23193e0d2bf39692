//! Reports that a job makes: asked for, watched, and fetched for a day by whoever asked, or by those a schedule sends it to.

use std::io::{BufWriter, Seek, Write};

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::asked::Asked;
use super::files;
use super::saved::ReportParameters;
use super::{ReportFormat, ReportPaper};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::{Db, Scope, Tx};
use crate::http::download;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Admin, Tenant};
use crate::http::sheet::Book;
use crate::http::text::Line;
use crate::jobs::{queue, report_files as job};
use crate::tracking::access_entries;

/// How long a file can be fetched.
pub(crate) const KEPT: Duration = Duration::hours(24);
/// Of one person at a time.
const MOST_WAITING: i64 = 5;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_report_files)
        .service(make_report_file)
        .service(show_report_file)
        .service(download_report_file);
}

/// A report as a file, or one that is being made.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct ReportFile {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    /// `csv`, `xlsx` or `pdf`.
    #[diesel(sql_type = Text)]
    format: String,
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = ReportParameters)]
    report: Value,
    /// `queued`, `running`, `ready`, `failed`, or `expired`: the file was taken away.
    #[diesel(sql_type = Text)]
    state: String,
    /// Whether oneself asked for it.
    #[diesel(sql_type = Bool)]
    is_mine: bool,
    /// Parts that it is made of.
    #[diesel(sql_type = Integer)]
    parts: i32,
    /// Of these, what is in it by now.
    #[diesel(sql_type = Integer)]
    parts_done: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<DateTime<Utc>>,
    /// Until then it can be fetched.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReportFile {
    /// What the file is called.
    name: Line<120>,
    report: ReportParameters,
    format: ReportFormat,
}

/// List report files that one may fetch, newest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<ReportFile>)))]
#[get("/report-files")]
async fn list_report_files(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<ReportFile>>> {
    let list = format!("report files {} {}", session.company.id, session.user);
    let limit = query.0.limit()?;
    let before = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| newest_first(&mut tx, before, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &ReportFile| row.id;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Ask for a report as a file: a job makes it, whoever asked can fetch it for a day.
///
/// A look at everybody whom the report itself would be a look at, noted while it is made.
#[utoipa::path(request_body = NewReportFile, responses((status = 201, body = ReportFile)))]
#[post("/report-files")]
async fn make_report_file(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewReportFile>,
) -> Result<HttpResponse> {
    let NewReportFile {
        name: Line(name),
        report,
        format,
    } = body.0;
    let wanted = report.wanted()?;
    let report = serde_json::to_value(report).map_err(anyhow::Error::from)?;
    let make = move |mut tx: Tx| {
        Asked::new(&mut tx, &wanted)?;
        let id = Uuid::now_v7();
        insert(&mut tx, id, &name, &report, format)?;
        queue::enqueue(tx.conn, &[job::job(tx.company, id)])?;
        let detail =
            json!({ "report_file_id": id, "name": name, "format": format, "report": report });
        audit::record(tx.again(), "report_file.requested", detail)?;
        Ok(Made::new(
            format!("/api/report-files/{id}"),
            find(&mut tx, id)?,
        ))
    };
    once.tenant(&state, &session, make).await
}

/// Show how far a report file is.
#[utoipa::path(params(("report_file_id" = Uuid, Path)), responses((status = 200, body = ReportFile)))]
#[get("/report-files/{report_file_id}")]
async fn show_report_file(
    session: Tenant<Admin>,
    state: Data<State>,
    file: Path<Uuid>,
) -> Result<Json<ReportFile>> {
    let show = move |mut tx: Tx| find(&mut tx, file.0);
    state.db.tenant(&session, show).await.map(Json)
}

/// Fetch the file, for a day; its media type is that of its format. Written to the audit log; for whom a schedule sent it to it is a look as well.
#[utoipa::path(
    params(("report_file_id" = Uuid, Path)),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (ReportPaper = "application/pdf"))))
)]
#[get("/report-files/{report_file_id}/file")]
async fn download_report_file(
    session: Tenant<Admin>,
    state: Data<State>,
    file: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = file.0;
    let open = move |mut tx: Tx| {
        let ready = ready(&mut tx, id)?;
        let report: ReportParameters =
            serde_json::from_value(ready.report.clone()).map_err(anyhow::Error::from)?;
        let day = ready.last_day.unwrap_or(ready.created_at.date_naive());
        let looks: Vec<_> = ready.subjects.iter().map(|of| (*of, day)).collect();
        access_entries::note_days(&mut tx, &looks, report.kind.look())?;
        audit::record(
            tx,
            "report_file.downloaded",
            json!({ "report_file_id": id, "name": ready.name }),
        )?;
        Ok(ready)
    };
    let ready = state.db.tenant(&session, open).await?;
    let media = match ready.format.as_str() {
        "xlsx" => download::XLSX,
        "pdf" => download::PDF,
        _ => download::CSV,
    };
    let name = format!("report-{}.{}", ready.created_at.date_naive(), ready.format);
    download::stored(&state.objects, &ready.object_key, media, &name).await
}

/// Those that one may fetch. `$1` company, `$2` who asks.
const FILES: &str = "\
    SELECT id, name, format, report, state, requested_by = $2 AS is_mine, parts, parts_done, bytes, created_at, finished_at, expires_at \
    FROM tenant.report_files WHERE company_id = $1 AND (requested_by = $2 OR $2 = ANY (readers))";

fn find(tx: &mut Tx, id: Uuid) -> Result<ReportFile> {
    Ok(sql_query(format!("{FILES} AND id = $3"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}

fn newest_first(tx: &mut Tx, before: Option<Uuid>, limit: i64) -> Result<Vec<ReportFile>> {
    Ok(sql_query(format!(
        "{FILES} AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

fn insert(tx: &mut Tx, id: Uuid, name: &str, report: &Value, format: ReportFormat) -> Result<()> {
    let made = sql_query(
        "INSERT INTO tenant.report_files (company_id, id, requested_by, name, report, format) SELECT $1, $2, $3, $4, $5, $6 \
         WHERE (SELECT count(*) FROM tenant.report_files WHERE company_id = $1 AND requested_by = $3 \
           AND state IN ('queued', 'running')) < $7",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(name)
    .bind::<Jsonb, _>(report)
    .bind::<Text, _>(format.name())
    .bind::<BigInt, _>(MOST_WAITING)
    .execute(tx.conn)?;
    match made {
        0 => Err(Error::Conflict(
            "report_files_too_many",
            format!("{MOST_WAITING} files of yours are being made. Wait for one of them."),
        )),
        _ => Ok(()),
    }
}

#[derive(QueryableByName)]
struct Ready {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    format: String,
    #[diesel(sql_type = Jsonb)]
    report: Value,
    #[diesel(sql_type = Array<SqlUuid>)]
    subjects: Vec<Uuid>,
    #[diesel(sql_type = Nullable<Date>)]
    last_day: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

fn ready(tx: &mut Tx, id: Uuid) -> Result<Ready> {
    Ok(sql_query(
        "SELECT name, format, report, subjects, last_day, object_key, created_at FROM tenant.report_files \
         WHERE company_id = $1 AND id = $3 AND (requested_by = $2 OR $2 = ANY (readers)) AND state = 'ready' AND expires_at > $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(Utc::now())
    .get_result(tx.conn)?)
}

/// What a made file says of itself: whose days are in it, and up to which.
pub(crate) struct Content {
    pub file: std::fs::File,
    pub subjects: Vec<Uuid>,
    pub last_day: NaiveDate,
}

/// Writes the report as whoever `scope` is; `progress` hears of each part how many are done, and of how many.
pub(crate) fn write(
    db: &Db,
    scope: Scope,
    company: &str,
    report: &Value,
    format: &str,
    scratch: std::fs::File,
    mut progress: impl FnMut(usize, usize) -> Result<()>,
) -> Result<Content> {
    let report: ReportParameters =
        serde_json::from_value(report.clone()).map_err(anyhow::Error::from)?;
    let wanted = report.wanted()?;
    let format = ReportFormat::named(format);
    let (head, mut place) = db.tenant_blocking(scope, |mut tx| {
        let head = files::letterhead(&mut tx, company, format)?;
        Ok((head, files::begin(&mut tx, wanted.clone(), format)?))
    })?;
    let asked = place.asked.clone();
    let mut made = files::Writer::new(&asked, head, format, BufWriter::new(scratch))?;
    let mut subjects = std::collections::BTreeSet::new();
    loop {
        progress(place.at, place.parts.len())?;
        let (rows, seen, next) =
            db.tenant_blocking(scope, |mut tx| files::read(&mut tx, place.clone()))?;
        made.add(rows)?;
        subjects.extend(seen);
        match next {
            Some(next) => place = next,
            None => break,
        }
    }
    let mut to = made.finish()?;
    to.flush().map_err(anyhow::Error::from)?;
    let mut file = to
        .into_inner()
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    file.rewind().map_err(anyhow::Error::from)?;
    Ok(Content {
        file,
        subjects: subjects.into_iter().collect(),
        last_day: asked.days.1,
    })
}
