//! Many companies over few connections while everything goes wrong: work that panics, requests that are given up,
//! statements that take too long, connections that die. Whatever happens, a transaction sees its own company only.

use std::cell::Cell;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};

use super::*;
use crate::db::embedded::{Embedded, Options};
use crate::db::migrate;

const WORKERS: usize = 64;
const CONNECTIONS: u32 = 4;
/// What a test run takes; `make soak` asks for a million.
const TRANSACTIONS: usize = 20_000;
const ON_PURPOSE: &str = "a panic on purpose";

#[derive(Clone, Copy)]
struct Person {
    company: Uuid,
    user: Uuid,
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    company: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    person: Option<Uuid>,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    companies: Vec<Uuid>,
}

#[derive(QueryableByName)]
struct Company {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
}

#[derive(QueryableByName)]
struct Context {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<Text>)]
    company: Option<String>,
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = BigInt)]
    ended: i64,
}

#[derive(Default)]
struct Tally {
    transactions: AtomicUsize,
    mismatches: AtomicUsize,
    panics: AtomicUsize,
    cancelled: AtomicUsize,
    timeouts: AtomicUsize,
    killed: AtomicUsize,
    refused: AtomicUsize,
}

/// Its own server, so that a killed connection is nobody else's.
struct Server {
    embedded: Embedded,
    _folder: tempfile::TempDir,
    people: Vec<Person>,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let embedded = Embedded::start(&Options {
            data_dir: folder.path().join("data"),
            durable: false,
        })
        .unwrap();
        let url = embedded.url(embedded.superuser(), "postgres");
        migrate::migrate(&url, &crate::config::defaults().unwrap()).unwrap();
        let mut admin = PgConnection::establish(&url).unwrap();
        let mut people = Vec::new();
        for number in 0..3 {
            let company = Uuid::now_v7();
            let users = [Uuid::now_v7(), Uuid::now_v7()];
            admin
                .batch_execute(&format!(
                    "INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone) \
                       SELECT '{company}', 'Same', 'same-{number}', 'ACTIVE', id, 'a@b', 'UTC' FROM platform.plans LIMIT 1; \
                     INSERT INTO tenant.company_settings (company_id) VALUES ('{company}'); \
                     INSERT INTO tenant.users (company_id, id, email, name, role) VALUES \
                       ('{company}', '{}', 'a@same.test', 'Same', 'ADMIN'), ('{company}', '{}', 'b@same.test', 'Same', 'EMPLOYEE')",
                    users[0], users[1]
                ))
                .unwrap();
            people.extend(users.map(|user| Person { company, user }));
        }
        Self {
            embedded,
            _folder: folder,
            people,
        }
    }

    fn url(&self, login: Login) -> String {
        self.embedded.url(login.name(), "postgres")
    }
}

/// Reads who the transaction is and the company of every row it can see, with no filter of ours.
fn look(tx: &mut Tx, scope: Scope, tally: &Tally) -> Result<()> {
    let seen: Seen = sql_query(
        "SELECT tenant.current_company() AS company, tenant.current_user_id() AS person, current_user::text AS role, \
           ARRAY(SELECT company_id FROM tenant.users UNION ALL SELECT company_id FROM tenant.company_settings) AS companies",
    )
    .get_result(tx.conn)?;
    // An admin sees both people, others themselves, and everybody the settings.
    let rows = if scope.role == DbRole::Admin { 3 } else { 2 };
    let right = seen.company == Some(scope.company)
        && seen.person == Some(scope.user)
        && seen.role == scope.role.to_string()
        && seen.companies == vec![scope.company; rows];
    tally.transactions.fetch_add(1, Relaxed);
    if !right {
        tally.mismatches.fetch_add(1, Relaxed);
    }
    Ok(())
}

/// Numbers that are the same in each run: xorshift.
struct Dice(Cell<u64>);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        x % limit
    }
}

