//! The file itself: a ZIP with a JSON list for each table, the pictures, and a manifest that counts both. Rows are read in
//! pages of one transaction each and written as they come, so that a large company needs no more memory than a small one.
//! It is of a company, or of one person in words for that person.

use std::io::{BufWriter, Write};

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Value, json};
use uuid::Uuid;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::Result;
use crate::company::branding;
use crate::db::{Db, Scope, Tx};
use crate::directory::Company;
use crate::objects::Objects;

/// Rows that are read in one go.
const PAGE: i64 = 5_000;

/// A table that goes into the file.
pub struct Table {
    pub name: &'static str,
    /// What its rows are paged by besides the company, with the types.
    pub(crate) key: &'static [(&'static str, &'static str)],
    /// Those that whoever reads may.
    pub(crate) columns: &'static str,
    /// What is of no use outside: where an object is kept.
    pub(crate) hidden: &'static str,
    /// Which rows are a person's, who is `$person`. Empty where the file is the company's.
    pub(crate) whose: &'static str,
    /// What it is, for whom does not know the tables.
    pub(crate) says: &'static str,
}

const fn table(name: &'static str, key: &'static [(&'static str, &'static str)]) -> Table {
    Table {
        name,
        key,
        columns: "*",
        hidden: "{company_id}",
        whose: "",
        says: "",
    }
}

/// One of which a person gets the own rows.
pub(crate) const fn of_person(
    name: &'static str,
    key: &'static [(&'static str, &'static str)],
    whose: &'static str,
    says: &'static str,
) -> Table {
    Table {
        whose,
        says,
        ..table(name, key)
    }
}

pub(crate) const ID: &[(&str, &str)] = &[("id", "uuid")];
pub(crate) const RAW: &[(&str, &str)] = &[
    ("user_id", "uuid"),
    ("started_at", "timestamptz"),
    ("id", "uuid"),
];

/// Every table of a tenant but those that are the service's own bookkeeping.
pub const TABLES: [Table; 40] = [
    table(
        "access_entries",
        &[
            ("subject_id", "uuid"),
            ("at", "timestamptz"),
            ("viewer_id", "uuid"),
            ("kind", "text"),
            ("day", "date"),
        ],
    ),
    table("activity_log", RAW),
    table("alert_rules", ID),
    table("alerts", ID),
    table("application_usage", RAW),
    table("audit_entries", ID),
    table("audit_seals", &[("no", "bigint")]),
    Table {
        // A file of its own.
        hidden: "{company_id,logo}",
        ..table("company_branding", &[])
    },
    table("company_settings", &[]),
    table("company_time_zones", &[("valid_from", "date")]),
    table("company_usage", &[]),
    table("devices", ID),
    table("disputes", ID),
    table("invitations", ID),
    table("manual_times", ID),
    table("monitoring_policies", &[("version", "integer")]),
    table("notification_preferences", &[("user_id", "uuid")]),
    table("notifications", ID),
    table(
        "policy_acknowledgements",
        &[("user_id", "uuid"), ("version", "integer")],
    ),
    table("productivity_rules", &[("position", "integer")]),
    table("removals", ID),
    table("saved_reports", ID),
    Table {
        hidden: "{company_id,object_key,thumbnail_key}",
        ..table("screenshots", ID)
    },
    table("setting_overrides", ID),
    table("task_changes", ID),
    table("task_comments", ID),
    table("tasks", ID),
    table("team_admins", &[("team_id", "uuid"), ("user_id", "uuid")]),
    table("team_leads", &[("team_id", "uuid"), ("user_id", "uuid")]),
    table("teams", ID),
    table("timers", &[("user_id", "uuid")]),
    table(
        "user_app_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("app", "text")],
    ),
    table(
        "user_category_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("category", "text")],
    ),
    table(
        "user_host_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("host", "text")],
    ),
    table(
        "user_task_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("task_id", "uuid")],
    ),
    table("user_usage_daily", &[("user_id", "uuid"), ("day", "date")]),
    Table {
        hidden: "{company_id,removed_at}",
        ..table("users", ID)
    },
    table("website_usage", RAW),
    table("work_session_changes", ID),
    table("work_sessions", ID),
];

/// What the service needs to do its work, and says nothing of anybody's: answers kept for repeated requests, the ledger of
/// uploads, what waits for its seal, whose past is to be sorted anew, and the lists of such files. Nor sums of the days that
/// are in the file.
pub const LEFT_OUT: [&str; 14] = [
    "app_usage_daily",
    "audit_unsealed",
    "exports",
    "host_usage_daily",
    "idempotency_keys",
    "ingest_batches",
    "own_exports",
    "reclassifications",
    "report_files",
    "usage_daily",
    "user_app_usage_monthly",
    "user_host_usage_monthly",
    "user_numbers",
    "user_usage_monthly",
];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
    #[diesel(sql_type = Jsonb)]
    place: Value,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Picture {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    taken_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    object_key: String,
}

