//! What one company does changes nothing that another sees. The same random steps are taken by company A on two servers:
//! on one it is alone, on the other company B takes steps of its own in between, with the same names, addresses and ids.
//! A's answers must be equal.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company, report};
use crate::dice::Dice;
use crate::feed::{a_minute_later, settle};

/// What a test run takes; `make soak` asks for more.
const SEQUENCES: usize = 20;
const STEPS: usize = 30;

/// A company's people and machines.
struct Side {
    admin: Client,
    ada: Client,
    ben: Client,
    agents: [Client; 2],
    leaver: Uuid,
}

impl Side {
    async fn new(app: &App, company: Company) -> Self {
        let ada = app.employee(&company, "Ada").await;
        let ben = app.employee(&company, "Ben").await;
        let agents = [
            app.agent(&company, &ada).await,
            app.agent(&company, &ben).await,
        ];
        let leaver = app.employee(&company, "Cem").await.user;
        let mut side = Self {
            admin: company.admin,
            ada,
            ben,
            agents,
            leaver,
        };
        let [first, second] = &mut side.agents;
        for client in [&mut side.admin, &mut side.ada, &mut side.ben, first, second] {
            client.token = client.token.take().map(|token| app.for_a_day(&token));
        }
        side
    }
}

/// Names that both companies use, fresh for each sequence.
struct Names {
    ids: Vec<Uuid>,
    sessions: Vec<Uuid>,
    emails: Vec<String>,
    base: DateTime<Utc>,
}

impl Names {
    fn new(sequence: usize, base: DateTime<Utc>) -> Self {
        let some = || (0..4).map(|_| Uuid::now_v7()).collect();
        let email = |n| format!("new-{sequence}-{n}@same.test");
        Self {
            ids: some(),
            sessions: some(),
            emails: (0..3).map(email).collect(),
            base,
        }
    }
}

/// One step of a side, all of it decided by the dice.
async fn step(side: &Side, names: &Names, dice: &mut Dice) -> (String, u16, Value) {
    let number = dice.below(2);
    let (agent, person) = (&side.agents[number], [&side.ada, &side.ben][number]);
    let reader = [&side.admin, person][dice.below(2)];
    let (id, session) = (names.ids[dice.below(4)], names.sessions[dice.below(4)]);
    let minutes = i64::try_from(dice.below(600)).unwrap();
    let at = (names.base - chrono::Duration::minutes(minutes)).to_rfc3339();
    let day = names.base.date_naive();
    let from = day - chrono::Duration::days(2);
    let email = &names.emails[dice.below(3)];
    let employee = format!("/api/employees/{}", side.leaver);
    let (who, method, path, body) = match dice.below(16) {
        0 => (
            agent,
            "POST",
            "/api/work-session/start".to_owned(),
            json!({ "id": session, "started_at": at }),
        ),
        1 => (
            agent,
            "POST",
            "/api/work-session/heartbeat".to_owned(),
            json!({ "id": session, "at": at }),
        ),
        2 => (
            agent,
            "POST",
            "/api/work-session/stop".to_owned(),
            json!({ "id": session, "ended_at": at }),
        ),
        3..7 => {
            let app = json!({ "id": id, "session_id": session, "app": "xterm", "title": "same", "started_at": at, "seconds": 50 });
            let site = json!({ "id": id, "session_id": session, "host": "same.test", "started_at": at, "seconds": 40 });
            let minute = json!({ "id": id, "session_id": session, "minute": at, "keystrokes": 5, "mouse_events": 5,
                "active_seconds": 40, "idle_seconds": 20 });
            let batch = json!({ "batch_id": names.ids[dice.below(4)], "applications": [app], "websites": [site], "activity": [minute] });
            (agent, "POST", "/api/upload/batch".to_owned(), batch)
        }
        7 => {
            let new = json!({ "email": email, "name": "Same", "role": "EMPLOYEE" });
            (&side.admin, "POST", "/api/employees".to_owned(), new)
        }
        8 => (
            &side.admin,
            "POST",
            format!("{employee}/deactivate"),
            json!({}),
        ),
        9 => (
            &side.admin,
            "POST",
            format!("{employee}/reactivate"),
            json!({}),
        ),
        10 => (
            &side.admin,
            "GET",
            "/api/employees?limit=200".to_owned(),
            Value::Null,
        ),
        11 => (
            reader,
            "GET",
            format!("/api/timeline?user_id={}&day={day}", person.user),
            Value::Null,
        ),
        12 => (
            reader,
            "GET",
            format!("/api/usage/daily?from={from}&to={day}"),
            Value::Null,
        ),
        13 => (
            reader,
            "GET",
            format!("/api/usage/apps?from={from}&to={day}"),
            Value::Null,
        ),
        14 => (reader, "GET", "/api/usage/today".to_owned(), Value::Null),
        _ => (
            person,
            "GET",
            "/api/me/access-entries".to_owned(),
            Value::Null,
        ),
    };
    let body = (!body.is_null()).then_some(body);
    let (status, answer) = who.send(method.parse().unwrap(), &path, body).await;
    (format!("{method} {path}"), status, answer)
}