async fn work(db: Db, people: Arc<Vec<Person>>, tally: Arc<Tally>, goal: usize, seed: u64) {
    let dice = Dice(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1));
    while tally.transactions.load(Relaxed) < goal {
        let count = u64::try_from(people.len()).unwrap();
        let number = usize::try_from(dice.below(count)).unwrap();
        let Person { company, user } = people[number];
        let role = [
            DbRole::Admin,
            DbRole::Employee,
            DbRole::Lead,
            DbRole::TeamAdmin,
            DbRole::Agent,
        ][usize::try_from(dice.below(5)).unwrap()];
        let scope = Scope::new(company, user, role);
        let shared = tally.clone();
        match dice.below(100) {
            0..4 => {
                let doomed = db.tenant(scope, move |mut tx| -> Result<()> {
                    look(&mut tx, scope, &shared)?;
                    shared.panics.fetch_add(1, Relaxed);
                    panic!("{ON_PURPOSE}")
                });
                assert!(doomed.await.is_err());
            }
            4..9 => {
                // Given up while it waits, works or has just ended.
                let patience = Duration::from_micros(dice.below(4000));
                let slow = db.tenant(scope, move |mut tx| {
                    tx.conn.batch_execute("SELECT pg_sleep(0.002)")?;
                    look(&mut tx, scope, &shared)
                });
                if timeout(patience, slow).await.is_err() {
                    tally.cancelled.fetch_add(1, Relaxed);
                }
            }
            9..12 => {
                let too_slow = db.tenant(scope, move |mut tx| {
                    look(&mut tx, scope, &shared)?;
                    let late = "SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)";
                    Ok(tx.conn.batch_execute(late)?)
                });
                assert!(too_slow.await.is_err());
                tally.timeouts.fetch_add(1, Relaxed);
            }
            12..20 => {
                let undone = db.tenant(scope, move |mut tx| -> Result<()> {
                    look(&mut tx, scope, &shared)?;
                    Err(Error::NotFound)
                });
                assert!(undone.await.is_err());
            }
            20..28 if role == DbRole::Admin => {
                // Names no company: only the policy keeps it from the others' rows.
                let _ = db
                    .tenant(scope, move |mut tx| {
                        let changed: Vec<Company> = sql_query(
                            "UPDATE tenant.company_settings SET version = version % 1000 + 1 RETURNING company_id",
                        )
                        .load(tx.conn)?;
                        let right = changed.len() == 1 && changed[0].company_id == scope.company;
                        shared.mismatches.fetch_add(usize::from(!right), Relaxed);
                        look(&mut tx, scope, &shared)
                    })
                    .await;
            }
            28..33 => {
                // The same connections without a context: refused, whoever used them before.
                let unscoped = db.web.pass("BEGIN".into(), |conn| {
                    Ok(sql_query("SELECT company_id FROM tenant.users").load::<Company>(conn)?)
                });
                if unscoped.await.is_ok() {
                    tally.mismatches.fetch_add(1, Relaxed);
                }
                tally.refused.fetch_add(1, Relaxed);
            }
            _ => {
                // Whose connection was killed is told so; nobody is told anything of others.
                let _ = db
                    .tenant(scope, move |mut tx| look(&mut tx, scope, &shared))
                    .await;
            }
        }
    }
}

/// Ends a connection of the pool every now and then.
fn kill(url: String, over: Arc<AtomicBool>, tally: Arc<Tally>) {
    let mut admin = PgConnection::establish(&url).unwrap();
    while !over.load(Relaxed) {
        std::thread::sleep(Duration::from_millis(25));
        let Ended { ended } = sql_query(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) AS ended FROM (SELECT pid FROM pg_stat_activity \
               WHERE usename = 'tracker_web' ORDER BY random() LIMIT 1) one",
        )
        .get_result(&mut admin)
        .unwrap();
        tally
            .killed
            .fetch_add(usize::try_from(ended).unwrap(), Relaxed);
    }
}

fn be_quiet_about_panics_on_purpose() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let said = info.payload().downcast_ref::<String>();
        if said.is_none_or(|said| said != ON_PURPOSE) {
            before(info);
        }
    }));
}