impl Table {
    /// The rows after a place, which is the key of the one before. Only this file's own words are formatted in.
    fn page(&self, tx: Tx, after: Option<Value>) -> Result<Vec<Row>> {
        let Self {
            name,
            key,
            columns: seen,
            hidden,
            ..
        } = self;
        let whose = self.whose(4);
        let list = |of: &dyn Fn(&(&str, &str)) -> String| {
            key.iter().map(of).collect::<Vec<_>>().join(", ")
        };
        let columns = list(&|(column, _)| (*column).to_owned());
        let place = list(&|(column, _)| format!("'{column}', {column}"));
        let from = list(&|(column, kind)| format!("($2->>'{column}')::{kind}"));
        let (beyond, order) = match key.is_empty() {
            true => ("$2 IS NULL".into(), String::new()),
            false => (
                format!("($2 IS NULL OR ({columns}) > ({from}))"),
                format!(" ORDER BY {columns}"),
            ),
        };
        let text = format!(
            "SELECT (to_jsonb(t) - '{hidden}'::text[])::text AS line, jsonb_build_object({place}) AS place \
             FROM (SELECT {seen} FROM tenant.{name} WHERE company_id = $1{whose}) t WHERE {beyond}{order} LIMIT $3"
        );
        let page = sql_query(text)
            .into_boxed()
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Nullable<Jsonb>, _>(after)
            .bind::<BigInt, _>(PAGE);
        Ok(match whose.is_empty() {
            true => page.load(tx.conn)?,
            false => page.bind::<SqlUuid, _>(tx.user).load(tx.conn)?,
        })
    }

    fn count(&self, tx: Tx) -> Result<i64> {
        let whose = self.whose(2);
        let text = format!(
            "SELECT count(*) FROM tenant.{} WHERE company_id = $1{whose}",
            self.name
        );
        let count = sql_query(text).into_boxed().bind::<SqlUuid, _>(tx.company);
        let counted: Count = match whose.is_empty() {
            true => count.get_result(tx.conn)?,
            false => count.bind::<SqlUuid, _>(tx.user).get_result(tx.conn)?,
        };
        Ok(counted.count)
    }

    /// The condition, with the person as that parameter.
    fn whose(&self, person: usize) -> String {
        match self.whose {
            "" => String::new(),
            whose => format!(" AND {}", whose.replace("$person", &format!("${person}"))),
        }
    }
}

/// What a person reads in the own file beside the rows.
pub struct Words {
    pub tables: &'static [Table],
    /// What is not in it, and why.
    pub left_out: &'static [(&'static str, &'static str)],
}

/// A list that no table of a tenant holds.
pub struct Besides {
    pub name: &'static str,
    pub says: &'static str,
    pub rows: Vec<Value>,
}

struct OfPerson {
    words: &'static Words,
    besides: Vec<Besides>,
}

/// Whose file it is. The rows are read as that scope.
pub struct Whose {
    scope: Scope,
    tables: &'static [Table],
    person: Option<OfPerson>,
}

impl Whose {
    pub fn company(id: Uuid) -> Self {
        Self {
            scope: Scope::job(id),
            tables: &TABLES,
            person: None,
        }
    }

    pub(crate) fn person(scope: Scope, words: &'static Words, besides: Vec<Besides>) -> Self {
        Self {
            scope,
            tables: words.tables,
            person: Some(OfPerson { words, besides }),
        }
    }

    /// Rows and pictures there are: about as many go into the file.
    pub fn count(&self, db: &Db) -> Result<i64> {
        let scope = self.scope;
        let mut all = db.tenant_blocking(scope, |tx| self.count_pictures(tx))?;
        for table in self.tables {
            all += db.tenant_blocking(scope, |tx| table.count(tx))?;
        }
        Ok(all)
    }

    /// Nobody's where all of the company's go in.
    fn pictured(&self) -> Option<Uuid> {
        self.person.is_some().then_some(self.scope.user)
    }

