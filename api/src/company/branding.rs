//! How a company shows itself to its own people: a name, a logo and a colour, in the portal, on reports and in mails to
//! them. Everybody of the company sees it, its admins change it, and nobody else is told.

pub(crate) mod logo;

use actix_web::{HttpResponse, delete, get, patch, put, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use self::logo::{Logo, LogoForm};
use super::audit;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::document::Letterhead;
use crate::http::download;
use crate::http::error::Error;
use crate::http::json::{Json, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Employee, Tenant};
use crate::http::text::Line;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_branding)
        .service(change_branding)
        .service(show_branding_logo)
        .service(change_branding_logo)
        .service(remove_branding_logo);
}

/// What everybody of the company is shown. Whatever is absent is the product's own.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Look {
    /// In place of the company's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// As it was chosen. Readers make shades of it that can be read on their grounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^#[0-9a-f]{6}$", example = "#0b7285")]
    accent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<LookLogo>,
}

/// What is known of the logo without its bytes.
#[derive(Debug, Serialize, ToSchema)]
struct LookLogo {
    /// Another one with each new logo.
    version: i32,
    width: i32,
    height: i32,
    /// Whether it would be lost on a light ground.
    on_dark: bool,
}

/// The company's look, and what it is called without one.
#[derive(Debug, Serialize, ToSchema)]
struct Branding {
    /// What the service's owner and the company's confirmations call it.
    company_name: String,
    #[serde(flatten)]
    look: Look,
    updated_at: Option<DateTime<Utc>>,
    /// Counts changes; `If-Match` names it.
    version: i32,
}

impl Versioned for Branding {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

/// A colour of the sRGB space, such as `#0b7285`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^#[0-9a-fA-F]{6}$", example = "#0b7285")]
struct Accent(String);

impl TryFrom<String> for Accent {
    type Error = &'static str;
    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        match digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err("accent_invalid: A colour looks like #0b7285"),
        }
    }
}

/// What is absent stays, and what is null goes back to the product's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BrandingChanges {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line<60>>)]
    name: Option<Option<Line<60>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Accent>)]
    accent: Option<Option<Accent>>,
}

/// The parts of the form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document needs it")]
struct LogoUpload {
    /// PNG, JPEG or WebP of at most 1 MiB and 8 million pixels.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

/// WebP.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only the document needs it")]
struct LogoFile(Vec<u8>);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    accent: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    logo_version: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    logo_width: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    logo_height: Option<i32>,
    #[diesel(sql_type = Nullable<Bool>)]
    logo_on_dark: Option<bool>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Nullable<Binary>)]
    logo: Option<Vec<u8>>,
}

