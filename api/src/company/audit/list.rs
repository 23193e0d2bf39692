//! Changes and looks in one list, as the company's admins read, find and export it.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{record, seals};
use crate::Result;
use crate::app::State;
use crate::audit::changes::{self, Change};
use crate::audit::{Action, AuditHead, Position};
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Admin, Tenant};
use crate::http::sheet::{self, Book, Cell, Format};
use crate::http::text::{Line, like};
use crate::tracking::days::{Calendar, Day};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_company_audit_entries)
        .service(export_company_audit_entries)
        .service(verify_company_audit_entries);
}

/// How many of the newest seals a request verifies; all of them takes the terminal.
const VERIFIED: i64 = 5_000;

/// What kind of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AuditKind {
    /// Something was changed.
    Change,
    /// Somebody looked at what was recorded about a person.
    Access,
}

impl AuditKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Access => "access",
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CompanyAuditQuery {
    /// Entries from this day on, in the company's time zone.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    /// Entries up to this day, which is included.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// Only changes, or only looks.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    kind: Option<AuditKind>,
    /// A part of who did it: an e-mail of changes, a name of looks, or `system`.
    #[param(inline)]
    actor: Option<Line<120>>,
    /// What was done: `employee.invited`, or a thing with a dot for all that is done to it, `employee.`. Looks are
    /// `access.timeline` and the like.
    #[param(pattern = "^[a-z_]{1,40}\\.([a-z_]{1,40})?$")]
    action: Option<String>,
    /// Whom it was done to, or at whom somebody looked.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CompanyAuditExportQuery {
    /// Entries from this day on, in the company's time zone.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    /// Entries up to this day, which is included.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// Only changes, or only looks.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    kind: Option<AuditKind>,
    /// A part of who did it.
    #[param(inline)]
    actor: Option<Line<120>>,
    /// What was done, as in the list.
    #[param(pattern = "^[a-z_]{1,40}\\.([a-z_]{1,40})?$")]
    action: Option<String>,
    /// Whom it was done to, or at whom somebody looked.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// Something that was done in the company.
#[derive(Serialize, ToSchema)]
struct CompanyAuditEntry {
    id: Uuid,
    /// Of a look: the start of its ten minutes.
    at: DateTime<Utc>,
    kind: AuditKind,
    /// Who: the e-mail of whoever changed something, the name of whoever looked, `system` for a job.
    actor: String,
    /// `thing.done`; of looks `access.` and what was opened.
    action: String,
    /// Absent where it was done to nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<AuditSubject>,
    /// The day that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    changes: Vec<Change>,
    /// Where the request came from; absent for jobs and looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The number of its seal in the chain; absent until it has one, within minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<i64>,
}

/// The person that something was done to.
#[derive(Serialize, ToSchema)]
struct AuditSubject {
    id: Uuid,
    /// Absent when the person was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// A page of what was done.
#[derive(Serialize, ToSchema)]
struct CompanyAuditPage {
    items: Vec<CompanyAuditEntry>,
    next_cursor: Option<String>,
    /// Absent before the first entry is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<AuditHead>,
}

/// List what was done in the company and who looked at whom, newest first.
#[utoipa::path(params(CompanyAuditQuery), responses((status = 200, body = CompanyAuditPage)))]
#[get("/audit")]
async fn list_company_audit_entries(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<CompanyAuditQuery>,
) -> Result<Json<CompanyAuditPage>> {
    let query = query.0;
    let limit = limit_of(query.limit, 50)?;
    let days = (query.from, query.to);
    let filter = Filter::new(query.kind, query.actor, query.action, query.user_id)?;
    let list = format!("audit of {} {days:?} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let read = move |mut tx: Tx| {
        let span = Span::load(&mut tx, days)?;
        Ok((
            filter.rows(&mut tx, span, after, limit + 1)?,
            seals::head(&mut tx)?,
        ))
    };
    let (rows, head) = state.db.tenant(&session, read).await?;
    let last = |row: &Row| (row.at, row.id);
    let Page { items, next_cursor } = Page::cut(rows, limit, &state.secrets, &list, last)?;
    Ok(Json(CompanyAuditPage {
        items: items.into_iter().map(CompanyAuditEntry::from).collect(),
        next_cursor,
        head,
    }))
}

/// Export what was done in the company and who looked at whom, as CSV or as a workbook: all that the filter lets through.
///
/// More than 50,000 rows are refused with 409 `export_too_large`. Times are in UTC. In CSV an apostrophe stands before a
/// text that a spreadsheet would read as a formula.
#[utoipa::path(
    params(CompanyAuditExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/audit/export")]
async fn export_company_audit_entries(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<CompanyAuditExportQuery>,
) -> Result<HttpResponse> {
    let query = query.0;
    let (days, format) = ((query.from, query.to), query.format);
    let filter = Filter::new(query.kind, query.actor, query.action, query.user_id)?;
    let (session, filter) = (Arc::new(session), Arc::new(filter));
    let pages = sheet::pages(move |after: Option<(Span, Position)>| {
        let (session, state, filter) = (session.clone(), state.clone(), filter.clone());
        async move {
            let page = move |mut tx: Tx| {
                let (span, after) = match after {
                    Some((span, after)) => (span, Some(after)),
                    None => {
                        let span = Span::load(&mut tx, days)?;
                        let rows = filter.count(&mut tx, span)?;
                        sheet::must_fit(rows)?;
                        let detail = filter.detail(span, format, rows);
                        record(tx.again(), "audit_log.exported", detail)?;
                        (span, None)
                    }
                };
                let rows = filter.rows(&mut tx, span, after, sheet::PAGE)?;
                let last = rows.last().filter(|_| sheet::is_full(&rows));
                let next = last.map(|last| (span, (last.at, last.id)));
                let rows = rows
                    .into_iter()
                    .map(|row| CompanyAuditEntry::from(row).into_row());
                Ok((rows.collect(), next))
            };
            state.db.tenant(&*session, page).await
        }
    });
    sheet::answer(format, "audit", &SHEET, pages).await
}

/// What each row of the file has, times in UTC.
const SHEET: [&str; 13] = [
    "id",
    "at",
    "kind",
    "actor",
    "action",
    "subject_id",
    "subject",
    "day",
    "reason",
    "changes",
    "address",
    "request_id",
    "seal",
];

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VerificationQuery {
    /// A seal that was noted before, its number, a colon and its hash: the chain must still go through it.
    #[param(pattern = "^[1-9][0-9]{0,17}:[0-9a-fA-F]{64}$")]
    noted: Option<String>,
}

/// What was found of the chain of seals.
#[derive(Serialize, ToSchema)]
struct AuditVerification {
    /// The seal from which on the chain was computed anew; 1 is all of it.
    from: i64,
    /// The number of the newest seal; 0 where there is none.
    sealed: i64,
    /// Seals of looks at people who were removed: the looks are gone with them.
    removed: i64,
    /// In words; none where all is as it was written.
    findings: Vec<String>,
}

/// Verify that no entry of the last 5,000 seals was altered, taken out or put in.
#[utoipa::path(params(VerificationQuery), responses((status = 200, body = AuditVerification)))]
#[get("/audit/verification")]
async fn verify_company_audit_entries(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<VerificationQuery>,
) -> Result<Json<AuditVerification>> {
    let noted = query.0.noted.as_deref().map(read_seal).transpose()?;
    let verify = move |tx: Tx| {
        let noted = noted.as_ref().map(|(no, hash)| (*no, hash.as_str()));
        seals::verify(tx, Some(VERIFIED), noted)
    };
    let found = state.db.tenant(&session, verify).await?;
    Ok(Json(AuditVerification {
        from: found.from,
        sealed: found.sealed,
        removed: found.removed,
        findings: found.findings,
    }))
}

fn read_seal(text: &str) -> Result<(i64, String)> {
    let read = || {
        let (no, hash) = text.split_once(':')?;
        let no: i64 = no.parse().ok().filter(|no| *no > 0)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| (no, hash.to_owned()))
    };
    read().ok_or_else(|| {
        Error::invalid(
            "noted",
            "seal_invalid",
            "A seal is its number, a colon and 64 hexadecimal digits",
        )
    })
}

/// Times that entries lie between; open where a day was not given.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl Span {
    fn load(tx: &mut Tx, (from, to): (Option<Day>, Option<Day>)) -> Result<Self> {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        Ok(Self {
            from: from.map(|day| calendar.start(day.0)),
            to: to.map(|day| calendar.range(day.0).1),
        })
    }
}

/// Which entries.
#[derive(Debug)]
struct Filter {
    kind: Option<AuditKind>,
    /// A pattern of LIKE.
    actor: Option<String>,
    action: Option<Action>,
    user: Option<Uuid>,
}

impl Filter {
    fn new(
        kind: Option<AuditKind>,
        actor: Option<Line<120>>,
        action: Option<String>,
        user: Option<Uuid>,
    ) -> Result<Self> {
        Ok(Self {
            kind,
            actor: actor.map(|Line(actor)| like(&actor)),
            action: Action::read(action)?,
            user,
        })
    }

    fn detail(&self, span: Span, format: Format, rows: i64) -> Value {
        json!({ "format": format, "rows": rows, "from": span.from, "to": span.to, "kind": self.kind,
            "action": self.action.as_ref().map(Action::exact), "subject_id": self.user })
    }

    /// Both kinds with the columns of `Row` but those that others know; `$1` company, `$2`-`$3` times, `$4` kind, `$5` who,
    /// `$6`-`$7` what, `$8` whom. Each is cut before they are put together: none is read further than a page.
    fn both(cut: &str) -> String {
        let given = "AND ($2 IS NULL OR e.at >= $2) AND ($3 IS NULL OR e.at < $3)";
        format!(
            "(SELECT e.id, e.at, 'change' AS kind, e.actor, e.action, e.detail ->> 'user_id' AS subject, NULL::date AS day, \
                NULL AS reason, e.detail, e.address, e.request_id FROM tenant.audit_entries e \
              WHERE e.company_id = $1 {given} AND ($4 IS NULL OR $4 = 'change') AND ($5 IS NULL OR lower(e.actor) LIKE $5) \
                AND ($6 IS NULL OR e.action = $6 OR starts_with(e.action, $7)) \
                AND ($8 IS NULL OR e.detail ->> 'user_id' = $8::text) {cut}) \
             UNION ALL \
             (SELECT e.id, e.at, 'access', e.viewer_name, 'access.' || e.kind, e.subject_id::text, e.day, nullif(concat_ws(': ', replace(e.reason, '_', ' '), e.note), ''), '{{}}', NULL, NULL \
              FROM tenant.access_entries e \
              WHERE e.company_id = $1 {given} AND ($4 IS NULL OR $4 = 'access') AND ($5 IS NULL OR lower(e.viewer_name) LIKE $5) \
                AND ($6 IS NULL OR 'access.' || e.kind = $6 OR starts_with('access.' || e.kind, $7)) \
                AND ($8 IS NULL OR e.subject_id = $8) {cut})"
        )
    }

    /// Those after that one, newest first.
    fn rows(
        &self,
        tx: &mut Tx,
        span: Span,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<Row>> {
        let (at, id) = after.unzip();
        let both = Self::both(
            "AND ($9 IS NULL OR (e.at, e.id) < ($9, $10)) ORDER BY e.at DESC, e.id DESC LIMIT $11",
        );
        let text = format!(
            "SELECT r.id, r.at, r.kind, r.actor, r.action, r.subject AS subject_id, u.name AS subject, r.day, r.reason, r.detail, \
               r.address, r.request_id, s.no AS seal FROM ({both} ORDER BY at DESC, id DESC LIMIT $11) r \
             LEFT JOIN tenant.audit_seals s ON s.company_id = $1 AND s.kind = r.kind AND s.entry_id = r.id \
             LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = CASE WHEN r.subject ~ '^[0-9a-f-]{{36}}$' THEN r.subject::uuid END \
             ORDER BY r.at DESC, r.id DESC"
        );
        Ok(sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Nullable<Timestamptz>, _>(span.from)
            .bind::<Nullable<Timestamptz>, _>(span.to)
            .bind::<Nullable<Text>, _>(self.kind.map(AuditKind::word))
            .bind::<Nullable<Text>, _>(self.actor.as_deref())
            .bind::<Nullable<Text>, _>(self.action.as_ref().map(Action::exact))
            .bind::<Nullable<Text>, _>(self.action.as_ref().and_then(Action::beginning))
            .bind::<Nullable<SqlUuid>, _>(self.user)
            .bind::<Nullable<Timestamptz>, _>(at)
            .bind::<Nullable<SqlUuid>, _>(id)
            .bind::<BigInt, _>(limit)
            .load(tx.conn)?)
    }

    /// How many there are; nobody counts further than a file goes.
    fn count(&self, tx: &mut Tx, span: Span) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let text = format!("SELECT count(*) FROM ({}) rows", Self::both("LIMIT $9"));
        let Counted { count } = sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Nullable<Timestamptz>, _>(span.from)
            .bind::<Nullable<Timestamptz>, _>(span.to)
            .bind::<Nullable<Text>, _>(self.kind.map(AuditKind::word))
            .bind::<Nullable<Text>, _>(self.actor.as_deref())
            .bind::<Nullable<Text>, _>(self.action.as_ref().map(Action::exact))
            .bind::<Nullable<Text>, _>(self.action.as_ref().and_then(Action::beginning))
            .bind::<Nullable<SqlUuid>, _>(self.user)
            .bind::<BigInt, _>(sheet::MAX_ROWS + 1)
            .get_result(tx.conn)?;
        Ok(count)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Nullable<Text>)]
    subject_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    subject: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    day: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Jsonb)]
    detail: Value,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    seal: Option<i64>,
}

