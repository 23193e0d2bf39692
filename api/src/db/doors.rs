//! The only doors to Postgres. The pools are private, so code that holds a connection came through a door, and
//! Postgres shows it what that door allows. Each door is one transaction in three round trips.

use std::{fmt::Display, sync::Arc, time::Duration};

use actix_web::web::block;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection, State as PoolState};
use diesel::{PgConnection, result::DatabaseErrorKind, result::Error as DbError};
use tokio::{sync::Semaphore, time::timeout};
use uuid::Uuid;

use super::{query_log, roles::Login};
use crate::{Result, http::error::Error, http::origin, http::session::ByToken};

/// How long a request waits for a free connection before it is told that the server is busy.
const PATIENCE: Duration = Duration::from_secs(2);

/// The role a tenant's transaction runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbRole {
    Admin,
    Employee,
    /// Somebody who leads teams, as far as the database finds that they do.
    Lead,
    /// An admin of teams, as far as the database finds that they are.
    TeamAdmin,
    Agent,
}

impl Display for DbRole {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Self::Admin => "tracker_admin",
            Self::Employee => "tracker_employee",
            Self::Lead => "tracker_lead",
            Self::TeamAdmin => "tracker_team_admin",
            Self::Agent => "tracker_agent",
        })
    }
}

/// Whose transaction it is: made from a session, an accepted link or a claimed job, never from a request's text.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    pub(crate) company: Uuid,
    pub(crate) user: Uuid,
    pub(crate) role: DbRole,
    pub(crate) token: Option<ByToken>,
}

impl Scope {
    pub(crate) fn new(company: Uuid, user: Uuid, role: DbRole) -> Self {
        Self {
            company,
            user,
            role,
            token: None,
        }
    }

    /// The company of an invitation that is being accepted: its person is not there yet.
    pub(crate) fn accepted_link(company: Uuid) -> Self {
        Self::job(company)
    }

    /// Background work in one company, as nobody in particular.
    pub(crate) fn job(company: Uuid) -> Self {
        Self::new(company, Uuid::nil(), DbRole::Admin)
    }
}

/// A connection inside a tenant's transaction, and whose it is.
pub struct Tx<'a> {
    pub conn: &'a mut PgConnection,
    pub company: Uuid,
    pub user: Uuid,
    pub role: DbRole,
    /// The API token that acts in the user's name.
    pub token: Option<Uuid>,
}

impl Tx<'_> {
    /// The same once more, for who goes on with it afterwards.
    pub fn again(&mut self) -> Tx<'_> {
        Tx {
            conn: self.conn,
            ..*self
        }
    }
}

#[derive(Clone)]
struct Door {
    pool: Pool<ConnectionManager<PgConnection>>,
    // As many as connections: whoever waits here holds no thread. Waiting in `pool.get()` would take one of the few
    // blocking threads, and password hashing would starve behind a slow report.
    permits: Arc<Semaphore>,
}

#[derive(Clone)]
pub struct Db {
    web: Door,
    platform: Door,
    auth: Door,
    jobs: Door,
}

impl Db {
    /// `url` gives each login role's own connection string.
    pub fn connect(
        url: impl Fn(Login) -> Result<String, anyhow::Error>,
        size: u32,
    ) -> anyhow::Result<Self> {
        let few = (size / 4).max(2);
        Ok(Self {
            web: Door::open(Login::Web, &url(Login::Web)?, size)?,
            platform: Door::open(Login::Platform, &url(Login::Platform)?, few)?,
            auth: Door::open(Login::Auth, &url(Login::Auth)?, few)?,
            jobs: Door::open(Login::Jobs, &url(Login::Jobs)?, few)?,
        })
    }

    /// Runs `work` off the event loop, in a transaction that sees one company.
    pub async fn tenant<T: Send + 'static>(
        &self,
        scope: impl Into<Scope>,
        work: impl FnOnce(Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let scope = scope.into();
        self.web
            .pass(tenant_begin(scope), move |conn| {
                work(Tx {
                    conn,
                    company: scope.company,
                    user: scope.user,
                    role: scope.role,
                    token: scope.token.map(|token| token.id),
                })
            })
            .await
    }

    /// The same for a worker thread, which may block.
    pub fn tenant_blocking<T>(&self, scope: Scope, work: impl FnMut(Tx) -> Result<T>) -> Result<T> {
        let mut work = work;
        self.web.run(&tenant_begin(scope), |conn| {
            work(Tx {
                conn,
                company: scope.company,
                user: scope.user,
                role: scope.role,
                token: scope.token.map(|token| token.id),
            })
        })
    }

