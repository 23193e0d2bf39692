//! A company's chain: each seal covers the one before it and the digest of an entry. Names are not covered, the ids of who
//! did it are: the name of somebody who is removed goes, and the chain still holds. A look at somebody goes as a whole when
//! they are removed; its seal stays, and says of whom it was.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use crate::Result;
use crate::audit::{AuditHead, seal};
use crate::db::{Db, Scope, Tx};
use crate::http::error::Error;
use crate::jobs::queue::{self, NewJob};
use crate::secrets::{hex, sha256};

/// Kinds of jobs: which companies have something to seal, and the sealing in one of them.
pub const FIND: &str = "company_audit_seals";
pub const SEAL: &str = "seal_company_audit";

const BATCH: i64 = 1_000;
/// How long an entry may wait for its seal before that is a finding.
const PATIENCE: Duration = Duration::minutes(15);

/// What a seal covers of the entry `e` or the look `a`, null where it is gone. Text of jsonb is the same in every version,
/// and an array tells where one field ends and the next begins.
const CONTENT: &str = "CASE WHEN e.id IS NOT NULL THEN jsonb_build_array(e.id, (extract(epoch FROM e.at) * 1000000)::bigint, \
      e.actor_id, e.action, e.detail, e.request_id, e.address)::text \
    WHEN a.id IS NOT NULL THEN jsonb_build_array(a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.subject_id, a.viewer_id, \
      a.kind, a.day, a.reason, a.note, a.item_id, (extract(epoch FROM a.taken_at) * 1000000)::bigint)::text END AS content";
/// Both, of what `x` names.
const ENTRIES: &str = "LEFT JOIN tenant.audit_entries e ON x.kind = 'change' AND e.company_id = $1 AND e.id = x.entry_id \
    LEFT JOIN tenant.access_entries a ON x.kind = 'access' AND a.company_id = $1 AND a.id = x.entry_id";

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = BigInt)]
    no: i64,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    sealed_at: DateTime<Utc>,
}

fn newest(tx: &mut Tx) -> Result<Option<Head>> {
    let newest = "SELECT no, hash, sealed_at FROM tenant.audit_seals WHERE company_id = $1 ORDER BY no DESC LIMIT 1";
    Ok(sql_query(newest)
        .bind::<SqlUuid, _>(tx.company)
        .get_result(tx.conn)
        .optional()?)
}

pub(super) fn head(tx: &mut Tx) -> Result<Option<AuditHead>> {
    Ok(newest(tx)?.map(|head| AuditHead {
        no: head.no,
        hash: hex(&head.hash),
        sealed_at: head.sealed_at,
    }))
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Queues a job for each company with entries that have no seal.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let waiting: Vec<Id> =
        sql_query("SELECT DISTINCT company_id AS id FROM tenant.audit_unsealed").load(conn)?;
    let jobs = waiting
        .into_iter()
        .map(|Id { id }| NewJob::new(id, SEAL, json!({}), format!("{SEAL}:{id}")));
    queue::enqueue(conn, &jobs.collect::<Vec<_>>())
}

/// Seals all that waits in one company.
pub fn run(db: &Db, company: Uuid) -> Result<()> {
    while db.tenant_blocking(Scope::job(company), seal_some)? {}
    Ok(())
}

/// Something without a seal.
#[derive(QueryableByName)]
struct Unsealed {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    subject_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    content: Option<String>,
}

/// Links of a chain, column by column.
#[derive(Default)]
struct Links {
    numbers: Vec<i64>,
    kinds: Vec<String>,
    entries: Vec<Uuid>,
    subjects: Vec<Option<Uuid>>,
    digests: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
}

