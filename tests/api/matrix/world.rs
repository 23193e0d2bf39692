//! Four companies that differ in nothing but whose they are: A and B, C which is suspended, and D, at home in which are
//! the owner and everybody without a company.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use chrono::Utc;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::json;
use tracker::account::totp;
use tracker::app::State;
use tracker::db::placement::{PLACEMENT, Place};
use tracker::http::token::{Audience, Claims, Role as TokenRole};
use uuid::Uuid;

use super::document::Slot;
use super::fixtures::{Own, ROWS, Role};
use super::log;
use crate::app::{App, Client, Company, Copy, PASSWORD};

/// Of everybody's authenticator app.
const SECRET: &[u8] = b"12345678901234567890";

pub const LETTERS: [char; 4] = ['a', 'b', 'c', 'd'];

/// What a request proves who it is with.
#[derive(Debug, Clone)]
pub enum Credential {
    Bearer(String),
    Key(String),
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy)]
pub enum Forged {
    Type,
    Algorithm,
    Issuer,
    KeyName,
    Secret,
    Audience,
}

#[derive(Debug, Clone)]
pub struct Principal {
    pub name: &'static str,
    /// Company and number of the person; what is its own is looked up by them.
    pub home: char,
    pub number: usize,
    /// Among those of its company, so that each has something of its own to use up.
    pub place: usize,
    pub roles: Vec<Role>,
    /// Its company does not take part.
    pub is_idle: bool,
    pub headers: Vec<(&'static str, String)>,
}

impl Principal {
    pub fn new(
        name: &'static str,
        home: char,
        number: usize,
        roles: &[Role],
        credentials: Vec<Credential>,
    ) -> Self {
        let headers = credentials.into_iter().map(|credential| match credential {
            Credential::Bearer(token) => ("authorization", format!("Bearer {token}")),
            Credential::Key(key) => ("x-company-key", key),
        });
        Self {
            name,
            home,
            number,
            roles: roles.to_vec(),
            is_idle: false,
            place: 0,
            headers: headers.collect(),
        }
    }