    /// The owner's door: schema `platform` and nothing of a tenant. The owner's session is its ticket.
    pub async fn platform<T: Send + 'static>(
        &self,
        _ticket: &crate::http::session::Owner,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.platform.pass("BEGIN".into(), work).await
    }

    /// The same for whoever proved an address to register a company: there is no owner about, and no company yet.
    pub async fn platform_for_registration<T: Send + 'static>(
        &self,
        _ticket: &crate::account::registrations::Proven,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.platform.pass("BEGIN".into(), work).await
    }

    /// The owner's door for the command line, where being the operator is the ticket.
    pub fn platform_blocking<T>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.platform.run("BEGIN", work)
    }

    /// Look-ups before a company is known: functions of schema `auth`, no table.
    pub async fn auth<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.auth.pass("BEGIN".into(), work).await
    }

    pub fn auth_blocking<T>(&self, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
        self.auth.run("BEGIN", work)
    }

    /// Name, connections that may be opened, and those that somebody holds now.
    pub(crate) fn pools(&self) -> [(&'static str, u32, u32); 4] {
        [
            ("web", &self.web),
            ("platform", &self.platform),
            ("auth", &self.auth),
            ("jobs", &self.jobs),
        ]
        .map(|(name, door)| {
            let PoolState {
                connections,
                idle_connections,
                ..
            } = door.pool.state();
            (name, door.pool.max_size(), connections - idle_connections)
        })
    }

    /// The queue, and sums over all companies.
    pub async fn platform_job<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.jobs.pass("BEGIN".into(), work).await
    }

    /// Takes rows of one company away, or of one person in it. The database refuses those of any other, of a company whose time
    /// is not over, and of a person whose removal nobody asked for.
    pub fn erase_blocking<T>(
        &self,
        company: Uuid,
        person: Option<Uuid>,
        work: impl FnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.jobs.run(&erase_begin(company, person), work)
    }

    pub fn platform_job_blocking<T>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.jobs.run("BEGIN", work)
    }
}

// Only `Uuid`s and a static name are formatted in: no text of a request can reach this statement.
fn tenant_begin(
    Scope {
        company,
        user,
        role,
        token,
    }: Scope,
) -> String {
    let mode = match token {
        Some(ByToken {
            read_only: true, ..
        }) => " READ ONLY",
        _ => "",
    };
    let begin = format!(
        "BEGIN{mode}; SET LOCAL ROLE {role}; SET LOCAL app.company_id = '{company}'; SET LOCAL app.user_id = '{user}'"
    );
    #[cfg(feature = "mutants")]
    let begin = crate::mutants::begin(begin);
    begin
}

fn erase_begin(company: Uuid, person: Option<Uuid>) -> String {
    let person = person.map_or_else(String::new, |id| id.to_string());
    format!(
        "BEGIN; SET LOCAL ROLE tracker_eraser; SET LOCAL app.company_id = '{company}'; SET LOCAL app.user_id = '{person}'"
    )
}

impl Door {
    fn open(login: Login, url: &str, size: u32) -> anyhow::Result<Self> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .test_on_check_out(false) // a dead socket shows at BEGIN, which is retried
            .connection_customizer(Box::new(query_log::Instrument {
                login: login.name(),
            }))
            .build(ConnectionManager::new(url))?;
        Ok(Self {
            pool,
            permits: Arc::new(Semaphore::new(size as usize)),
        })
    }

    async fn pass<T: Send + 'static>(
        &self,
        begin: String,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = timeout(PATIENCE, self.permits.clone().acquire_owned())
            .await
            .map_err(|_| Error::Busy)?;
        let (door, span) = (self.clone(), tracing::Span::current());
        let request = origin::current();
        block(move || {
            let _permit = permit;
            let _in = span.enter();
            origin::on_thread(request, || door.run(&begin, work))
        })
        .await
        .map_err(anyhow::Error::from)?
    }

    fn run<T>(&self, begin: &str, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
        let conn = &mut *self.begin(begin)?;
        let done = work(conn);
        match done {
            Ok(_) => AnsiTransactionManager::commit_transaction(conn)?,
            // The work's own error says more than a failing rollback would.
            Err(_) => drop(AnsiTransactionManager::rollback_transaction(conn)),
        }
        done
    }

    /// After Postgres dropped its connections each of the pool's fails once, here, where nothing has happened yet.
    fn begin(&self, begin: &str) -> Result<PooledConnection<ConnectionManager<PgConnection>>> {
        let mut tries = self.pool.max_size() + 1;
        loop {
            let mut conn = self.pool.get().map_err(|_| Error::Busy)?;
            let Err(error) = AnsiTransactionManager::begin_transaction_sql(&mut *conn, begin)
            else {
                return Ok(conn);
            };
            tries -= 1;
            // diesel does not notice when the message failed half-way and left an aborted transaction behind.
            let alive = conn.batch_execute("ROLLBACK").is_ok();
            let closed = matches!(
                error,
                DbError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
            ) || !alive;
            if !closed || tries == 0 {
                return Err(error.into());
            }
        }
    }
}

#[cfg(test)]
mod tests;