/// A batch, oldest first; whether there may be more.
fn seal_some(mut tx: Tx) -> Result<bool> {
    // Two at once would both continue the same end.
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended('audit_seals ' || $1::text, 0))")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    let (mut no, mut hash) = match newest(&mut tx)? {
        Some(head) => (head.no, head.hash),
        None => (0, Vec::new()),
    };
    let unsealed: Vec<Unsealed> = sql_query(format!(
        "SELECT x.kind, x.entry_id, a.subject_id, {CONTENT} FROM tenant.audit_unsealed x {ENTRIES} \
         WHERE x.company_id = $1 ORDER BY x.noted_at, x.kind, x.entry_id LIMIT $2"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<BigInt, _>(BATCH)
    .load(tx.conn)?;
    let (kinds, entries): (Vec<String>, Vec<Uuid>) = (unsealed.iter())
        .map(|one| (one.kind.clone(), one.entry_id))
        .unzip();
    let mut links = Links::default();
    for one in unsealed {
        // Gone with a person before it had a seal.
        let Some(content) = one.content else { continue };
        no += 1;
        let digest = sha256(content.as_bytes());
        hash = link(
            no,
            &hash,
            (&one.kind, one.entry_id, one.subject_id),
            &digest,
        )?;
        links.numbers.push(no);
        links.kinds.push(one.kind);
        links.entries.push(one.entry_id);
        links.subjects.push(one.subject_id);
        links.digests.push(digest.to_vec());
        links.hashes.push(hash.clone());
    }
    sql_query(
        "INSERT INTO tenant.audit_seals (company_id, no, kind, entry_id, subject_id, digest, hash) \
         SELECT $1, l.* FROM unnest($2, $3, $4, $5, $6, $7) AS l",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<BigInt>, _>(links.numbers)
    .bind::<Array<Text>, _>(links.kinds)
    .bind::<Array<SqlUuid>, _>(links.entries)
    .bind::<Array<Nullable<SqlUuid>>, _>(links.subjects)
    .bind::<Array<Binary>, _>(links.digests)
    .bind::<Array<Binary>, _>(links.hashes)
    .execute(tx.conn)?;
    let sealed = sql_query(
        "DELETE FROM tenant.audit_unsealed WHERE company_id = $1 AND (kind, entry_id) IN (SELECT * FROM unnest($2, $3))",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<SqlUuid>, _>(entries)
    .execute(tx.conn)?;
    Ok(i64::try_from(sealed).is_ok_and(|sealed| sealed == BATCH))
}

/// The hash of a seal.
fn link(
    no: i64,
    before: &[u8],
    (kind, entry, subject): (&str, Uuid, Option<Uuid>),
    digest: &[u8],
) -> Result<Vec<u8>> {
    Ok(seal(no, before, (kind, entry, subject, hex(digest)))?.to_vec())
}

/// What was found of a chain.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The seal from which on it was verified; 1 is all of it.
    pub from: i64,
    /// The number and the hash, in hexadecimal digits, of the newest seal; 0 where there is none.
    pub sealed: i64,
    pub head: String,
    /// Seals of looks at people who were removed: the looks are gone with them.
    pub removed: i64,
    pub findings: Vec<String>,
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = BigInt)]
    no: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    subject_id: Option<Uuid>,
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    content: Option<String>,
    #[diesel(sql_type = Bool)]
    is_removed: bool,
}

impl Link {
    /// What does not fit, if the seal before it is `before`.
    fn fault(&self, before: &[u8]) -> Result<Option<String>> {
        let Self { no, entry_id, .. } = self;
        let of = (self.kind.as_str(), *entry_id, self.subject_id);
        if link(*no, before, of, &self.digest)? != self.hash {
            return Ok(Some(format!("seal {no} does not follow the one before it")));
        }
        Ok(match &self.content {
            Some(content) if sha256(content.as_bytes())[..] != self.digest => {
                Some(format!("entry {entry_id} is not what seal {no} covers"))
            }
            None if !self.is_removed => Some(format!("entry {entry_id} of seal {no} is gone")),
            _ => None,
        })
    }
}

/// Computes the chain anew from the entries, of the newest `most` seals if not of all. `kept` is a seal that somebody noted: its number
/// and hash.
pub fn verify(mut tx: Tx, most: Option<i64>, kept: Option<(i64, &str)>) -> Result<Verified> {
    let head = newest(&mut tx)?;
    let last = head.as_ref().map_or(0, |head| head.no);
    let first = most.map_or(1, |most| (last - most + 1).max(1));
    let mut verified = Verified {
        from: first,
        sealed: last,
        head: head.map_or_else(String::new, |head| hex(&head.hash)),
        ..Verified::default()
    };
    let mut before = before(&mut tx, first)?;
    let mut no = first - 1;
    while no < last {
        let links = links(&mut tx, no)?;
        if links.is_empty() {
            break;
        }
        for link in links {
            if link.no != no + 1 {
                let gap = format!("seals {} to {} are missing", no + 1, link.no - 1);
                verified.findings.push(gap);
            } else {
                verified.findings.extend(link.fault(&before)?);
            }
            verified.removed += i64::from(link.content.is_none() && link.is_removed);
            (no, before) = (link.no, link.hash);
        }
    }
    if let Some((no, hash)) = kept {
        verified.findings.extend(differs(&mut tx, no, hash, last)?);
    }
    verified.findings.extend(forgotten(&mut tx)?);
    Ok(verified)
}