/// As good as new: all permits there, every connection without role or company, and nothing fails any more.
async fn is_healthy(db: &Db, people: &[Person], tally: &Tally) {
    let permits = timeout(
        Duration::from_secs(10),
        db.web.permits.acquire_many(CONNECTIONS),
    );
    drop(permits.await.expect("a permit was lost").unwrap());
    for round in 0..100 {
        for person in people {
            let scope = Scope::new(person.company, person.user, DbRole::Admin);
            db.tenant_blocking(scope, |mut tx| look(&mut tx, scope, tally))
                .unwrap_or_else(|error| panic!("round {round}: {error}"));
        }
    }
    // All at once, or the same one would do all the work; those killed last are found out here.
    let mut all: Vec<_> = (0..CONNECTIONS)
        .map(|_| db.web.begin("BEGIN").unwrap())
        .collect();
    for conn in &mut all {
        let context: Context = sql_query(
            "SELECT current_user::text AS role, nullif(current_setting('app.company_id', true), '') AS company",
        )
        .get_result(conn)
        .unwrap();
        assert_eq!(
            (context.role.as_str(), context.company),
            ("tracker_web", None)
        );
        AnsiTransactionManager::rollback_transaction(&mut **conn).unwrap();
    }
    assert_eq!(db.web.pool.state().connections, CONNECTIONS);
}

fn report(tally: &Tally, seconds: f64) {
    let own = std::env::current_exe().unwrap();
    let profile = own
        .ancestors()
        .find(|path| path.ends_with("debug") || path.ends_with("release"));
    let folder = profile.unwrap().parent().unwrap().join("report");
    let of = |count: &AtomicUsize| count.load(Relaxed);
    let figures = serde_json::json!({
        "transactions": of(&tally.transactions), "mismatches": of(&tally.mismatches), "panics": of(&tally.panics),
        "cancelled": of(&tally.cancelled), "timeouts": of(&tally.timeouts), "killed": of(&tally.killed),
        "refused_without_context": of(&tally.refused), "workers": WORKERS, "companies": 3, "connections": CONNECTIONS,
        "seconds": (seconds * 10.0).round() / 10.0,
    });
    println!("properties: {figures}");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("properties.json"), format!("{figures:#}\n")).unwrap();
}

#[actix_web::test]
async fn a_transaction_sees_its_own_company_whatever_happens() {
    let goal = std::env::var("TRANSACTIONS").map_or(TRANSACTIONS, |text| text.parse().unwrap());
    let server = Server::start();
    let db = Db::connect(|login| Ok(server.url(login)), CONNECTIONS).unwrap();
    be_quiet_about_panics_on_purpose();
    let (tally, over) = (Arc::new(Tally::default()), Arc::new(AtomicBool::new(false)));
    let people = Arc::new(server.people.clone());
    let admin_url = server.embedded.url(server.embedded.superuser(), "postgres");
    let killer = std::thread::spawn({
        let (over, tally) = (over.clone(), tally.clone());
        move || kill(admin_url, over, tally)
    });
    let started = Instant::now();
    let workers: Vec<_> = (1..=u64::try_from(WORKERS).unwrap())
        .map(|seed| {
            actix_web::rt::spawn(work(db.clone(), people.clone(), tally.clone(), goal, seed))
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    over.store(true, Relaxed);
    killer.join().unwrap();
    let seconds = started.elapsed().as_secs_f64();
    is_healthy(&db, &people, &tally).await;
    report(&tally, seconds);
    assert_eq!(tally.mismatches.load(Relaxed), 0);
    for (what, count) in [
        ("panics", &tally.panics),
        ("cancelled", &tally.cancelled),
        ("timeouts", &tally.timeouts),
        ("killed", &tally.killed),
        ("refused", &tally.refused),
    ] {
        assert!(count.load(Relaxed) > 50, "too few {what} to prove anything");
    }
}
