//! What every request must know of companies and ended sign-ins, kept in memory. Other instances say what changed
//! by NOTIFY; a listener loads it anew. After a lost connection everything is loaded again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration as StdDuration, Instant};

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::mutants::{Net, cut};
use crate::{
    Result,
    db::Db,
    http::error::{Error, Inactive},
    secrets::sha256,
};

/// Longer than any access token lives.
const ENDED_KEPT: Duration = Duration::minutes(12);
/// What was ended elsewhere is in force here within half a minute, or nobody is served: longer without a sign of the
/// database, this instance cannot know. The listener asks it for one every five seconds.
const BLIND_AFTER: StdDuration = StdDuration::from_secs(25);

/// A company as requests need it.
#[derive(Debug, Clone, QueryableByName)]
pub struct Company {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    trial_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub cancelled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    #[diesel(sql_type = Text)]
    pub plan: String,
    #[diesel(sql_type = Integer)]
    pub max_employees: i32,
    #[diesel(sql_type = Integer)]
    max_storage_gb: i32,
    /// How long it may keep its records at most.
    #[diesel(sql_type = Integer)]
    pub retention_days: i32,
    /// Its agents may take and send pictures.
    #[diesel(sql_type = Bool)]
    pub screenshots: bool,
    /// Other programs may come with its tokens.
    #[diesel(sql_type = Bool)]
    api_access: bool,
    /// Its people do nothing in the portals before they have two-factor on.
    #[diesel(sql_type = Bool)]
    pub two_factor_required: bool,
}

#[derive(Debug, Clone, QueryableByName)]
struct Key {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Binary)]
    key_hash: Vec<u8>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
}

/// A live API token: its hash is the key it is found by.
#[derive(Debug, Clone, QueryableByName)]
pub struct ApiToken {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Binary)]
    token_hash: Vec<u8>,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = SqlUuid)]
    pub created_by: Uuid,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
}

impl Company {
    /// Why it may not take part now. Computed at each check: the job that writes EXPIRED only writes history.
    pub fn inactive(&self, grace_days: i64) -> Option<Inactive> {
        match self.status.as_str() {
            _ if cut(Net::InactiveCompany) => None,
            "SUSPENDED" => Some(Inactive::Suspended),
            "CANCELLED" => Some(Inactive::Cancelled),
            "EXPIRED" => Some(Inactive::Expired),
            _ => self
                .runs_out_at(grace_days)
                .filter(|end| *end <= Utc::now())
                .map(|_| Inactive::Expired),
        }
    }

    /// The moment from which agents are refused, grace included.
    fn runs_out_at(&self, grace_days: i64) -> Option<DateTime<Utc>> {
        let end = if self.status == "TRIAL" {
            self.trial_ends_at
        } else {
            self.expires_at
        };
        end.map(|end| end + Duration::days(grace_days))
    }

    /// What is said about it: a status that has run out reads EXPIRED before the job has written so.
    pub fn shown_status(&self, grace_days: i64) -> &str {
        match self.inactive(grace_days) {
            Some(Inactive::Expired) => "EXPIRED",
            _ => &self.status,
        }
    }

    pub fn max_storage_bytes(&self) -> i64 {
        i64::from(self.max_storage_gb) * 1_000_000_000
    }

    /// What agents compare the version of their settings with. It is another one while the plan has no screenshots: that
    /// is when they must ask again, though nobody has touched the settings.
    pub fn settings_version(&self, version: i32) -> i32 {
        match self.screenshots {
            true => version,
            false => -version,
        }
    }

    pub fn must_have_api_access(&self) -> Result<()> {
        match self.api_access {
            true => Ok(()),
            false => Err(Error::FeatureMissing("API access")),
        }
    }

    /// The zone of its days. A name that this build does not know counts as UTC.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }
}

/// What a company's programs come with, by its hash.
pub(crate) enum Credential {
    Key([u8; 32]),
    Token([u8; 32]),
}

#[derive(Default)]
struct Known {
    companies: HashMap<Uuid, Arc<Company>>,
    keys: HashMap<[u8; 32], Key>,
    tokens: HashMap<[u8; 32], Arc<ApiToken>>,
    ended: HashMap<Uuid, DateTime<Utc>>,
    heard_at: Option<Instant>,
}

/// Shared by all requests of this instance.
pub struct Directory {
    known: RwLock<Known>,
    /// Held from reading the database to writing here: of two loads the later one reads what is newer.
    loading: Mutex<()>,
    pub grace_days: i64,
    /// False where everybody knows the password anyway: in a demo.
    owners_need_two_factor: bool,
}

impl Directory {
    pub fn new(grace_days: i64, owners_need_two_factor: bool) -> Self {
        Self {
            known: RwLock::default(),
            loading: Mutex::default(),
            grace_days,
            owners_need_two_factor,
        }
    }

    /// Whether somebody of this company, or (none) an owner, must have two-factor on.
    pub fn requires_two_factor(&self, company: Option<&Company>) -> bool {
        company.map_or(self.owners_need_two_factor, |company| {
            company.two_factor_required
        })
    }

    pub fn company(&self, id: Uuid) -> Option<Arc<Company>> {
        self.read().companies.get(&id).cloned()
    }