    fn count_pictures(&self, tx: Tx) -> Result<i64> {
        let counted: Count = sql_query(
            "SELECT count(*) FROM tenant.screenshots WHERE company_id = $1 AND state = 'ready' AND user_id = coalesce($2, user_id)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(self.pictured())
        .get_result(tx.conn)?;
        Ok(counted.count)
    }

    fn pictures(&self, tx: Tx, after: Option<Uuid>) -> Result<Vec<Picture>> {
        Ok(sql_query(
            "SELECT id, user_id, taken_at, object_key FROM tenant.screenshots \
             WHERE company_id = $1 AND state = 'ready' AND ($2 IS NULL OR id > $2) AND user_id = coalesce($3, user_id) \
             ORDER BY id LIMIT 200",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<Nullable<SqlUuid>, _>(self.pictured())
        .load(tx.conn)?)
    }
}

/// What the file is made from, and whom to tell how far it is. `progress` ends the work with an error.
pub struct Source<'a> {
    pub db: &'a Db,
    pub objects: &'a Objects,
    pub company: &'a Company,
    pub whose: &'a Whose,
    pub progress: &'a mut dyn FnMut(i64) -> Result<()>,
}

/// Writes the whole file and returns it, to be read from its beginning.
pub async fn write(source: Source<'_>, to: std::fs::File) -> Result<std::fs::File> {
    let mut archive = Archive {
        zip: ZipWriter::new(BufWriter::new(to)),
        source,
        done: 0,
        files: Vec::new(),
        missing: Vec::new(),
    };
    for table in archive.source.whose.tables {
        archive.rows(table)?;
    }
    match &archive.source.whose.person {
        None => archive.logo()?,
        Some(person) => archive.besides(&person.besides)?,
    }
    archive.pictures().await?;
    archive.manifest()?;
    let file = archive.zip.finish().map_err(anyhow::Error::from)?;
    Ok(file.into_inner().map_err(anyhow::Error::from)?)
}

struct Archive<'a> {
    zip: ZipWriter<BufWriter<std::fs::File>>,
    source: Source<'a>,
    done: i64,
    files: Vec<Value>,
    /// Pictures whose object is gone.
    missing: Vec<Uuid>,
}

const OWN_PICTURES: &str = "The pictures of your screen that are kept, as your company keeps them: blurred where they are blurred. The name is the \
    time in UTC and the id of its row in screenshots.json.";

/// Times are UTC, as the zone is part of each.
fn begin(
    zip: &mut ZipWriter<BufWriter<std::fs::File>>,
    name: &str,
    method: CompressionMethod,
) -> Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .large_file(true);
    zip.start_file(name, options).map_err(anyhow::Error::from)?;
    Ok(())
}