/// The same of all of a company's chain, by its short name.
pub fn verify_company(db: &Db, slug: &str, kept: Option<(i64, &str)>) -> Result<Verified> {
    let company: Option<Id> = db.platform_blocking(|conn| {
        let of = "SELECT id FROM platform.companies WHERE slug = $1";
        Ok(sql_query(of)
            .bind::<Text, _>(slug)
            .get_result(conn)
            .optional()?)
    })?;
    let Some(Id { id }) = company else {
        return Err(Error::NotFound);
    };
    db.tenant_blocking(Scope::job(id), |tx| verify(tx, None, kept))
}

fn hash_of(tx: &mut Tx, no: i64) -> Result<Option<Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Hash {
        #[diesel(sql_type = Binary)]
        hash: Vec<u8>,
    }
    let hash: Option<Hash> =
        sql_query("SELECT hash FROM tenant.audit_seals WHERE company_id = $1 AND no = $2")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<BigInt, _>(no)
            .get_result(tx.conn)
            .optional()?;
    Ok(hash.map(|Hash { hash }| hash))
}

fn before(tx: &mut Tx, first: i64) -> Result<Vec<u8>> {
    Ok(hash_of(tx, first - 1)?.unwrap_or_default())
}

fn links(tx: &mut Tx, after: i64) -> Result<Vec<Link>> {
    Ok(sql_query(format!(
        "SELECT x.no, x.kind, x.entry_id, x.subject_id, x.digest, x.hash, {CONTENT}, \
           EXISTS (SELECT FROM tenant.removals r WHERE r.company_id = $1 AND r.user_id = x.subject_id) AS is_removed \
         FROM tenant.audit_seals x {ENTRIES} WHERE x.company_id = $1 AND x.no > $2 ORDER BY x.no LIMIT $3"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(BATCH)
    .load(tx.conn)?)
}

/// What is wrong with a seal that somebody noted.
fn differs(tx: &mut Tx, no: i64, noted: &str, last: i64) -> Result<Option<String>> {
    if no > last {
        return Ok(Some(format!(
            "the chain ends at {last}, before seal {no} that was noted"
        )));
    }
    let is_same = hash_of(tx, no)?.is_some_and(|hash| hex(&hash).eq_ignore_ascii_case(noted));
    Ok((!is_same).then(|| format!("seal {no} is not the one that was noted")))
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    late: i64,
    #[diesel(sql_type = BigInt)]
    unknown: i64,
}

/// Entries that nobody sealed in time, and those that nobody was to seal: they were put in past the service.
fn forgotten(tx: &mut Tx) -> Result<Vec<String>> {
    let unknown = |table: &str, kind: &str| {
        format!(
            "(SELECT count(*) FROM tenant.{table} e WHERE e.company_id = $1 \
               AND NOT EXISTS (SELECT FROM tenant.audit_seals s WHERE s.company_id = $1 AND s.kind = '{kind}' AND s.entry_id = e.id) \
               AND NOT EXISTS (SELECT FROM tenant.audit_unsealed u WHERE u.company_id = $1 AND u.kind = '{kind}' AND u.entry_id = e.id))"
        )
    };
    let Waiting { late, unknown } = sql_query(format!(
        "SELECT (SELECT count(*) FROM tenant.audit_unsealed WHERE company_id = $1 AND noted_at < $2) AS late, {} + {} AS unknown",
        unknown("audit_entries", "change"),
        unknown("access_entries", "access")
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Timestamptz, _>(Utc::now() - PATIENCE)
    .get_result(tx.conn)?;
    let mut found = Vec::new();
    if late > 0 {
        found.push(format!("{late} entries wait for a seal too long"));
    }
    if unknown > 0 {
        found.push(format!("{unknown} entries were put in past the service"));
    }
    Ok(found)
}
