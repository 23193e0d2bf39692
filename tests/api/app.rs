//! A served app on a database of its own: `App::spawn().await`, then companies and people made through its doors.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use actix_web::{dev::ServerHandle, web::Data};
use chrono::Utc;
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use reqwest::{Client as Http, Method, StatusCode};
use serde_json::{Value, json};
use tracker::account::totp;
use tracker::app::State;
use tracker::config::{self, Config};
use tracker::db::embedded::{Embedded, Options};
use tracker::db::migrate;
use tracker::http::token::{Audience, Claims};
use tracker::jobs::Threads;
use tracker::passwords;
use tracker::server::{self, Database};
use uuid::Uuid;

pub const PASSWORD: &str = "a long enough password";
const TEMPLATE: &str = "tracker_template";

/// One private server for the whole run, without durability; migrated once, each test copies the template.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(Postgres::start);
/// `CREATE DATABASE` copies a template that nobody else may be copying.
static COPYING: Mutex<()> = Mutex::new(());

struct Postgres {
    server: Embedded,
}

impl Postgres {
    fn start() -> Self {
        let data_dir = folder("postgres");
        let server = Embedded::start(&Options {
            data_dir,
            durable: false,
        })
        .unwrap();
        let postgres = Self { server };
        postgres.admin(&format!("CREATE DATABASE {TEMPLATE}"));
        migrate::migrate(&postgres.url(TEMPLATE), &config::defaults().unwrap()).unwrap();
        postgres
    }

    fn url(&self, database: &str) -> String {
        self.server.url(self.server.superuser(), database)
    }

    fn admin(&self, sql: &str) {
        PgConnection::establish(&self.url("postgres"))
            .unwrap()
            .batch_execute(sql)
            .unwrap();
    }
}

/// Copying a database makes some 500 files: ten times as fast in memory, where there is enough of it.
fn in_memory() -> Option<PathBuf> {
    let memory = PathBuf::from("/dev/shm");
    let free = nix::sys::statvfs::statvfs(&memory).ok()?;
    (free.blocks_available() * free.fragment_size() > 4_000_000_000).then_some(memory)
}

/// A folder of this run. Those that runs before left behind are removed.
pub fn folder(name: &str) -> PathBuf {
    static RUN: LazyLock<PathBuf> = LazyLock::new(|| {
        let temp = in_memory().unwrap_or_else(std::env::temp_dir);
        for entry in std::fs::read_dir(&temp).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(pid) = name.strip_prefix("tracker-tests-") else {
                continue;
            };
            if !Path::new(&format!("/proc/{pid}")).exists() {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        temp.join(format!("tracker-tests-{}", std::process::id()))
    });
    RUN.join(name)
}

/// The real server. Beside this test's own folder, where cargo puts it; `make test` builds it first.
pub fn binary() -> Option<PathBuf> {
    let own = std::env::current_exe().unwrap();
    let path = own.parent()?.parent()?.join("tracker");
    if !path.exists() {
        eprintln!(
            "left out: there is no `tracker` beside the tests; cargo build --package tracker makes it"
        );
        return None;
    }
    Some(path)
}

/// A database copied from the template, dropped with the value.
pub struct Copy {
    name: String,
}

impl Copy {
    pub fn make() -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        let _alone = COPYING.lock().unwrap();
        // Copying files is four times as fast here as the default, which logs every block.
        POSTGRES.admin(&format!(
            "CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"
        ));
        Self { name }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// As superuser, whom row security does not stop.
    pub fn admin_url(&self) -> String {
        POSTGRES.url(&self.name)
    }

    pub fn url(&self, role: &str) -> String {
        POSTGRES.server.url(role, &self.name)
    }

    pub fn admin(&self) -> PgConnection {
        PgConnection::establish(&self.admin_url()).unwrap()
    }

    pub fn as_role(&self, role: &str) -> PgConnection {
        PgConnection::establish(&self.url(role)).unwrap()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        POSTGRES.admin(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ));
    }
}

pub struct App {
    pub address: String,
    pub state: Data<State>,
    /// They write a last time as they end: before the database goes, or they would wait for it in vain.
    _beside: Threads,
    pub copy: std::sync::Arc<Copy>,
    pub metrics: Option<std::net::SocketAddr>,
    handle: ServerHandle,
}

