//! What owners want to remember of a company: agreements, calls, who is to be asked. In their own words, deleted by their
//! author alone. The audit log says that there was a note and not what it said: what was deleted is gone.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{audit, companies};
use crate::Result;
use crate::app::State;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::Owner;
use crate::http::text::Paragraphs;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_company_notes)
        .service(add_company_note)
        .service(delete_company_note);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: Paragraphs<2000>,
}

/// An owner's note on a company.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Note {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    text: String,
    /// The owner's e-mail.
    #[diesel(sql_type = Text)]
    author: String,
    /// Whoever asks wrote it, and may delete it.
    #[diesel(sql_type = Bool)]
    is_own: bool,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

/// List the notes on a company, newest first.
#[utoipa::path(
    params(("company_id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Note>))
)]
#[get("/owner/companies/{company_id}/notes")]
async fn list_company_notes(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Note>>> {
    let (company, user, limit) = (company.0, owner.user, query.0.limit()?);
    let list = format!("notes {company}");
    let after: Option<Uuid> = query.0.position(&state.secrets, &list)?;
    let notes = move |conn: &mut PgConnection| {
        companies::must_exist(conn, company)?;
        // Ids are made in the order of time, so they page the list.
        let query = sql_query(
            "SELECT id, text, author, author_id = $2 AS is_own, created_at FROM platform.company_notes \
             WHERE company_id = $1 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        );
        Ok(query
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(user)
            .bind::<Nullable<SqlUuid>, _>(after)
            .bind::<BigInt, _>(limit + 1)
            .load(conn)?)
    };
    let rows = state.db.platform(&owner, notes).await?;
    let position = |row: &Note| row.id;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Add a note on a company.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = NewNote,
    responses((status = 201, body = Note))
)]
#[post("/owner/companies/{company_id}/notes")]
async fn add_company_note(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<NewNote>,
) -> Result<HttpResponse> {
    let (company, user, id) = (company.0, owner.user, Uuid::now_v7());
    let Paragraphs(text) = body.0.text;
    let add = move |conn: &mut PgConnection| {
        companies::must_exist(conn, company)?;
        let note: Note = sql_query(
            "INSERT INTO platform.company_notes (company_id, id, author_id, author, text) \
             SELECT $1, $2, o.id, o.email, $4 FROM platform.owners o WHERE o.id = $3 \
             RETURNING id, text, author, true AS is_own, created_at",
        )
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(text)
        .get_result(conn)?;
        let detail = json!({ "note_id": id });
        audit::record(conn, user, "company_note.added", company, detail)?;
        let place = format!("/api/owner/companies/{company}/notes/{id}");
        Ok(Made::new(place, note))
    };
    once.platform(&state, &owner, add).await
}

#[derive(QueryableByName)]
struct Author {
    #[diesel(sql_type = SqlUuid)]
    author_id: Uuid,
}

/// Delete a note that one has written oneself.
#[utoipa::path(
    params(("company_id" = Uuid, Path), ("note_id" = Uuid, Path)),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/owner/companies/{company_id}/notes/{note_id}")]
async fn delete_company_note(
    owner: Owner,
    state: Data<State>,
    ids: Path<(Uuid, Uuid)>,
) -> Result<HttpResponse> {
    let ((company, id), user) = (ids.0, owner.user);
    let delete = move |conn: &mut PgConnection| {
        let note: Author = sql_query(
            "SELECT author_id FROM platform.company_notes WHERE company_id = $1 AND id = $2",
        )
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(id)
        .get_result(conn)?;
        if note.author_id != user {
            return Err(Error::Conflict(
                "note_of_another_owner",
                "Only its author deletes a note.".into(),
            ));
        }
        let gone =
            sql_query("DELETE FROM platform.company_notes WHERE company_id = $1 AND id = $2")
                .bind::<SqlUuid, _>(company)
                .bind::<SqlUuid, _>(id)
                .execute(conn)?;
        match gone {
            0 => Err(Error::NotFound),
            _ => audit::record(
                conn,
                user,
                "company_note.deleted",
                company,
                json!({ "note_id": id }),
            ),
        }
    };
    state.db.platform(&owner, delete).await?;
    Ok(HttpResponse::NoContent().finish())
}