    pub fn idle(mut self) -> Self {
        self.is_idle = true;
        self
    }

    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Tokens of other programs.
#[derive(Default)]
pub struct ApiTokens {
    pub all: String,
    pub read: String,
    pub b: String,
    pub c: String,
    pub revoked: String,
}

#[derive(Debug, Clone, QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    company: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    person: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    email: String,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Callers' company, whose rows, which rows, and whether callers make their ids: how many of them were tried.
type Tried = (char, char, &'static str, bool);

/// What a lead reads of the people they lead: no address, no picture, no task.
const SHOWN_TO_LEADS: [&str; 13] = [
    "users.name",
    "work_sessions.end_reason",
    "devices.name",
    "work_session_changes.reason",
    "manual_times.reason",
    "application_usage.app",
    "application_usage.title",
    "website_usage.host",
    "website_usage.path",
    "website_usage.title",
    "user_app_usage_daily.app",
    "user_host_usage_daily.host",
    "user_category_usage_daily.category",
];

/// What an admin of teams reads of their people besides.
const SHOWN_TO_TEAM_ADMINS: [&str; 11] = [
    "users.email",
    "work_session_changes.actor_name",
    "manual_times.created_by_name",
    "disputes.app",
    "disputes.host",
    "disputes.reason",
    "disputes.answer",
    "disputes.answered_by_name",
    "tasks.title",
    "invitations.email",
    "screenshots.object_key",
];

pub struct World {
    pub app: App,
    pub owner: String,
    pub revoked: String,
    pub api_tokens: ApiTokens,
    companies: Vec<Company>,
    people: HashMap<(char, usize), (Uuid, String)>,
    tokens: HashMap<(char, usize), String>,
    agents: HashMap<(char, usize), String>,
    devices: HashMap<(char, usize), Uuid>,
    rows: HashMap<&'static str, Vec<Row>>,
    invitations: Mutex<HashMap<char, Vec<String>>>,
    /// Whose each id is, where it is one company's alone; and what of it the owner may be shown.
    ids: HashMap<Uuid, (char, bool)>,
    /// Ids that principals of a company sent by themselves: seeing them again tells nothing.
    sent: Mutex<HashSet<(char, Uuid)>>,
    tried: Mutex<HashMap<Tried, usize>>,
    admin: Mutex<PgConnection>,
}

impl World {
    pub async fn make(copy: Copy) -> Self {
        log::catch();
        Self::on(copy, true).await
    }

    /// Whether statements are logged, so that they can be counted.
    pub async fn on(copy: Copy, query_log: bool) -> Self {
        let change = |config: &mut tracker::config::Config| {
            config.query_log = query_log;
            // Nothing but the requests may change a row.
            config.job_workers = 0;
        };
        let app = App::on(Arc::new(copy), change).await;
        let mut companies = Vec::new();
        for _ in LETTERS {
            companies.push(app.company_on("ENTERPRISE", "Acme").await);
        }
        for (letter, company) in LETTERS.into_iter().zip(&companies) {
            let sql = include_str!("companies.sql")
                .replace("{company}", &company.id.to_string())
                .replace("{letter}", &letter.to_string());
            // Its helpers end with the connection.
            app.copy.admin().batch_execute(&sql).unwrap();
        }
        let admin = app.copy.admin();
        let owner = companies[3].owner.token.clone().unwrap();
        let mut world = Self {
            app,
            owner,
            revoked: String::new(),
            api_tokens: ApiTokens::default(),
            companies,
            people: HashMap::new(),
            tokens: HashMap::new(),
            agents: HashMap::new(),
            devices: HashMap::new(),
            rows: HashMap::new(),
            invitations: Mutex::default(),
            ids: HashMap::new(),
            sent: Mutex::default(),
            tried: Mutex::default(),
            admin: Mutex::new(admin),
        };
        world.meet_people();
        world.sign_in().await;
        world.make_api_tokens().await;
        world.put_objects().await;
        world.invite().await;
        let suspend = format!("/api/owner/companies/{}/suspend", world.company('c').id);
        let (status, answer) = world
            .company('c')
            .owner
            .post(&suspend, json!({ "reason": "Not paid" }))
            .await;
        assert_eq!(status, 200, "{answer}");
        // The last: D's admin makes nothing from here on.
        world.sign_in_without_two_factor().await;
        world.keep_signed_in();
        world.find_rows();
        world.find_ids();
        world.is_complete();
        world
    }

    pub fn company(&self, letter: char) -> &Company {
        &self.companies[LETTERS.iter().position(|known| *known == letter).unwrap()]
    }

    fn letter_of(&self, company: Uuid) -> Option<char> {
        let at = self
            .companies
            .iter()
            .position(|known| known.id == company)?;
        Some(LETTERS[at])
    }

    pub fn email(&self, principal: &Principal) -> String {
        self.people[&(principal.home, principal.number)].1.clone()
    }

    pub fn token(&self, letter: char, number: usize) -> String {
        self.tokens[&(letter, number)].clone()
    }

    pub fn agent_token(&self, letter: char, number: usize) -> String {
        self.agents[&(letter, number)].clone()
    }

    pub fn claims(&self, letter: char, number: usize, role: TokenRole) -> Claims {
        let person = self.people[&(letter, number)].0;
        Claims::new(
            Audience::Web,
            person,
            Some(self.company(letter).id),
            role,
            Uuid::now_v7(),
        )
    }

    pub fn expired(&self, letter: char, number: usize) -> String {
        let mut claims = self.claims(letter, number, TokenRole::Admin);
        claims.exp = Utc::now().timestamp() - 1;
        claims.sign(&self.app.state.secrets).unwrap()
    }

    /// A token that is right but in one thing.
    pub fn forge(&self, forged: Forged) -> String {
        let right = jsonwebtoken::decode_header(self.token('a', 1)).unwrap();
        let file = std::fs::read_to_string(self.app.state.config.secret_file()).unwrap();
        let digits = file
            .lines()
            .find_map(|line| line.strip_prefix("token_current="))
            .unwrap();
        let mut secret = tracker::secrets::unhex::<32>(digits).unwrap();
        let mut header = Header {
            typ: right.typ,
            kid: right.kid,
            ..Header::new(Algorithm::HS256)
        };
        let mut claims = self.claims('a', 1, TokenRole::Admin);
        match forged {
            Forged::Type => header.typ = Some("JWT".into()),
            Forged::Algorithm => header.alg = Algorithm::HS512,
            Forged::Issuer => claims.iss = "tracker-staging".into(),
            Forged::KeyName => header.kid = Some("00000000".into()),
            Forged::Secret => secret[0] ^= 1,
            Forged::Audience => {
                claims = self.claims('a', 5, TokenRole::Employee);
                claims.device = Some(self.devices[&('a', 5)]);
            }
        }
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap()
    }

    fn meet_people(&mut self) {
        let home = self.company('d');
        let owner = (home.owner.user, home.admin_email.clone());
        self.people.insert(('d', 0), owner);
        let admin = &mut *self.admin.lock().unwrap();
        for (letter, company) in LETTERS.into_iter().zip(&self.companies) {
            for number in (1..=5).chain([67]) {
                let canary = format!("%cnry.{letter}.users.name.{number}.%");
                let person: Person = sql_query(
                    "SELECT id, email FROM tenant.users WHERE company_id = $1 AND name LIKE $2",
                )
                .bind::<SqlUuid, _>(company.id)
                .bind::<Text, _>(canary)
                .get_result(admin)
                .unwrap();
                self.people
                    .insert((letter, number), (person.id, person.email));
            }
        }
    }

    async fn sign_in(&mut self) {
        for (letter, number) in [
            ('a', 1),
            ('a', 2),
            ('a', 3),
            ('a', 4),
            ('a', 5),
            ('a', 67),
            ('b', 1),
            ('b', 3),
            ('b', 5),
            ('c', 1),
            ('c', 3),
            ('c', 5),
        ] {
            let email = &self.people[&(letter, number)].1;
            let mut client = self.app.sign_in(email).await;
            client.email = email.clone();
            if number == 5 {
                let agent = self.app.agent(self.company(letter), &client).await;
                self.devices.insert((letter, number), agent.device);
                self.agents.insert((letter, number), agent.token.unwrap());
            }
            self.tokens.insert((letter, number), client.token.unwrap());
        }
        let gone = self.app.sign_in(&self.people[&('a', 1)].1).await;
        let out = gone
            .request(Method::POST, "/api/auth/sign-out")
            .header("x-requested-with", "tracker");
        assert_eq!(out.send().await.unwrap().status(), 204);
        self.revoked = gone.token.unwrap();
    }

    /// People who must have two-factor on and have not: an owner, and an admin of D, which requires it.
    async fn sign_in_without_two_factor(&mut self) {
        let owner = self.app.owner_without_two_factor().await;
        for (number, email) in [(1, self.people[&('d', 1)].1.clone()), (9, owner)] {
            let client = self.app.sign_in(&email).await;
            self.people.insert(('d', number), (client.user, email));
            self.tokens.insert(('d', number), client.token.unwrap());
        }
        let home = self.company('d').id;
        crate::feed::execute(
            &mut self.app.copy.admin(),
            &format!(
                "INSERT INTO auth.sign_in_policies (company_id, two_factor_required) VALUES ('{home}', true)"
            ),
        );
        let State { db, directory, .. } = &**self.app.state;
        directory.refresh(db, home).await.unwrap();
    }

    fn keep_signed_in(&mut self) {
        let tokens = self.tokens.values_mut().chain(self.agents.values_mut());
        for token in tokens.chain([&mut self.owner]) {
            *token = self.app.for_a_day(token);
        }
    }

    async fn make_api_tokens(&mut self) {
        let read = [
            "employees:read",
            "screenshots:read",
            "timeline:read",
            "usage:read",
        ];
        let all = [&read[..], &["employees:write"]].concat();
        let make = async |letter, scopes: &[&str]| {
            let new = json!({ "name": "Program", "scopes": scopes, "expires_in_days": 30, "password": PASSWORD });
            let (status, made) = self
                .company(letter)
                .admin
                .post("/api/api-tokens", new)
                .await;
            assert_eq!(status, 201, "{made}");
            (
                made["id"].as_str().unwrap().to_owned(),
                made["token"].as_str().unwrap().to_owned(),
            )
        };
        let (gone, revoked) = make('a', &all).await;
        let tokens = ApiTokens {
            all: make('a', &all).await.1,
            read: make('a', &read).await.1,
            b: make('b', &all).await.1,
            c: make('c', &all).await.1,
            revoked,
        };
        let revoke = format!("/api/api-tokens/{gone}");
        let (status, answer) = self
            .company('a')
            .admin
            .send(Method::DELETE, &revoke, None)
            .await;
        assert_eq!(status, 204, "{answer}");
        self.api_tokens = tokens;
    }

    /// Pictures that say whose they are, where the rows say they lie.
    async fn put_objects(&self) {
        let keys = "SELECT object_key AS name FROM tenant.screenshots UNION ALL SELECT thumbnail_key FROM tenant.screenshots \
            UNION ALL SELECT object_key FROM tenant.exports UNION ALL SELECT object_key FROM tenant.report_files \
            UNION ALL SELECT object_key FROM tenant.own_exports";
        let keys: Vec<Named> = sql_query(keys)
            .load(&mut *self.admin.lock().unwrap())
            .unwrap();
        for Named { name } in keys {
            let canary = &name[name.find("cnry").unwrap()..];
            let bytes = format!("RIFF\0\0\0\0WEBP {canary}").into_bytes();
            self.app.state.objects.put(&name, bytes).await.unwrap();
        }
    }

    async fn invite(&self) {
        for (letter, company) in LETTERS.into_iter().zip(&self.companies) {
            let mut tokens = Vec::new();
            for _ in 0..30 {
                let new = json!({ "email": format!("guest-{}@same.test", Uuid::now_v7().simple()), "role": "EMPLOYEE" });
                let (status, invited) = company.admin.post("/api/employees", new).await;
                assert_eq!(status, 201, "{invited}");
                tokens.push(
                    invited["invitation_url"]
                        .as_str()
                        .unwrap()
                        .rsplit('/')
                        .next()
                        .unwrap()
                        .to_owned(),
                );
            }
            self.invitations.lock().unwrap().insert(letter, tokens);
        }
    }

    fn find_rows(&mut self) {
        let admin = &mut *self.admin.lock().unwrap();
        for (name, query) in ROWS {
            let rows: Vec<Row> = sql_query(format!("{query} ORDER BY 3"))
                .load(admin)
                .unwrap();
            for company in &self.companies {
                assert!(
                    rows.iter().any(|row| row.company == company.id),
                    "there is no {name} in every company of tests/api/matrix/companies.sql"
                );
            }
            self.rows.insert(name, rows);
        }
    }

    /// Every id that stands in a row of one of the companies.
    fn find_ids(&mut self) {
        let admin = &mut *self.admin.lock().unwrap();
        let columns: Vec<Named> = sql_query(
            "SELECT format('SELECT company_id AS company, NULL::uuid AS person, %I AS id FROM %s WHERE %I IS NOT NULL AND company_id IS NOT NULL', a.attname, c.oid::regclass, a.attname) AS name \
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'uuid'::regtype \
             WHERE c.relnamespace::regnamespace::text IN ('tenant', 'platform', 'auth') AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
             AND EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = c.oid AND k.attname = 'company_id')",
        )
        .load(admin)
        .unwrap();
        let mut shared = HashSet::new();
        for Named { name } in columns {
            let shown_to_owner = name.contains("FROM platform.");
            let rows: Vec<Row> = sql_query(name).load(admin).unwrap();
            for row in rows {
                let Some(letter) = self.letter_of(row.company) else {
                    continue;
                };
                let known = self.ids.entry(row.id).or_insert((letter, false));
                known.1 |= shown_to_owner || row.id == row.company;
                if known.0 != letter {
                    shared.insert(row.id);
                }
            }
        }
        self.ids.retain(|id, _| !shared.contains(id));
        assert!(
            self.ids.len() > 1000,
            "only {} ids are known",
            self.ids.len()
        );
    }

    /// No table of a company may be without rows, no text without a canary.
    fn is_complete(&self) {
        /// One row a company is all there can be.
        const SINGLE: [&str; 4] = [
            "tenant.company_branding",
            "tenant.company_settings",
            "tenant.company_time_zones",
            "tenant.company_usage",
        ];
        /// Texts that only take certain words.
        const WORDS: [&str; 24] = [
            "said_in",
            "accent",
            "kinds",
            "label",
            "via",
            "leads_see",
            "report",
            "rule_kind",
            "not_in_app",
            "not_by_mail",
            "problem",
            "event_key",
            "role",
            "kind",
            "field",
            "status",
            "priority",
            "state",
            "action",
            "zone",
            "category",
            "request_id",
            "format",
            "repeats",
        ];
        let admin = &mut *self.admin.lock().unwrap();
        for &(table, place) in PLACEMENT {
            if place != Place::Tenant {
                continue;
            }
            let least = if SINGLE.contains(&table) { 1 } else { 20 };
            let texts: Vec<Named> = sql_query(format!(
                "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped \
                 AND atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)"
            ))
            .load(admin)
            .unwrap();
            for company in &self.companies {
                let rows = format!(
                    "SELECT count(*) AS n FROM {table} t WHERE company_id = '{}'",
                    company.id
                );
                let Count { n } = sql_query(&rows).get_result(admin).unwrap();
                assert!(
                    n >= least,
                    "{table} has {n} rows of a company instead of {least}: add them to tests/api/matrix/companies.sql"
                );
                for Named { name } in &texts {
                    let Count { n } =
                        sql_query(format!("{rows} AND t.{name}::text LIKE '%cnry.%'"))
                            .get_result(admin)
                            .unwrap();
                    let is_told = n > 0 || WORDS.contains(&name.as_str());
                    assert!(
                        is_told,
                        "{table}.{name} holds no canary: give it one in tests/api/matrix/companies.sql"
                    );
                }
            }
        }
    }

    /// The principal's own row, or one of its company's where rows are nobody's.
    pub fn own(&self, principal: &Principal, rows: &str) -> Uuid {
        let company = self.company(principal.home).id;
        let person = self
            .people
            .get(&(principal.home, principal.number))
            .map(|person| person.0);
        self.pick(rows, principal, |row| {
            row.company == company && (row.person.is_none() || row.person == person)
        })
    }

    pub fn colleagues(&self, principal: &Principal, rows: &str) -> Uuid {
        let company = self.company(principal.home).id;
        let person = self
            .people
            .get(&(principal.home, principal.number))
            .map(|person| person.0);
        self.pick(rows, principal, |row| {
            row.company == company && (row.person.is_none() || row.person != person)
        })
    }

    /// Another company's row. Ids that are made by callers are tried once each, and nowhere else: the second time they
    /// would be the caller's own.
    pub fn of_company(&self, letter: char, principal: &Principal, slot: &Slot) -> Uuid {
        let company = self.company(letter).id;
        let all = self
            .rows(slot.rows)
            .iter()
            .filter(|row| row.company == company);
        let mut kept = all
            .enumerate()
            .filter(|(at, _)| (at % 4 != 0) == slot.is_new)
            .map(|(_, row)| row.id);
        let key = (principal.home, letter, slot.rows, slot.is_new);
        let mut tried = self.tried.lock().unwrap();
        let nth = tried.entry(key).or_insert(0);
        *nth += 1;
        let found = kept.nth(if slot.is_new { *nth - 1 } else { 0 });
        found.unwrap_or_else(|| panic!("company {letter} has too few rows for {}: make more in tests/api/matrix/companies.sql", slot.rows))
    }

    /// Whether rows of this kind are one person's.
    pub fn are_personal(&self, rows: &str) -> bool {
        rows != "token" && self.rows(rows).iter().any(|row| row.person.is_some())
    }

    fn rows(&self, rows: &str) -> &[Row] {
        self.rows.get(rows).unwrap_or_else(|| {
            panic!("ROWS in tests/api/matrix/fixtures.rs has no line for {rows}")
        })
    }

    fn pick(&self, rows: &str, principal: &Principal, fits: impl Fn(&Row) -> bool) -> Uuid {
        let home = self.company(principal.home).id;
        let company: Vec<_> = self
            .rows(rows)
            .iter()
            .filter(|row| row.company == home)
            .collect();
        let fitting: Vec<_> = company.iter().filter(|row| fits(row)).collect();
        // Who is nobody of the company, as the owner, has no rows of the kind.
        let rows = if fitting.is_empty() {
            company.iter().collect()
        } else {
            fitting
        };
        rows[principal.place % rows.len()].id
    }

    /// The version of the monitoring policy that is in force where the principal is at home.
    pub fn policy_version(&self, principal: &Principal) -> i64 {
        let Some(at) = LETTERS.iter().position(|known| *known == principal.home) else {
            return 20;
        };
        let company = &self.companies[at];
        let text = format!(
            "SELECT max(version)::bigint AS n FROM tenant.monitoring_policies WHERE company_id = '{}'",
            company.id
        );
        let found: Count = sql_query(text)
            .get_result(&mut *self.admin.lock().unwrap())
            .unwrap();
        found.n
    }

    pub fn invitation(&self, letter: char) -> String {
        self.invitations
            .lock()
            .unwrap()
            .get_mut(&letter)
            .and_then(Vec::pop)
            .expect("invitations were used up: make more in `invite`")
    }

    /// A link to a new password of an account made for it, which nobody else needs.
    pub fn reset_link(&self, principal: &Principal) -> String {
        let (token, user) = (Uuid::now_v7().simple().to_string(), Uuid::now_v7());
        let admin = &mut self.app.copy.admin();
        sql_query(
            "INSERT INTO auth.credentials (user_id, company_id, email, role, password_hash) \
             SELECT $1, $2, $1 || '@new.test', 'EMPLOYEE', password_hash FROM auth.credentials LIMIT 1",
        )
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(self.company(principal.home).id)
        .execute(admin)
        .unwrap();
        sql_query(
            "SELECT auth.issue_reset_link(sha256($1::bytea), $2, now() + interval '30 minutes')",
        )
        .bind::<Text, _>(&token)
        .bind::<SqlUuid, _>(user)
        .execute(admin)
        .unwrap();
        token
    }

    /// A link that registers a company, of an address that nobody has.
    pub fn registration_link(&self) -> String {
        let (token, id) = (Uuid::now_v7().simple().to_string(), Uuid::now_v7());
        let admin = &mut self.app.copy.admin();
        sql_query(
            "INSERT INTO auth.registrations (id, email, name, company_name, time_zone) \
             VALUES ($1, $1 || '@new.test', 'New Name', 'New Company', 'UTC')",
        )
        .bind::<SqlUuid, _>(id)
        .execute(admin)
        .unwrap();
        sql_query(
            "SELECT auth.issue_registration_link(sha256($1::bytea), $2, now() + interval '1 hour')",
        )
        .bind::<Text, _>(&token)
        .bind::<SqlUuid, _>(id)
        .execute(admin)
        .unwrap();
        token
    }

    /// A code that is right for the caller's account, which has two-factor on or is about to. Whoever may not use it
    /// gets any six digits, so that nobody's account is left with two-factor on.
    pub fn code(&self, own: &Own, is_on: bool) -> String {
        let is_person = [Role::Owner, Role::Admin, Role::Employee]
            .into_iter()
            .any(|role| own.principal.is(role));
        // Who must set it up would be done with it otherwise.
        let sets_up = own.principal.is(Role::Unready) && !is_on;
        if !is_person && !sets_up {
            return "123456".into();
        }
        let account = match own.principal.is(Role::Owner) {
            true => {
                let claims = Claims::read(&self.owner, &self.app.state.secrets, Audience::Owner);
                claims.unwrap().sub
            }
            false => self.people[&(own.principal.home, own.principal.number)].0,
        };
        self.set_factor(account, is_on);
        totp::code_at(SECRET, chrono::Utc::now().timestamp() / 30)
    }

    pub fn switch_on(&self, account: Uuid) {
        self.set_factor(account, true);
    }

    fn set_factor(&self, account: Uuid, is_on: bool) {
        let admin = &mut self.app.copy.admin();
        let sealed = self.app.state.secrets.seal_second_factor(account, SECRET);
        sql_query(
            "INSERT INTO auth.second_factors (user_id, secret, confirmed_at) VALUES ($1, $2, CASE WHEN $3 THEN now() END) \
             ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, confirmed_at = excluded.confirmed_at, last_step = 0",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Binary, _>(sealed.unwrap())
        .bind::<Bool, _>(is_on)
        .execute(admin)
        .unwrap();
    }

    /// The cookie of a fresh sign-in of that principal.
    pub async fn refresh_cookie(&self, principal: &Principal) -> Option<String> {
        let body = json!({ "email": self.email(principal), "password": PASSWORD, "company_id": self.company(principal.home).id });
        let answer = self
            .app
            .anonymous()
            .request(Method::POST, "/api/auth/sign-in")
            .json(&body)
            .send()
            .await
            .unwrap();
        let cookie = answer.headers().get("set-cookie")?.to_str().unwrap();
        cookie.split(';').next().map(str::to_owned)
    }

    pub async fn agents_refresh_token(&self, principal: &Principal) -> Option<String> {
        let client: Client = self
            .app
            .anonymous()
            .with_key(&self.company(principal.home).key);
        let device = json!({ "id": Uuid::now_v7(), "name": "desk", "os": "Debian 12", "agent_version": "0.1.0" });
        let login =
            json!({ "email": self.email(principal), "password": PASSWORD, "device": device });
        let (_, tokens) = client.post("/api/login", login).await;
        tokens["refresh_token"].as_str().map(str::to_owned)
    }

    /// Failed attempts are counted; here they are no sign of a thief.
    pub fn forget_failures(&self) {
        self.admin
            .lock()
            .unwrap()
            // Locked, so that counters under way in another order do not wait for this one and it for them.
            .batch_execute("BEGIN; LOCK TABLE auth.throttle; DELETE FROM auth.throttle; COMMIT")
            .unwrap();
    }

    pub fn note_sent(&self, home: char, id: Uuid) {
        self.sent.lock().unwrap().insert((home, id));
    }

    /// What of this text may not be shown to the principal, if anything.
    pub fn leak(&self, principal: &Principal, shows: Option<&str>, text: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(text);
        canaries(&text)
            .find(|canary| !self.may_see(principal, shows, canary))
            .or_else(|| {
                let id = ids(&text).find(|id| {
                    let Some((letter, shown_to_owner)) = self.ids.get(id) else {
                        return false;
                    };
                    let own =
                        principal.home == *letter || (principal.is(Role::Owner) && *shown_to_owner);
                    !own && !self.sent.lock().unwrap().contains(&(principal.home, *id))
                })?;
                Some(format!("the id {id} of company {}", self.ids[&id].0))
            })
    }

    fn may_see(&self, principal: &Principal, shows: Option<&str>, canary: &str) -> bool {
        let mut parts = canary.split('.').skip(1);
        let (letter, table) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        if table == "platform" {
            return principal.is(Role::Owner);
        }
        if !letter.chars().eq([principal.home]) {
            return false;
        }
        let column = format!("{table}.{}", parts.next().unwrap_or_default());
        if principal.is(Role::Owner) {
            return shows == Some(&column);
        }
        if [Role::Admin, Role::Token, Role::ReadToken]
            .iter()
            .any(|role| principal.is(*role))
        {
            return true;
        }
        match parts.next().and_then(|number| number.parse::<usize>().ok()) {
            Some(0) => [
                "teams",
                "company_settings",
                "company_branding",
                "monitoring_policies",
            ]
            .contains(&table),
            person => {
                let led = principal.is(Role::Lead) && SHOWN_TO_LEADS.contains(&column.as_str());
                let administered = principal.is(Role::TeamAdmin)
                    && (SHOWN_TO_LEADS.iter())
                        .chain(&SHOWN_TO_TEAM_ADMINS)
                        .any(|shown| *shown == column);
                person == Some(principal.number) || shows == Some(&column) || led || administered
            }
        }
    }

    /// Sends the mails that followed from all this: how many there were, and what in them is not their recipient's.
    pub async fn mails(&self) -> (usize, Vec<String>) {
        let count = |what: &str| -> i64 {
            let sql =
                format!("SELECT count(*) AS n FROM platform.jobs WHERE kind = 'mail' AND {what}");
            let counted: Count = sql_query(sql)
                .get_result(&mut *self.admin.lock().unwrap())
                .unwrap();
            counted.n
        };
        let _post = self
            .app
            .twin_configured(|config| config.job_workers = 2)
            .await;
        for _ in 0..1_200 {
            if count("state IN ('queued', 'running')") == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let mut findings = Vec::new();
        let unsent = count("state <> 'done'");
        if unsent > 0 {
            findings.push(format!("no control: {unsent} mails were not sent"));
        }
        let folder = self.app.state.config.data_dir.join("mail");
        let mails: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        for mail in &mails {
            findings.extend(self.leak_of_mail(mail).map(|leak| {
                let subject = mail.lines().find(|line| line.starts_with("Subject:"));
                format!("leak: a mail ({subject:?}) says {leak}")
            }));
        }
        (mails.len(), findings)
    }

    /// What of a mail's text is neither its recipient's nor one of the companies' that know the address.
    fn leak_of_mail(&self, mail: &str) -> Option<String> {
        if !mail.contains("\r\nContent-Transfer-Encoding: 7bit\r\n") {
            return Some(
                "something that is not written as it is, so that it cannot be searched".into(),
            );
        }
        let to = mail.lines().find_map(|line| line.strip_prefix("To: "));
        let to = to.unwrap_or_default();
        let known: Vec<Row> = sql_query(
            "SELECT company_id AS company, NULL::uuid AS person, company_id AS id FROM auth.credentials WHERE email = $1 AND company_id IS NOT NULL \
             UNION SELECT company_id, NULL, company_id FROM tenant.invitations WHERE email = $1",
        )
        .bind::<Text, _>(to)
        .load(&mut *self.admin.lock().unwrap())
        .unwrap();
        let is_own = |letter: char| {
            let company = self.company(letter).id;
            known.iter().any(|row| row.company == company)
        };
        let foreign_canary = canaries(mail).find(|canary| {
            let letter = canary.chars().nth("cnry.".len());
            letter.is_none_or(|letter| !LETTERS.contains(&letter) || !is_own(letter))
        });
        // Links begin with the company they are good in.
        let foreign_id = || {
            LETTERS.into_iter().find_map(|letter| {
                let id = self.company(letter).id;
                let named =
                    mail.contains(&id.simple().to_string()) || mail.contains(&id.to_string());
                (named && !is_own(letter)).then(|| format!("the id of company {letter}"))
            })
        };
        let foreign_row = || {
            let id = ids(mail)
                .find(|id| self.ids.get(id).is_some_and(|(letter, _)| !is_own(*letter)))?;
            Some(format!("the id {id} of company {}", self.ids[&id].0))
        };
        foreign_canary.or_else(foreign_id).or_else(foreign_row)
    }

    /// A sum over every row and object of each company, per table.
    pub fn checksums(&self) -> BTreeMap<(char, String), String> {
        let admin = &mut *self.admin.lock().unwrap();
        let tables: Vec<Named> = sql_query(
            "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace::regnamespace::text IN ('tenant', 'platform', 'auth') \
             AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND (c.relname = 'companies' OR EXISTS (SELECT FROM pg_attribute k \
             WHERE k.attrelid = c.oid AND k.attname = 'company_id'))",
        )
        .load(admin)
        .unwrap();
        let mut sums = BTreeMap::new();
        for (letter, company) in LETTERS.into_iter().zip(&self.companies) {
            for Named { name } in &tables {
                let key = if name.ends_with(".companies") {
                    "id"
                } else {
                    "company_id"
                };
                let sum: Named = sql_query(format!(
                    "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text COLLATE \"C\")), '') AS name FROM {name} t WHERE {key} = $1"
                ))
                .bind::<SqlUuid, _>(company.id)
                .get_result(admin)
                .unwrap();
                sums.insert((letter, name.clone()), sum.name);
            }
            let folder = self
                .app
                .state
                .config
                .data_dir
                .join("objects/c")
                .join(company.id.to_string());
            let mut files = Vec::new();
            list(&folder, &mut files);
            files.sort();
            sums.insert((letter, "objects".into()), format!("{files:?}"));
        }
        sums
    }
}

fn list(folder: &std::path::Path, files: &mut Vec<(String, u64)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let meta = entry.metadata().unwrap();
        match meta.is_dir() {
            true => list(&entry.path(), files),
            false => files.push((entry.path().display().to_string(), meta.len())),
        }
    }
}

/// Canaries in a text, plain or as hex digits, the way a cursor holds them.
fn canaries(text: &str) -> impl Iterator<Item = String> + '_ {
    let plain = text
        .match_indices("cnry.")
        .map(|(at, _)| text[at..].chars().take(120).collect());
    let hidden = text.match_indices("636e72792e").map(|(at, _)| {
        let digits: Vec<u8> = text[at..]
            .bytes()
            .take_while(u8::is_ascii_hexdigit)
            .take(240)
            .collect();
        let bytes = digits
            .chunks_exact(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
    });
    plain.chain(hidden)
}

pub fn ids(text: &str) -> impl Iterator<Item = Uuid> + '_ {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(35)).filter_map(move |at| {
        if bytes[at + 8] != b'-' || bytes[at + 13] != b'-' || bytes[at + 23] != b'-' {
            return None;
        }
        std::str::from_utf8(&bytes[at..at + 36]).ok()?.parse().ok()
    })
}