impl From<Row> for CompanyAuditEntry {
    fn from(row: Row) -> Self {
        let mut detail = row.detail;
        if let Some(detail) = detail.as_object_mut() {
            // Said by name.
            detail.remove("user_id");
        }
        let (reason, changes) = changes::of(detail);
        let id = row.subject_id.and_then(|id| id.parse().ok());
        let subject = id.map(|id| AuditSubject {
            id,
            name: row.subject,
        });
        Self {
            id: row.id,
            at: row.at,
            kind: match row.kind.as_str() {
                "access" => AuditKind::Access,
                _ => AuditKind::Change,
            },
            actor: row.actor,
            action: row.action,
            subject,
            day: row.day,
            reason: row.reason.or(reason),
            changes,
            address: row.address,
            request_id: row.request_id,
            seal: row.seal,
        }
    }
}

impl CompanyAuditEntry {
    fn into_row(self) -> sheet::Row {
        let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
        let (subject_id, subject) = self.subject.map(|one| (one.id, one.name)).unzip();
        let changes: Vec<String> = self.changes.iter().map(Change::to_string).collect();
        vec![
            Cell::Text(self.id.to_string()),
            Cell::Time(self.at),
            Cell::Text(self.kind.word().to_owned()),
            Cell::Text(self.actor),
            Cell::Text(self.action),
            text(subject_id.map(|id| id.to_string())),
            text(subject.flatten()),
            self.day.map_or(Cell::Empty, Cell::Day),
            text(self.reason),
            Cell::Text(changes.join("; ")),
            text(self.address),
            text(self.request_id),
            self.seal.map_or(Cell::Empty, Cell::Number),
        ]
    }
}