/// Answers without what chance or the clock made: ids by their order of appearance, times of this run, secrets.
struct Plain {
    ids: HashMap<String, usize>,
    began: DateTime<Utc>,
}

impl Plain {
    fn of(&mut self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            Value::Object(fields) => {
                let plain = fields.iter().map(|(name, value)| {
                    let value = match name.as_str() {
                        "request_id" | "invitation_url" | "next_cursor" | "as_of"
                            if !value.is_null() =>
                        {
                            json!("…")
                        }
                        _ => self.of(value),
                    };
                    (name.clone(), value)
                });
                Value::Object(plain.collect::<Map<_, _>>())
            }
            Value::String(text) => json!(self.text(text)),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if let Ok(at) = text.parse::<DateTime<Utc>>() {
            return if at < self.began {
                text.to_owned()
            } else {
                "now".to_owned()
            };
        }
        // Ids stand alone, in a path, or without hyphens in an address.
        let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
        let mut plain = String::new();
        let mut rest = text;
        while let Some(begin) = rest.find(is_part) {
            let (before, from) = rest.split_at(begin);
            let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            plain += before;
            let tails = [36, 32]
                .into_iter()
                .filter_map(|length| word.len().checked_sub(length));
            let is_id = |tail: &usize| word[*tail..].parse::<Uuid>().is_ok();
            match tails.into_iter().find(is_id) {
                Some(tail) => {
                    let next = self.ids.len();
                    let number = *self.ids.entry(word[tail..].to_owned()).or_insert(next);
                    plain += &format!("{}#{number}", &word[..tail]);
                }
                None => plain += word,
            }
            rest = after;
        }
        plain + rest
    }
}

struct Compared {
    steps: usize,
    successes: usize,
    differences: Vec<String>,
}

/// A alone, and A beside B, through the same sequences.
async fn compare(sequences: usize, make_different: &str) -> Compared {
    let began = Utc::now();
    let quiet = |config: &mut tracker::config::Config| config.job_workers = 0;
    let (alone, beside) = (App::configured(quiet).await, App::configured(quiet).await);
    let a_alone = Side::new(&alone, alone.company("Acme").await).await;
    let a_beside = Side::new(&beside, beside.company("Acme").await).await;
    let b = Side::new(&beside, beside.company("Bolt").await).await;
    beside.copy.admin().batch_execute(make_different).unwrap();
    let plain = || Plain {
        ids: HashMap::new(),
        began,
    };
    let (mut of_alone, mut of_beside) = (plain(), plain());
    let mut compared = Compared {
        steps: 0,
        successes: 0,
        differences: Vec::new(),
    };
    for sequence in 0..sequences {
        let names = Names::new(sequence, began - chrono::Duration::minutes(5));
        let (mut ours, mut theirs) = (Dice::new(2 * sequence + 1), Dice::new(2 * sequence + 2));
        for number in 0..STEPS {
            for _ in 0..theirs.below(3) {
                step(&b, &names, &mut theirs).await;
            }
            let mut same = ours.clone();
            let (what, status, answer) = step(&a_alone, &names, &mut same).await;
            let (_, status_beside, answer_beside) = step(&a_beside, &names, &mut ours).await;
            compared.steps += 1;
            compared.successes += usize::from(status < 300);
            let left = (status, of_alone.of(&answer));
            let right = (status_beside, of_beside.of(&answer_beside));
            if left != right {
                compared.differences.push(format!(
                    "sequence {sequence}, step {number}: {what}: {left:?}, and beside B {right:?}"
                ));
            }
            if number % 10 == 9 {
                for app in [&alone, &beside] {
                    a_minute_later(app);
                    settle(app);
                }
            }
        }
    }
    compared
}

#[actix_web::test]
async fn what_a_company_sees_does_not_depend_on_others() {
    let asked = std::env::var("SEQUENCES").ok();
    let sequences = asked.map_or(SEQUENCES, |text| text.parse().unwrap());
    let begin = std::time::Instant::now();
    let compared = compare(sequences, "SELECT 1").await;
    report(
        "non_interference",
        &json!({ "sequences": sequences, "steps": compared.steps, "successes": compared.successes,
            "differences": compared.differences.len(), "seconds": begin.elapsed().as_secs() }),
    );
    assert_eq!(compared.differences, Vec::<String>::new());
    assert!(
        compared.successes * 2 > compared.steps,
        "{} of {}",
        compared.successes,
        compared.steps
    );
}

/// The net is cut: an index that all companies share lets A learn whom B invited.
#[actix_web::test]
async fn an_index_that_companies_share_would_be_noticed() {
    let shared = "CREATE UNIQUE INDEX shared ON tenant.invitations (email)";
    let compared = compare(4, shared).await;
    assert_ne!(compared.differences, Vec::<String>::new());
}