impl Archive<'_> {
    fn rows(&mut self, table: &Table) -> Result<()> {
        let name = format!("{}.json", table.name);
        begin(&mut self.zip, &name, CompressionMethod::Deflated)?;
        let (scope, mut after, mut count) = (self.source.whose.scope, None, 0_usize);
        self.put(b"[")?;
        loop {
            let db = self.source.db;
            let rows = db.tenant_blocking(scope, |tx| table.page(tx, after.clone()))?;
            for Row { line, .. } in &rows {
                let comma: &[u8] = if count == 0 { b"\n" } else { b",\n" };
                self.put(comma)?;
                self.put(line.as_bytes())?;
                count += 1;
            }
            self.advance(rows.len())?;
            match rows.into_iter().next_back() {
                Some(Row { place, .. }) if !table.key.is_empty() => after = Some(place),
                _ => break,
            }
        }
        self.put(b"\n]\n")?;
        self.said(json!({ "name": name, "rows": count }), table.says);
        Ok(())
    }

    fn said(&mut self, mut file: Value, says: &str) {
        if !says.is_empty() {
            file["is"] = says.into();
        }
        self.files.push(file);
    }

    fn besides(&mut self, lists: &[Besides]) -> Result<()> {
        for Besides { name, says, rows } in lists {
            let name = format!("{name}.json");
            begin(&mut self.zip, &name, CompressionMethod::Deflated)?;
            let text = serde_json::to_vec_pretty(rows).map_err(anyhow::Error::from)?;
            self.put(&text)?;
            self.said(json!({ "name": name, "rows": rows.len() }), says);
        }
        Ok(())
    }

    fn logo(&mut self) -> Result<()> {
        let scope = self.source.whose.scope;
        let Some(logo) =
            (self.source.db).tenant_blocking(scope, |mut tx| branding::logo_of(&mut tx))?
        else {
            return Ok(());
        };
        begin(&mut self.zip, "logo.webp", CompressionMethod::Stored)?;
        self.put(&logo)?;
        self.files.push(json!({ "name": "logo.webp" }));
        Ok(())
    }

    async fn pictures(&mut self) -> Result<()> {
        let whose = self.source.whose;
        let (mut after, mut count) = (None, 0_usize);
        loop {
            let page =
                (self.source.db).tenant_blocking(whose.scope, |tx| whose.pictures(tx, after))?;
            for picture in &page {
                match self.source.objects.get(&picture.object_key).await? {
                    Some(bytes) => {
                        let folder = match whose.person {
                            Some(_) => String::new(),
                            None => format!("{}/", picture.user_id),
                        };
                        let name = format!(
                            "screenshots/{folder}{}_{}.webp",
                            picture.taken_at.format("%Y-%m-%dT%H%M%SZ"),
                            picture.id
                        );
                        begin(&mut self.zip, &name, CompressionMethod::Stored)?;
                        self.put(&bytes)?;
                        count += 1;
                    }
                    // Deleted since its row was read.
                    None => self.missing.push(picture.id),
                }
            }
            self.advance(page.len())?;
            match page.last() {
                Some(last) => after = Some(last.id),
                None => break,
            }
        }
        let pictures = json!({ "name": "screenshots/", "files": count, "missing": self.missing });
        let says = whose.person.as_ref().map_or("", |_| OWN_PICTURES);
        self.said(pictures, says);
        Ok(())
    }

    fn manifest(&mut self) -> Result<()> {
        let Company {
            id,
            name,
            time_zone,
            plan,
            ..
        } = self.source.company;
        let mut manifest = json!({
            "company": { "id": id, "name": name, "time_zone": time_zone },
            "written_at": Utc::now(),
            "files": self.files,
        });
        let person = self.source.whose.person.as_ref();
        match person {
            None => {
                manifest["company"]["plan"] = json!(plan);
                manifest["of_a_picture"] =
                    "screenshots/<user_id>/<time in UTC>_<id of its row in screenshots.json>.webp"
                        .into();
            }
            Some(person) => {
                let left_out = (person.words.left_out.iter())
                    .map(|(what, why)| json!({ "what": what, "why": why }));
                manifest["person"] = json!({ "id": self.source.whose.scope.user });
                manifest["times"] = "UTC; days are those of the company's zone".into();
                manifest["left_out"] = left_out.collect();
                manifest["of_a_picture"] =
                    "screenshots/<time in UTC>_<id of its row in screenshots.json>.webp".into();
            }
        }
        if person.is_some() {
            let text = read_me(&manifest);
            begin(&mut self.zip, "README.txt", CompressionMethod::Deflated)?;
            self.put(text.as_bytes())?;
        }
        begin(&mut self.zip, "manifest.json", CompressionMethod::Deflated)?;
        let text = serde_json::to_vec_pretty(&manifest).map_err(anyhow::Error::from)?;
        self.put(&text)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.zip.write_all(bytes).map_err(anyhow::Error::from)?)
    }

    fn advance(&mut self, by: usize) -> Result<()> {
        self.done += i64::try_from(by).map_err(anyhow::Error::from)?;
        (self.source.progress)(self.done)
    }
}

/// What the manifest says, for people.
fn read_me(manifest: &Value) -> String {
    let word = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
    let (company, zone) = (
        word(&manifest["company"], "name"),
        word(&manifest["company"], "time_zone"),
    );
    let mut text = format!(
        "Everything that {company} records about you\n\n\
         Written at {}. Every time is in UTC; days are those of the zone {zone}.\n\
         Each .json file is a list with an object for each row, under the names that the service itself uses; manifest.json says\n\
         the same as this text for programs.\n\nWhat is in it\n\n",
        word(manifest, "written_at"),
    );
    for file in manifest["files"].as_array().into_iter().flatten() {
        let count = file["rows"].as_u64().or(file["files"].as_u64());
        text += &format!(
            "  {} ({})\n      {}\n",
            word(file, "name"),
            count.unwrap_or_default(),
            word(file, "is")
        );
    }
    text += "\nWhat is not in it, and why\n\n";
    for one in manifest["left_out"].as_array().into_iter().flatten() {
        text += &format!("  {}\n      {}\n", word(one, "what"), word(one, "why"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::db::placement::{PLACEMENT, Place};

    #[test]
    fn no_table_of_a_tenant_is_forgotten() {
        let tenant = PLACEMENT
            .iter()
            .filter(|(_, place)| *place == Place::Tenant);
        let all: BTreeSet<&str> = tenant
            .filter_map(|(name, _)| name.strip_prefix("tenant."))
            .collect();
        let here: BTreeSet<&str> = TABLES
            .iter()
            .map(|table| table.name)
            .chain(LEFT_OUT)
            .collect();
        assert_eq!(all, here);
    }
}