/// Show the company's look.
#[utoipa::path(responses((status = 200, body = Branding)))]
#[get("/branding")]
async fn show_branding(session: Tenant<Employee>, state: Data<State>) -> Result<Tagged<Branding>> {
    let name = session.company.name.clone();
    let show = move |mut tx: Tx| load(&mut tx, &name);
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Change the name or the colour that the company is shown with.
#[utoipa::path(request_body = BrandingChanges, responses((status = 200, body = Branding)))]
#[patch("/branding")]
async fn change_branding(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    body: Json<BrandingChanges>,
) -> Result<Tagged<Branding>> {
    let (company, changes) = (session.company.name.clone(), body.0);
    let change = move |mut tx: Tx| {
        let before = locked(&mut tx, &company, &seen)?;
        let Look { name, accent, .. } = &before.look;
        let wanted = (
            changes
                .name
                .map_or(name.clone(), |new| new.map(|Line(name)| name)),
            changes
                .accent
                .map_or(accent.clone(), |new| new.map(|Accent(accent)| accent)),
        );
        let (mut was, mut is) = (Map::new(), Map::new());
        for (field, before, after) in [("name", name, &wanted.0), ("accent", accent, &wanted.1)] {
            if before != after {
                was.insert(field.into(), json!(before));
                is.insert(field.into(), json!(after));
            }
        }
        if is.is_empty() {
            return Ok(before);
        }
        sql_query(
            "UPDATE tenant.company_branding SET name = $2, accent = $3, version = version + 1, updated_at = $4 WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<Text>, _>(wanted.0)
        .bind::<Nullable<Text>, _>(wanted.1)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        let after = load(&mut tx, &company)?;
        audit::record(
            tx,
            "branding.changed",
            json!({ "before": was, "after": is }),
        )?;
        Ok(after)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// Show the company's logo.
#[utoipa::path(responses((status = 200, body = LogoFile, content_type = "image/webp")))]
#[get("/branding/logo")]
async fn show_branding_logo(session: Tenant<Employee>, state: Data<State>) -> Result<HttpResponse> {
    let find = |mut tx: Tx| logo_of(&mut tx)?.ok_or(Error::NotFound);
    let logo = state.db.tenant(&session, find).await?;
    Ok(download::picture("logo.webp", logo))
}

/// Give the company a logo, or another one.
///
/// It is decoded, made as small as it is shown and kept as WebP; nothing of the file itself is kept. 422 `image_invalid`
/// where it cannot be read or has too many pixels.
#[utoipa::path(
    request_body(content = LogoUpload, content_type = "multipart/form-data"),
    responses((status = 200, body = Branding))
)]
#[put("/branding/logo")]
async fn change_branding_logo(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    form: LogoForm,
) -> Result<Tagged<Branding>> {
    let LogoForm { image, .. } = form;
    let logo = Logo::code(image).await?;
    let company = session.company.name.clone();
    let change = move |mut tx: Tx| {
        let before = locked(&mut tx, &company, &seen)?;
        if logo_of(&mut tx)?.as_ref() == Some(&logo.webp) {
            return Ok(before);
        }
        sql_query(
            "UPDATE tenant.company_branding SET logo = $2, logo_width = $3, logo_height = $4, logo_on_dark = $5, logo_version = version + 1, \
               version = version + 1, updated_at = $6 WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Binary, _>(&logo.webp)
        .bind::<Integer, _>(logo.width)
        .bind::<Integer, _>(logo.height)
        .bind::<Bool, _>(logo.on_dark)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        let after = load(&mut tx, &company)?;
        let detail =
            json!({ "width": logo.width, "height": logo.height, "bytes": logo.webp.len() });
        audit::record(tx, "branding.logo_changed", detail)?;
        Ok(after)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// Take the company's logo away.
#[utoipa::path(responses((status = 200, body = Branding)))]
#[delete("/branding/logo")]
async fn remove_branding_logo(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
) -> Result<Tagged<Branding>> {
    let company = session.company.name.clone();
    let change = move |mut tx: Tx| {
        let before = locked(&mut tx, &company, &seen)?;
        if before.look.logo.is_none() {
            return Ok(before);
        }
        sql_query(
            "UPDATE tenant.company_branding SET logo = NULL, logo_width = NULL, logo_height = NULL, logo_on_dark = NULL, logo_version = NULL, \
               version = version + 1, updated_at = $2 WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        let after = load(&mut tx, &company)?;
        audit::record(tx, "branding.logo_removed", Value::Object(Map::new()))?;
        Ok(after)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// The row, made where there is none yet and held until the end; refused when it is not what the caller saw.
fn locked(tx: &mut Tx, company: &str, seen: &IfMatch) -> Result<Branding> {
    sql_query("INSERT INTO tenant.company_branding (company_id) VALUES ($1) ON CONFLICT (company_id) DO NOTHING")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    sql_query("SELECT FROM tenant.company_branding WHERE company_id = $1 FOR UPDATE")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    let before = load(tx, company)?;
    seen.check(&before.version())?;
    Ok(before)
}

fn load(tx: &mut Tx, company: &str) -> Result<Branding> {
    let row = row(tx)?;
    Ok(Branding {
        company_name: company.to_owned(),
        version: row.as_ref().map_or(0, |row| row.version),
        // Nothing was ever said, though somebody began to.
        updated_at: (row.as_ref())
            .filter(|row| row.version > 0)
            .map(|row| row.updated_at),
        look: row.map(Look::from).unwrap_or_default(),
    })
}

fn row(tx: &mut Tx) -> Result<Option<Row>> {
    Ok(sql_query(
        "SELECT version, name, accent, logo_version, logo_width, logo_height, logo_on_dark, updated_at \
         FROM tenant.company_branding WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)
    .optional()?)
}

/// The file.
pub(crate) fn logo_of(tx: &mut Tx) -> Result<Option<Vec<u8>>> {
    let stored: Option<Stored> =
        sql_query("SELECT logo FROM tenant.company_branding WHERE company_id = $1")
            .bind::<SqlUuid, _>(tx.company)
            .get_result(tx.conn)
            .optional()?;
    Ok(stored.and_then(|stored| stored.logo))
}

impl From<Row> for Look {
    fn from(row: Row) -> Self {
        let logo = (|| {
            Some(LookLogo {
                version: row.logo_version?,
                width: row.logo_width?,
                height: row.logo_height?,
                on_dark: row.logo_on_dark?,
            })
        })();
        Self {
            name: row.name,
            accent: row.accent,
            logo,
        }
    }
}

/// What the transaction's person is shown.
pub(crate) fn look(tx: &mut Tx) -> Result<Look> {
    Ok(row(tx)?.map(Look::from).unwrap_or_default())
}

/// What the company is called in front of its own people. Whoever does not belong to it is told its name alone: an admin
/// must not be able to write to strangers in a name of their choice.
pub(crate) fn shown_name(tx: &mut Tx, company: &str) -> Result<String> {
    Ok(look(tx)?.name.unwrap_or_else(|| company.to_owned()))
}

/// What stands at the head of the company's papers.
pub(crate) fn letterhead(tx: &mut Tx, company: &str) -> Result<Letterhead> {
    let Look { name, accent, logo } = look(tx)?;
    let file = match logo.is_some() {
        true => logo_of(tx)?,
        false => None,
    };
    Ok(Letterhead {
        name: name.unwrap_or_else(|| company.to_owned()),
        accent: accent.as_deref().and_then(parts),
        logo: file.as_deref().and_then(logo::pixels),
        logo_on_dark: logo.is_some_and(|logo| logo.on_dark),
    })
}

/// Red, green and blue.
fn parts(accent: &str) -> Option<[u8; 3]> {
    let number = u32::from_str_radix(accent.strip_prefix('#')?, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hexadecimal_digits() {
        let accent = |text: &str| Accent::try_from(text.to_owned()).map(|accent| accent.0);
        assert_eq!(accent("#FFa000").as_deref(), Ok("#ffa000"));
        for bad in [
            "", "#", "#fff", "ffa000", "#ffa0000", "#ggg000", "red", "#ffa00é", "# fa000",
        ] {
            assert!(accent(bad).is_err(), "{bad}");
        }
        assert_eq!(parts("#ffa001"), Some([255, 160, 1]));
    }
}