    /// The company whose live key this is at that time, and the key's id.
    pub fn by_key(&self, key: &str, at: DateTime<Utc>) -> Option<(Arc<Company>, Uuid)> {
        let known = self.read();
        let key = known.keys.get(&sha256(key.as_bytes()))?;
        let live = key.expires_at.is_none_or(|end| end > at);
        let company = known.companies.get(&key.company_id)?;
        live.then(|| (company.clone(), key.id))
    }

    /// The live API token with this hash, and its company.
    pub fn by_token(&self, hash: &[u8; 32]) -> Option<(Arc<Company>, Arc<ApiToken>)> {
        let known = self.read();
        let token = known.tokens.get(hash)?;
        let company = known.companies.get(&token.company_id)?;
        (token.expires_at > Utc::now()).then(|| (company.clone(), token.clone()))
    }

    /// The listener's connection is alive: what it has not said by now has not happened.
    pub fn hear(&self, at: Instant) {
        self.write().heard_at = Some(at);
    }

    /// Whether what is known here is young enough to be relied on.
    pub fn is_current(&self) -> bool {
        self.read()
            .heard_at
            .is_some_and(|at| at.elapsed() < BLIND_AFTER)
    }

    pub fn has_ended(&self, sign_in: Uuid) -> bool {
        self.read().ended.contains_key(&sign_in) && !cut(Net::EndedSignIn)
    }

    /// Known here at once; the notification tells the others.
    pub fn end(&self, sign_in: Uuid) {
        let now = Utc::now();
        let mut known = self.write();
        known.ended.retain(|_, at| *at > now - ENDED_KEPT);
        known.ended.insert(sign_in, now);
    }

    /// Loads one company anew, or all of them together with what ended lately.
    pub fn load(&self, conn: &mut PgConnection, company: Option<Uuid>) -> Result<()> {
        let _alone = self
            .loading
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let asked_at = Instant::now();
        let companies: Vec<Company> = sql_query("SELECT * FROM auth.company_entries($1)")
            .bind::<Nullable<SqlUuid>, _>(company)
            .load(conn)?;
        let keys: Vec<Key> = sql_query("SELECT * FROM auth.company_key_entries($1)")
            .bind::<Nullable<SqlUuid>, _>(company)
            .load(conn)?;
        let tokens: Vec<ApiToken> = sql_query("SELECT * FROM auth.api_token_entries($1)")
            .bind::<Nullable<SqlUuid>, _>(company)
            .load(conn)?;
        let ended = match company {
            None => sql_query("SELECT auth.recently_ended() AS id").load::<Id>(conn)?,
            Some(_) => Vec::new(),
        };
        let mut known = self.write();
        match company {
            None => {
                *known = Known {
                    heard_at: Some(asked_at),
                    ..Known::default()
                };
            }
            Some(id) => {
                known.companies.remove(&id);
                known.keys.retain(|_, key| key.company_id != id);
                known.tokens.retain(|_, token| token.company_id != id);
            }
        }
        known.companies.extend(
            companies
                .into_iter()
                .map(|company| (company.id, Arc::new(company))),
        );
        known.keys.extend(
            keys.into_iter()
                .filter_map(|key| Some((key.key_hash.clone().try_into().ok()?, key))),
        );
        known.tokens.extend(tokens.into_iter().filter_map(|token| {
            Some((token.token_hash.clone().try_into().ok()?, Arc::new(token)))
        }));
        known
            .ended
            .extend(ended.into_iter().map(|Id { id }| (id, Utc::now())));
        Ok(())
    }

    /// Loads the company of a credential that is not known here. It may have been made a moment ago on another instance,
    /// whose notification is still on its way.
    pub(crate) async fn look_up(self: &Arc<Self>, db: &Db, credential: Credential) -> Result<()> {
        let directory = self.clone();
        db.auth(move |conn| {
            let (query, hash) = match &credential {
                Credential::Key(hash) => ("SELECT auth.company_by_key($1) AS id", hash),
                Credential::Token(hash) => ("SELECT auth.company_by_api_token($1) AS id", hash),
            };
            let found: Found = sql_query(query)
                .bind::<Binary, _>(&hash[..])
                .get_result(conn)?;
            found.id.map_or(Ok(()), |id| directory.load(conn, Some(id)))
        })
        .await
    }

    /// After a change made here: this instance knows before its answer leaves.
    pub async fn refresh(self: &Arc<Self>, db: &Db, company: Uuid) -> Result<()> {
        let directory = self.clone();
        db.auth(move |conn| directory.load(conn, Some(company)))
            .await
    }

    /// After a change made here that may concern any of them.
    pub async fn refresh_all(self: &Arc<Self>, db: &Db) -> Result<()> {
        let directory = self.clone();
        db.auth(move |conn| directory.load(conn, None)).await
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Tells every instance, once this transaction is over, what is to be loaded anew: `company` or `plan`, and which.
pub(crate) fn tell(conn: &mut PgConnection, what: &str, id: Uuid) -> Result<()> {
    sql_query("SELECT pg_notify('tracker', $1)")
        .bind::<Text, _>(format!("{what}:{id}"))
        .execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_not_heard_for_long_relies_on_nothing() {
        let directory = Directory::new(3, true);
        assert!(!directory.is_current(), "nothing was loaded yet");
        directory.hear(Instant::now());
        assert!(directory.is_current());
        directory.hear(Instant::now() - BLIND_AFTER);
        assert!(!directory.is_current());
    }
}
