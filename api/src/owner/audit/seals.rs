//! The chain over the owner's audit entries: each seal is the SHA-256 of the seal before it and an entry whole. Whoever
//! alters an entry, takes one out or puts one in between has to make every later seal anew, and the last one is in the
//! server's log and in whatever note an operator keeps of it.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::secrets::hex;
use crate::{Result, audit};

pub const KIND: &str = "audit_seal";

const BATCH: i64 = 2_000;
/// How much later than an entry's time its transaction may end: far beyond the longest statement.
const LATE: Duration = Duration::days(1);
/// How long an entry may wait for its seal before that is a finding.
const PATIENCE: Duration = Duration::minutes(15);

/// An entry as it is kept, whole.
#[derive(QueryableByName)]
struct Entry {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    actor_id: Uuid,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Text)]
    detail: String,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
}

/// Of an entry `e`, in the order of `Entry`.
const COLUMNS: &str = "e.id, e.at, e.actor_id, e.actor, e.action, e.company_id, e.detail::text AS detail, e.request_id, e.address";

impl Entry {
    fn sealed(&self, no: i64, before: &[u8]) -> Result<[u8; 32]> {
        let Self {
            id,
            at,
            actor_id,
            actor,
            action,
            company_id,
            detail,
            request_id,
            address,
        } = self;
        let at = at.timestamp_micros();
        let content = (
            id, at, actor_id, actor, action, company_id, detail, request_id, address,
        );
        audit::seal(no, before, content)
    }
}

/// The newest seal: who keeps it can tell later that the chain up to it is still the same.
#[derive(Debug, Clone, QueryableByName)]
pub struct Head {
    #[diesel(sql_type = BigInt)]
    pub no: i64,
    #[diesel(sql_type = Binary)]
    pub hash: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    pub sealed_at: DateTime<Utc>,
}

pub(super) fn head(conn: &mut PgConnection) -> Result<Option<Head>> {
    let newest = "SELECT no, hash, sealed_at FROM platform.audit_seals ORDER BY no DESC LIMIT 1";
    Ok(sql_query(newest).get_result(conn).optional()?)
}

/// Seals a batch of the entries that have no seal, oldest first; whether there may be more.
pub fn seal(conn: &mut PgConnection) -> Result<bool> {
    // Two at once would both continue the same end.
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended('audit_seals', 0))").execute(conn)?;
    let (mut no, mut hash) = match head(conn)? {
        Some(head) => (head.no, head.hash),
        None => (0, Vec::new()),
    };
    let entries: Vec<Entry> = sql_query(format!(
        "SELECT {COLUMNS} FROM platform.audit_entries e LEFT JOIN platform.audit_seals s ON s.entry_id = e.id \
         WHERE s.no IS NULL AND e.at >= coalesce((SELECT l.at FROM platform.audit_seals x \
           JOIN platform.audit_entries l ON l.id = x.entry_id WHERE x.no = $1), '-infinity') - make_interval(secs => $2) \
         ORDER BY e.at, e.id LIMIT $3"
    ))
    .bind::<BigInt, _>(no)
    .bind::<diesel::sql_types::Double, _>(LATE.as_seconds_f64())
    .bind::<BigInt, _>(BATCH)
    .load(conn)?;
    let (mut numbers, mut hashes) = (Vec::new(), Vec::new());
    for entry in &entries {
        no += 1;
        hash = entry.sealed(no, &hash)?.to_vec();
        numbers.push(no);
        hashes.push(hash.clone());
    }
    if entries.is_empty() {
        return Ok(false);
    }
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id).collect();
    sql_query(
        "INSERT INTO platform.audit_seals (no, entry_id, hash) SELECT * FROM unnest($1, $2, $3)",
    )
    .bind::<Array<BigInt>, _>(numbers)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Binary>, _>(hashes)
    .execute(conn)?;
    tracing::info!(no, hash = hex(&hash), "audit entries sealed");
    Ok(i64::try_from(entries.len()).is_ok_and(|sealed| sealed == BATCH))
}

/// What was found of the chain.
#[derive(Debug, Default)]
pub struct Verified {
    pub sealed: i64,
    /// The last seal's, in hexadecimal digits.
    pub head: String,
    pub findings: Vec<String>,
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = BigInt)]
    no: i64,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
    #[diesel(embed)]
    entry: Entry,
}

/// Computes the chain anew from the entries. `kept` is a seal that an operator noted: its number and hash.
pub fn verify(conn: &mut PgConnection, kept: Option<(i64, &str)>) -> Result<Verified> {
    let mut verified = Verified::default();
    let mut before: Vec<u8> = Vec::new();
    loop {
        let links: Vec<Link> = sql_query(format!(
            "SELECT s.no, s.hash, {COLUMNS} FROM platform.audit_seals s JOIN platform.audit_entries e ON e.id = s.entry_id \
             WHERE s.no > $1 ORDER BY s.no LIMIT $2"
        ))
        .bind::<BigInt, _>(verified.sealed)
        .bind::<BigInt, _>(BATCH)
        .load(conn)?;
        if links.is_empty() {
            break;
        }
        for link in links {
            if link.no != verified.sealed + 1 {
                let gap = format!(
                    "seals {} to {} are missing",
                    verified.sealed + 1,
                    link.no - 1
                );
                verified.findings.push(gap);
            } else if link.entry.sealed(link.no, &before)?[..] != link.hash {
                let Entry { id, at, action, .. } = &link.entry;
                let broken = format!("seal {} does not fit entry {id} ({action}, {at})", link.no);
                verified.findings.push(broken);
            }
            if let Some((no, hash)) = kept
                && no == link.no
                && !hash.eq_ignore_ascii_case(&hex(&link.hash))
            {
                let other = format!("seal {no} is not the one that was noted");
                verified.findings.push(other);
            }
            verified.sealed = link.no;
            before = link.hash;
        }
    }
    if let Some((no, _)) = kept
        && no > verified.sealed
    {
        let short = format!(
            "the chain ends at {}, before seal {no} that was noted",
            verified.sealed
        );
        verified.findings.push(short);
    }
    verified.findings.extend(forgotten(conn)?);
    verified.head = hex(&before);
    Ok(verified)
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<DateTime<Utc>>,
}

/// Entries that nobody sealed in time: the job does not run, or they were put in afterwards.
fn forgotten(conn: &mut PgConnection) -> Result<Option<String>> {
    let Waiting { count, since } = sql_query(
        "SELECT count(*), min(e.at) AS since FROM platform.audit_entries e \
         LEFT JOIN platform.audit_seals s ON s.entry_id = e.id WHERE s.no IS NULL AND e.at < $1",
    )
    .bind::<Timestamptz, _>(Utc::now() - PATIENCE)
    .get_result(conn)?;
    Ok(since.map(|since| format!("{count} entries since {since} have no seal")))
}
