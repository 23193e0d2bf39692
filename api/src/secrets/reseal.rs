//! Seals company keys and two-factor secrets anew with the newest key. Servers go on meanwhile, each one is replaced on its
//! own, and what was not reached is reached by the next run.

use std::fmt::{self, Display, Formatter};

use anyhow::ensure;
use diesel::sql_types::{Binary, Bool, Integer, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use super::Secrets;
use crate::db::Db;

/// Rows read at once.
const PAGE: i32 = 500;
/// Of what does not open, as many are named.
const NAMED: usize = 10;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    pub seen: usize,
    pub changed: usize,
}

impl Display for Resealed {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Self { seen, changed } = self;
        write!(f, "{changed} of {seen} sealed keys were sealed anew")
    }
}

#[derive(QueryableByName)]
struct CompanyKey {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct SecondFactor {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
    #[diesel(sql_type = Nullable<Binary>)]
    next_secret: Option<Vec<u8>>,
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Bool)]
    done: bool,
}

/// Whose it is.
#[derive(Clone, Copy)]
enum Whose {
    Company { key: Uuid, company: Uuid },
    User(Uuid),
}

/// Seals everything with the newest key, of a file that every server knows. Fails where something is left that it does
/// not open: then no key may leave the file.
pub fn reseal(db: &Db, secrets: &Secrets) -> anyhow::Result<Resealed> {
    let mut done = Resealed::default();
    let mut unreadable = vec![];
    each(db, |whose, old| {
        done.seen += 1;
        match whose.reseal(secrets, old) {
            Err(_) => unreadable.push(whose.to_string()),
            Ok(None) => {}
            Ok(Some(new)) => done.changed += usize::from(whose.replace(db, old, &new)?),
        }
        Ok(())
    })?;
    ensure!(
        unreadable.is_empty(),
        "{} of {} sealed keys do not open with this secret file, among them {}; {done}",
        unreadable.len(),
        done.seen,
        unreadable[..unreadable.len().min(NAMED)].join(", ")
    );
    Ok(done)
}

/// Fails where something is sealed that the newest key does not open: the one before may not leave the file. Changes
/// nothing.
pub fn ensure_resealed(db: &Db, secrets: &Secrets) -> anyhow::Result<()> {
    let (mut seen, mut left) = (0, 0);
    each(db, |whose, sealed| {
        seen += 1;
        left += usize::from(!matches!(whose.reseal(secrets, sealed), Ok(None)));
        Ok(())
    })?;
    ensure!(
        left == 0,
        "{left} of {seen} sealed keys do not open with the newest key of this secret file: `tracker secrets reseal` first"
    );
    Ok(())
}

/// Everything that is sealed, with whose it is.
fn each(db: &Db, mut visit: impl FnMut(Whose, &[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut after = Uuid::nil();
    loop {
        let page: Vec<CompanyKey> = db.auth_blocking(|conn| {
            Ok(sql_query("SELECT * FROM auth.sealed_company_keys($1, $2)")
                .bind::<SqlUuid, _>(after)
                .bind::<Integer, _>(PAGE)
                .load(conn)?)
        })?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in &page {
            let (key, company) = (row.id, row.company_id);
            visit(Whose::Company { key, company }, &row.sealed)?;
        }
    }
    let mut after = Uuid::nil();
    loop {
        let page: Vec<SecondFactor> = db.auth_blocking(|conn| {
            Ok(
                sql_query("SELECT * FROM auth.sealed_second_factors($1, $2)")
                    .bind::<SqlUuid, _>(after)
                    .bind::<Integer, _>(PAGE)
                    .load(conn)?,
            )
        })?;
        let Some(last) = page.last() else { break };
        after = last.user_id;
        for row in &page {
            for sealed in std::iter::once(&row.secret).chain(&row.next_secret) {
                visit(Whose::User(row.user_id), sealed)?;
            }
        }
    }
    Ok(())
}

impl Whose {
    /// Nothing where it is sealed with the newest key already.
    fn reseal(self, secrets: &Secrets, sealed: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
        match self {
            Self::Company { company, .. } => secrets.reseal(company, sealed),
            Self::User(user) => secrets.reseal_second_factor(user, sealed),
        }
    }

    /// False where it was replaced meanwhile: that is newer.
    fn replace(self, db: &Db, old: &[u8], new: &[u8]) -> anyhow::Result<bool> {
        let (sql, id) = match self {
            Self::Company { key, .. } => {
                ("SELECT auth.reseal_company_key($1, $2, $3) AS done", key)
            }
            Self::User(user) => ("SELECT auth.reseal_second_factor($1, $2, $3) AS done", user),
        };
        let Done { done } = db.auth_blocking(|conn| {
            Ok(sql_query(sql)
                .bind::<SqlUuid, _>(id)
                .bind::<Binary, _>(old)
                .bind::<Binary, _>(new)
                .get_result(conn)?)
        })?;
        Ok(done)
    }
}

impl Display for Whose {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Company { company, .. } => write!(f, "the key of company {company}"),
            Self::User(user) => write!(f, "two-factor of user {user}"),
        }
    }
}