impl App {
    pub async fn spawn() -> Self {
        Self::configured(|_| {}).await
    }

    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(std::sync::Arc::new(Copy::make()), change).await
    }

    /// A second instance beside this one: the same database, secrets and objects.
    pub async fn twin(&self) -> Self {
        self.twin_configured(|_| {}).await
    }

    pub async fn twin_configured(&self, change: impl FnOnce(&mut Config)) -> Self {
        Self::on(self.copy.clone(), change).await
    }

    /// On a database that the test has made ready.
    pub async fn on(copy: std::sync::Arc<Copy>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config::defaults().unwrap();
        config.database_url = Some(copy.admin_url());
        config.data_dir = folder(&copy.name);
        config.smtp_url = Some(format!("file:{}", config.data_dir.join("mail").display()));
        config.pool_size = 4;
        // Tests are in a hurry; those of the limits set their own.
        for limit in [
            &mut config.rate_limit_address,
            &mut config.rate_limit_user,
            &mut config.rate_limit_token,
            &mut config.rate_limit_company,
        ] {
            *limit = 0;
        }
        config.frontend_dir = folder("no-frontend");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        config.port = listener.local_addr().unwrap().port();
        change(&mut config);
        let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        passwords::hash_cheaply();
        let database = Database::open(&config).unwrap();
        let mut running = server::start(config, &database, listener, 1).unwrap();
        let (handle, state) = (running.handle(), running.state.clone());
        let metrics = running.metrics_address();
        let beside = running.take_threads();
        actix_web::rt::spawn(running.serve());
        Self {
            address,
            state,
            _beside: beside,
            copy,
            metrics,
            handle,
        }
    }

    /// The mails to somebody about something, oldest first, once there are as many as are wanted.
    pub async fn mails(&self, to: &str, about: &str, wanted: usize) -> Vec<String> {
        let to = format!("\r\nTo: {to}\r\n");
        for _ in 0..2000 {
            let folder = std::fs::read_dir(self.state.config.data_dir.join("mail"));
            let files = folder.into_iter().flatten().flatten();
            let mut files: Vec<_> = files.map(|file| file.path()).collect();
            files.sort();
            let mails = files
                .into_iter()
                .map(|file| std::fs::read_to_string(file).unwrap());
            // A file that is being written has no end yet.
            let mails: Vec<_> = mails
                .filter(|mail| mail.contains(&to) && mail.contains(about) && mail.ends_with('\n'))
                .collect();
            if mails.len() >= wanted {
                return mails;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("no {wanted} mails about {about}{to}");
    }

    /// What requests are answered that meet: the table's rows are held until two of them wait for one.
    pub async fn at_once(
        &self,
        table: &str,
        ask: impl FnOnce() -> Vec<tokio::task::JoinHandle<u16>>,
    ) -> Vec<u16> {
        let (mut holder, mut watch) = (self.copy.admin(), self.copy.admin());
        let hold = format!("BEGIN; SELECT FROM {table} FOR SHARE");
        holder.batch_execute(&hold).unwrap();
        let asked = ask();
        let sql = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..2000 {
            if crate::feed::rows(&mut watch, sql).len() >= 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        holder.batch_execute("COMMIT").unwrap();
        let mut answers = Vec::new();
        for one in asked {
            answers.push(one.await.unwrap());
        }
        answers
    }

    pub fn anonymous(&self) -> Client {
        Client::new(&self.address)
    }

    /// The service's owner, through the first owner's one-time link; with two-factor on, as owners must.
    pub async fn owner(&self) -> Client {
        let email = self.owner_without_two_factor().await;
        let mut owner = self.sign_in(&email).await;
        owner.authenticator = Some(self.enrol(&email));
        owner.renew().await;
        owner
    }

    /// The e-mail of an owner who has not signed in yet.
    pub async fn owner_without_two_factor(&self) -> String {
        let email = format!("owner-{}@vendor.test", Uuid::now_v7().simple());
        let link = tracker::owner::owners::link(&self.state, &email, "Olga Owner").unwrap();
        let token = link.rsplit('/').next().unwrap();
        let (status, answer) = self
            .anonymous()
            .post(
                &format!("/api/invitations/{token}/accept"),
                json!({ "name": "Olga Owner", "password": PASSWORD }),
            )
            .await;
        assert_eq!(status, 201, "{answer}");
        email
    }

    /// Switches two-factor on as if the person had set it up.
    pub fn enrol(&self, email: &str) -> Arc<Authenticator> {
        let conn = &mut self.copy.admin();
        let found = crate::feed::rows(
            conn,
            &format!("SELECT user_id FROM auth.credentials WHERE email = '{email}'"),
        );
        let user: Uuid = found[0]["user_id"].as_str().unwrap().parse().unwrap();
        let secret = totp::new_secret().unwrap();
        let sealed = self.state.secrets.seal_second_factor(user, &secret);
        let sealed = tracker::secrets::hex(&sealed.unwrap());
        crate::feed::execute(
            conn,
            &format!(
                "INSERT INTO auth.second_factors (user_id, secret, confirmed_at) VALUES ('{user}', '\\x{sealed}', now())"
            ),
        );
        Arc::new(Authenticator {
            secret: secret.to_vec(),
            user,
            database: self.copy.admin_url(),
        })
    }

    pub async fn sign_in(&self, email: &str) -> Client {
        self.sign_in_with(email, PASSWORD, None).await
    }

    pub async fn sign_in_with(&self, email: &str, password: &str, code: Option<&str>) -> Client {
        let mut client = self.anonymous();
        let mut body = json!({ "email": email, "password": password });
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        let (status, access) = client.post("/api/auth/sign-in", body).await;
        assert_eq!(status, 200, "{access}");
        client.user = access["user_id"].as_str().unwrap().parse().unwrap();
        client.token = Some(access["access_token"].as_str().unwrap().to_owned());
        client
    }

    /// A company on trial with plan PRO and its first admin, made the way the owner makes one.
    pub async fn company(&self, name: &str) -> Company {
        self.company_on("PRO", name).await
    }

    pub async fn company_on(&self, plan: &str, name: &str) -> Company {
        let owner = self.owner().await;
        let email = format!(
            "admin-{}@{}.test",
            Uuid::now_v7().simple(),
            name.to_lowercase()
        );
        let new = json!({ "name": name, "admin_email": email, "plan": plan, "time_zone": "Europe/Berlin" });
        let (status, made) = owner.post("/api/owner/companies", new).await;
        assert_eq!(status, 201, "{made}");
        let admin = self
            .accept(&made["invitation_url"], &email, "Ada Admin")
            .await;
        Company {
            id: made["company"]["id"].as_str().unwrap().parse().unwrap(),
            name: name.to_owned(),
            key: made["company_key"].as_str().unwrap().to_owned(),
            admin,
            admin_email: email,
            owner,
        }
    }

    /// Invites a person and accepts the invitation.
    pub async fn employee(&self, company: &Company, name: &str) -> Client {
        let email = format!(
            "{}-{}@{}.test",
            name.to_lowercase(),
            Uuid::now_v7().simple(),
            company.name.to_lowercase()
        );
        let (status, invited) = company
            .admin
            .post(
                "/api/employees",
                json!({ "email": email, "name": name, "role": "EMPLOYEE" }),
            )
            .await;
        assert_eq!(status, 201, "{invited}");
        self.accept(&invited["invitation_url"], &email, name).await
    }

    async fn accept(&self, invitation_url: &Value, email: &str, name: &str) -> Client {
        let token = invitation_url.as_str().unwrap().rsplit('/').next().unwrap();
        let body = json!({ "name": name, "password": PASSWORD });
        let (status, answer) = self
            .anonymous()
            .post(&format!("/api/invitations/{token}/accept"), body)
            .await;
        assert_eq!(status, 201, "{answer}");
        let mut client = self.sign_in(email).await;
        client.email = email.to_owned();
        client
    }

    /// A program with an API token of the company that has these scopes.
    pub async fn program(&self, company: &Company, scopes: &[&str]) -> Client {
        let new = json!({ "name": "Payroll", "scopes": scopes, "expires_in_days": 30, "password": PASSWORD });
        let (status, made) = company.admin.post("/api/api-tokens", new).await;
        assert_eq!(status, 201, "{made}");
        let mut program = self.anonymous().with_token(made["token"].as_str().unwrap());
        program.user = company.admin.user;
        program
    }

    /// The same access token for a day: on a slow machine ten minutes end before the longest tests.
    pub fn for_a_day(&self, token: &str) -> String {
        let secrets = &self.state.secrets;
        let mut claims = [Audience::Web, Audience::Owner, Audience::Agent]
            .into_iter()
            .find_map(|audience| Claims::read(token, secrets, audience))
            .unwrap();
        claims.exp += 86_400;
        claims.sign(secrets).unwrap()
    }

    /// A desktop agent of that person: company key, bearer token, a device of its own.
    pub async fn agent(&self, company: &Company, person: &Client) -> Client {
        let mut agent = self.anonymous().with_key(&company.key);
        agent.email = person.email.clone();
        agent.device = Uuid::now_v7();
        let device = json!({ "id": agent.device, "name": "desk-1", "os": "Debian 12", "agent_version": "0.1.0" });
        let login = json!({ "email": person.email, "password": PASSWORD, "device": device });
        let (status, tokens) = agent.post("/api/login", login).await;
        assert_eq!(status, 200, "{tokens}");
        agent.user = person.user;
        agent.token = Some(tokens["access_token"].as_str().unwrap().to_owned());
        agent.refresh = Some(tokens["refresh_token"].as_str().unwrap().to_owned());
        agent
    }
}

impl Drop for App {
    fn drop(&mut self) {
        actix_web::rt::spawn(self.handle.stop(false));
    }
}

pub struct Company {
    pub id: Uuid,
    pub name: String,
    pub key: String,
    pub admin: Client,
    pub admin_email: String,
    /// The owner who made it.
    pub owner: Client,
}

/// An app with somebody's secret. Each code is good once, and the next one comes in half a minute: tests that only pass by
/// do not wait for it.
pub struct Authenticator {
    secret: Vec<u8>,
    user: Uuid,
    database: String,
}

impl Authenticator {
    pub fn code(&self) -> String {
        let conn = &mut PgConnection::establish(&self.database).unwrap();
        let user = self.user;
        let again =
            format!("UPDATE auth.second_factors SET last_step = 0 WHERE user_id = '{user}'");
        crate::feed::execute(conn, &again);
        totp::code_at(&self.secret, Utc::now().timestamp() / 30)
    }
}

/// Whoever sends requests, as a value.
#[derive(Clone)]
pub struct Client {
    http: Http,
    pub address: String,
    pub user: Uuid,
    pub device: Uuid,
    pub email: String,
    pub token: Option<String>,
    pub refresh: Option<String>,
    pub key: Option<String>,
    pub authenticator: Option<Arc<Authenticator>>,
}

impl Client {
    fn new(address: &str) -> Self {
        // The server closes a connection that was idle for five seconds; a request may not meet that.
        let http = Http::builder()
            .cookie_store(true)
            .pool_idle_timeout(std::time::Duration::from_secs(2))
            // Reading the hundred roots of this machine anew takes longer than most requests, and nothing here speaks TLS.
            .tls_certs_only([])
            .build()
            .unwrap();
        let (user, device) = (Uuid::nil(), Uuid::nil());
        Self {
            http,
            address: address.to_owned(),
            user,
            device,
            email: String::new(),
            token: None,
            refresh: None,
            key: None,
            authenticator: None,
        }
    }

    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The body with the person's password, and a code where two-factor is on.
    pub fn step_up(&self, mut body: Value) -> Value {
        body["password"] = json!(PASSWORD);
        if let Some(authenticator) = &self.authenticator {
            body["code"] = json!(authenticator.code());
        }
        body
    }

    /// A fresh access token by the refresh cookie.
    pub async fn renew(&mut self) {
        let renewal = self
            .request(Method::POST, "/api/auth/refresh")
            .header("x-requested-with", "tracker");
        let (status, access) = read(renewal.send().await.unwrap()).await;
        assert_eq!(status, 200, "{access}");
        self.token = Some(access["access_token"].as_str().unwrap().to_owned());
    }

    /// The same person asking another instance.
    pub fn at(&self, app: &App) -> Self {
        Self {
            address: app.address.clone(),
            ..self.clone()
        }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &self.key {
            request = request.header("x-company-key", key);
        }
        request
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.request(method, path);
        let request = if let Some(body) = body {
            request.json(&body)
        } else {
            request
        };
        read(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, Some(body)).await
    }
}

/// Status and body; every failure must be problem+json that repeats its status.
pub async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status();
    let media = response
        .headers()
        .get("content-type")
        .map(|value| value.to_str().unwrap().to_owned());
    let body = response.json().await.unwrap_or(Value::Null);
    if status.as_u16() >= 400 && status != StatusCode::SERVICE_UNAVAILABLE {
        assert_eq!(
            media.as_deref(),
            Some("application/problem+json"),
            "{status} {body}"
        );
        assert_eq!(body["status"], json!(status.as_u16()), "{body}");
    }
    (status.as_u16(), body)
}

/// Figures of a run, where `make` looks for them.
pub fn report(name: &str, figures: &Value) {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let folder = target.join("report");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join(format!("{name}.json")),
        format!("{figures:#}\n"),
    )
    .unwrap();
}
