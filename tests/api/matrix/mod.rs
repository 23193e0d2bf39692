//! Every operation of the document × everybody × whose id × how and where it is written. Nobody is shown or changes
//! what is another company's, and another company's id is answered like one that nobody has. What cannot be generated
//! stands in `fixtures.rs`.

pub mod document;
pub mod fixtures;
pub mod log;
pub mod request;
pub mod world;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Instant;

use reqwest::Client;
use serde_json::{Value, json};

use crate::app::{Copy, report};
use crate::headers;
use document::{Call, Place, Slot, calls};
use fixtures::{Operation, Proof, Role};
use request::{Answer, FORMS, Form, MALFORMED, Request, Whose, text, unasked};
use world::{LETTERS, Principal, World};

/// Requests under way at once.
const AT_ONCE: usize = 6;

/// Which part of it all is tried.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Ids in every form and place; else only as they are meant to be written.
    pub all_forms: bool,
    pub operations: fn(&Operation) -> bool,
    pub principals: fn(&Principal) -> bool,
}

impl Plan {
    pub const WHOLE: Self = Self {
        all_forms: true,
        operations: |_| true,
        principals: |_| true,
    };
}

/// What was found and how much was tried.
#[derive(Debug, Default)]
pub struct Outcome {
    pub cases: usize,
    pub controls: usize,
    pub operations: usize,
    pub principals: usize,
    pub seconds: f64,
    pub log_lines: usize,
    pub mails: usize,
    pub findings: Vec<String>,
    succeeded: BTreeSet<(&'static str, &'static str)>,
    by_kind: BTreeMap<&'static str, usize>,
}

impl Outcome {
    fn found(&mut self, what: String) {
        self.findings.push(what);
    }
}

/// Runs the plan. The world is used up by it: a second run needs a new one.
pub async fn run(world: Rc<World>, plan: Plan) -> Outcome {
    let started = Instant::now();
    let calls: Rc<Vec<Call>> = Rc::new(
        calls()
            .into_iter()
            .filter(|call| (plan.operations)(&call.operation))
            .collect(),
    );
    let principals: Vec<_> = fixtures::principals(&world)
        .into_iter()
        .filter(|one| (plan.principals)(one))
        .collect();
    let outcome = Rc::new(RefCell::new(Outcome {
        operations: calls.len(),
        principals: principals.len(),
        ..Outcome::default()
    }));
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(64, 48)
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let side = Side {
        http: Client::builder()
            .no_gzip()
            .pool_idle_timeout(std::time::Duration::from_secs(2))
            .build()
            .unwrap(),
        picture: Rc::new(picture.into_inner()),
        world: world.clone(),
        calls,
        plan,
        outcome: outcome.clone(),
        passwords: Rc::default(),
        at_work: Rc::default(),
    };
    // Those who may not call an operation change nothing anywhere, whatever they send.
    let before = world.checksums();
    side.all(principals.clone(), AT_ONCE, Part::Refused).await;
    side.unchanged(&before, &[], "those who are refused");
    // Those who may change nothing but their own company.
    for home in LETTERS {
        let before = world.checksums();
        let group: Vec<_> = principals
            .iter()
            .filter(|one| one.home == home)
            .cloned()
            .collect();
        // The owner suspends D and brings it back, one thing after the other.
        side.all(group, if home == 'd' { 1 } else { AT_ONCE }, Part::Allowed)
            .await;
        side.unchanged(&before, &[home], &format!("those of company {home}"));
    }
    side.controls(&principals);
    drop(side);
    if plan.all_forms {
        let (mails, leaks) = world.mails().await;
        outcome.borrow_mut().mails = mails;
        outcome.borrow_mut().findings.extend(leaks);
    }
    let mut outcome = Rc::into_inner(outcome).unwrap().into_inner();
    let (lines, leaks) = log::take();
    outcome.log_lines = lines;
    outcome.findings.extend(
        leaks
            .into_iter()
            .map(|line| format!("leak: a line of the log says{line}")),
    );
    outcome.seconds = started.elapsed().as_secs_f64();
    outcome
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Refused,
    Allowed,
}

/// What every request under way shares.
#[derive(Clone)]
struct Side {
    http: Client,
    picture: Rc<Vec<u8>>,
    world: Rc<World>,
    calls: Rc<Vec<Call>>,
    plan: Plan,
    outcome: Rc<RefCell<Outcome>>,
    /// Passwords, one request after the other.
    passwords: Rc<tokio::sync::Mutex<()>>,
    /// Read by every request under way; written by who must have the companies to itself.
    at_work: Rc<tokio::sync::RwLock<()>>,
}

impl Side {
    async fn all(&self, principals: Vec<Principal>, at_once: usize, part: Part) {
        let waiting = Rc::new(RefCell::new(VecDeque::from(principals)));
        let sides: Vec<_> = (0..at_once)
            .map(|_| {
                let (side, waiting) = (self.clone(), waiting.clone());
                actix_web::rt::spawn(async move {
                    loop {
                        let Some(principal) = waiting.borrow_mut().pop_front() else {
                            return;
                        };
                        for call in side.calls.iter() {
                            match (part, allows(call, &principal)) {
                                (Part::Refused, false) => side.refused(&principal, call).await,
                                (Part::Allowed, true) => side.allowed(&principal, call).await,
                                _ => {}
                            }
                        }
                    }
                })
            })
            .collect();
        for side in sides {
            side.await.unwrap();
        }
    }

    /// Nothing that is sent helps: 401 or 403, and the id is never looked at.
    async fn refused(&self, principal: &Principal, call: &Call) {
        let good = Request::good(&self.world, principal, call);
        self.must_refuse(principal, call, "own ids", good).await;
        for slot in &call.slots {
            for whose in [
                Whose::Own,
                Whose::Colleagues,
                Whose::Foreign,
                Whose::Third,
                Whose::Random,
            ] {
                let request = self.with(principal, call, slot, whose, Form::Plain);
                self.must_refuse(principal, call, &said(slot, whose, Form::Plain), request)
                    .await;
            }
            for malformed in MALFORMED.into_iter().filter(|_| self.in_full(principal)) {
                let mut request = Request::good(&self.world, principal, call);
                request.put(&slot.place, malformed);
                let what = format!("{:?} = {malformed}", slot.place);
                self.must_refuse_unreadable(principal, call, &what, request)
                    .await;
            }
        }
        for unasked in unasked().into_iter().filter(|_| self.in_full(principal)) {
            let mut request = Request::good(&self.world, principal, call);
            let id = text(&self.world, principal, &company(), Whose::Foreign);
            if request.put_unasked(unasked, &id) {
                let what = format!("{unasked:?} = Foreign");
                self.must_refuse_unreadable(principal, call, &what, request)
                    .await;
            }
        }
    }

    async fn must_refuse(&self, principal: &Principal, call: &Call, what: &str, request: Request) {
        self.must_answer(&[401, 403], principal, call, what, request)
            .await;
    }

    /// Who leads a team only the database knows, which is asked once the request could be read.
    async fn must_refuse_unreadable(
        &self,
        principal: &Principal,
        call: &Call,
        what: &str,
        request: Request,
    ) {
        let refusals: &[u16] = match call.operation.may == [Role::Lead] {
            true => &[401, 403, 404, 422],
            false => &[401, 403],
        };
        self.must_answer(refusals, principal, call, what, request)
            .await;
    }

    async fn must_answer(
        &self,
        refusals: &[u16],
        principal: &Principal,
        call: &Call,
        what: &str,
        request: Request,
    ) {
        let answer = self.ask(principal, call, what, request).await;
        if !refusals.contains(&answer.status) {
            self.found(
                principal,
                call,
                what,
                &format!("admitted: answered {}", answer.status),
            );
        }
    }

    async fn allowed(&self, principal: &Principal, call: &Call) {
        self.control(principal, call).await;
        for slot in &call.slots {
            for form in self.forms(principal) {
                for whose in self.others(principal, slot) {
                    let with = |whose| self.with(principal, call, slot, whose, form);
                    let what = |whose| said(slot, whose, form);
                    self.compare(principal, call, whose, with, what).await;
                }
                if !principal.is(Role::Owner) {
                    let request = self.with(principal, call, slot, Whose::Colleagues, form);
                    let what = said(slot, Whose::Colleagues, form);
                    self.ask(principal, call, &what, request).await;
                }
            }
            for malformed in MALFORMED.into_iter().filter(|_| self.in_full(principal)) {
                let mut request = Request::good(&self.world, principal, call);
                request.put(&slot.place, malformed);
                let what = format!("{:?} = {malformed}", slot.place);
                let answer = self.ask(principal, call, &what, request).await;
                if (200..300).contains(&answer.status) && !answers_each_item(&answer) {
                    let finding = format!("admitted: answered {}", answer.status);
                    self.found(principal, call, &what, &finding);
                }
            }
        }
        for field in call.never_null.iter().filter(|_| self.in_full(principal)) {
            let mut request = Request::good(&self.world, principal, call);
            request.put_null(field);
            let what = format!("{field} = null");
            let answer = self.ask(principal, call, &what, request).await;
            if answer.status < 300 {
                let finding = format!("admitted: answered {}", answer.status);
                self.found(principal, call, &what, &finding);
            }
        }
        for unasked in unasked().into_iter().filter(|_| self.in_full(principal)) {
            let with = |whose| {
                let mut request = Request::good(&self.world, principal, call);
                let id = text(&self.world, principal, &company(), whose);
                request.put_unasked(unasked, &id).then_some(request)
            };
            if with(Whose::Own).is_some() {
                let with = |whose| with(whose).expect("a place for it");
                let what = |whose| format!("{unasked:?} = {whose:?}");
                self.compare(principal, call, Whose::Foreign, with, what)
                    .await;
            }
        }
    }

    /// Somebody's id must be answered like nobody's. Others of the company are at work meanwhile, and what was asked
    /// first may find a state that the next one finds changed: a difference that stays with nobody else at work is one.
    async fn compare(
        &self,
        principal: &Principal,
        call: &Call,
        whose: Whose,
        with: impl Fn(Whose) -> Request,
        what: impl Fn(Whose) -> String,
    ) {
        let twins = async || {
            let random = with(Whose::Random);
            let random = self
                .ask_twin(principal, call, &what(Whose::Random), random)
                .await;
            let other = self
                .ask_twin(principal, call, &what(whose), with(whose))
                .await;
            random.difference(&other)
        };
        let among_others = {
            let _others = self.at_work.read().await;
            twins().await
        };
        if among_others.is_none() {
            return;
        }
        let _alone = self.at_work.write().await;
        // The first request alone may undo what somebody else did before it.
        twins().await;
        if let Some(told) = twins().await {
            let finding = format!("told apart from an unknown one: {told}");
            self.found(principal, call, &what(whose), &finding);
        }
    }

    /// The same route, asked rightly, answers.
    async fn control(&self, principal: &Principal, call: &Call) {
        let after = call.operation.after;
        if let Some(first) =
            after.and_then(|id| self.calls.iter().find(|one| one.operation.id == id))
        {
            let request = Request::good(&self.world, principal, first);
            self.ask(principal, first, "own ids", request).await;
        }
        let mut request = Request::good(&self.world, principal, call);
        match call.operation.proof {
            Proof::RefreshCookie => match self.world.refresh_cookie(principal).await {
                Some(cookie) => request.cookie(cookie),
                None => return,
            },
            Proof::AgentsRefreshToken => match self.world.agents_refresh_token(principal).await {
                Some(token) => request.put(&Place::Body("/refresh_token".into()), &token),
                None => return,
            },
            Proof::Invitation => request.put(
                &Place::Path("token".into()),
                &self.world.invitation(principal.home),
            ),
            Proof::RegistrationLink => request.put(
                &Place::Path("token".into()),
                &self.world.registration_link(),
            ),
            Proof::ResetLink => request.put(
                &Place::Path("token".into()),
                &self.world.reset_link(principal),
            ),
            Proof::None => {}
        }
        let answer = self.ask(principal, call, "own ids", request).await;
        let mut outcome = self.outcome.borrow_mut();
        if (200..300).contains(&answer.status) {
            outcome.controls += 1;
            outcome
                .succeeded
                .insert((call.operation.id, principal.name));
        }
    }

    /// Each operation succeeded for somebody of each role that may call it: else its refusals prove nothing.
    fn controls(&self, principals: &[Principal]) {
        let mut outcome = self.outcome.borrow_mut();
        for call in self.calls.iter() {
            for role in call.operation.may {
                let holders: Vec<_> = principals
                    .iter()
                    .filter(|one| {
                        let acts = !one.is_idle || call.operation.allows(one, false);
                        *role == Role::Anybody || one.is(*role) && acts
                    })
                    .collect();
                let succeeded = holders
                    .iter()
                    .any(|one| outcome.succeeded.contains(&(call.operation.id, one.name)));
                if !succeeded && !holders.is_empty() {
                    let id = call.operation.id;
                    outcome.found(format!("no control: {id} never succeeded for {role:?}, so its refusals prove nothing: is its line in fixtures.rs right?"));
                }
            }
        }
    }

    /// Ids in every form and place, and what is none. Who asks plays no part in how that is read: those of B and C do the same
    /// things as those of A.
    fn in_full(&self, principal: &Principal) -> bool {
        self.plan.all_forms && !['b', 'c'].contains(&principal.home)
    }

    fn forms(&self, principal: &Principal) -> impl Iterator<Item = Form> + use<> {
        let all = self.in_full(principal);
        FORMS
            .into_iter()
            .filter(move |form| all || *form == Form::Plain)
    }

    /// Whose ids must look like nobody's.
    fn others(&self, principal: &Principal, slot: &Slot) -> Vec<Whose> {
        // A lead or an admin of teams may read colleagues, who are not told apart from nobody for other employees.
        let employee = principal.is(Role::Employee)
            && ![Role::Admin, Role::Lead, Role::TeamAdmin]
                .iter()
                .any(|role| principal.is(*role));
        let personal = !slot.is_new && self.world.are_personal(slot.rows);
        match principal.is(Role::Owner) && fixtures::THE_OWNERS.contains(&slot.rows) {
            true => Vec::new(),
            false if employee && personal => {
                vec![Whose::Foreign, Whose::Third, Whose::Colleagues]
            }
            false => vec![Whose::Foreign, Whose::Third],
        }
    }

    fn with(
        &self,
        principal: &Principal,
        call: &Call,
        slot: &Slot,
        whose: Whose,
        form: Form,
    ) -> Request {
        let mut request = Request::good(&self.world, principal, call);
        let id = text(&self.world, principal, slot, whose);
        let own = text(&self.world, principal, slot, Whose::Own);
        request.put_form(&slot.place, &id, &own, form);
        request
    }

    async fn ask(
        &self,
        principal: &Principal,
        call: &Call,
        what: &str,
        request: Request,
    ) -> Answer {
        let _others = self.at_work.read().await;
        self.ask_now(principal, call, what, request).await
    }

    /// For who holds `at_work`.
    async fn ask_now(
        &self,
        principal: &Principal,
        call: &Call,
        what: &str,
        request: Request,
    ) -> Answer {
        // Attempts are counted by address and e-mail, so those who make some do it one after the other.
        let _password = match request.is_counted() {
            true => {
                let password = self.passwords.lock().await;
                self.world.forget_failures();
                Some(password)
            }
            false => None,
        };
        let answer = request.send(&self.http, &self.world, &self.picture).await;
        {
            let mut outcome = self.outcome.borrow_mut();
            outcome.cases += 1;
            let kind = match answer.status {
                200..300 => "answered",
                401 | 403 => "refused",
                404 => "not found",
                500.. => "failed",
                _ => "complained",
            };
            *outcome.by_kind.entry(kind).or_default() += 1;
        }
        if answer.status >= 500 {
            self.found(
                principal,
                call,
                what,
                &format!("server error: answered {}", answer.status),
            );
        }
        for fault in headers::faults(answer.status, &answer.headers, false) {
            self.found(principal, call, what, &fault);
        }
        let headers: String = answer
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect();
        for text in [answer.body.as_slice(), headers.as_bytes()] {
            if let Some(leak) = self.world.leak(principal, call.operation.shows, text) {
                self.found(principal, call, what, &format!("leak: was shown {leak}"));
            }
        }
        answer
    }

    /// The answer without what its own request brought in, for who holds `at_work`.
    async fn ask_twin(
        &self,
        principal: &Principal,
        call: &Call,
        what: &str,
        request: Request,
    ) -> Twin {
        let ids = request.own_ids();
        let answer = self.ask_now(principal, call, what, request).await;
        Twin::new(call, answer, &ids)
    }

    fn unchanged(&self, before: &BTreeMap<(char, String), String>, but: &[char], whom: &str) {
        let after = self.world.checksums();
        for ((letter, table), sum) in before {
            let now = &after[&(*letter, table.clone())];
            if !but.contains(letter) && sum != now {
                self.outcome.borrow_mut().found(format!(
                    "changed: {table} of company {letter} by {whom}: {sum} became {now}"
                ));
            }
        }
    }

    fn found(&self, principal: &Principal, call: &Call, what: &str, finding: &str) {
        let text = format!(
            "{finding} ({} as {}, {what})",
            call.operation.id, principal.name
        );
        self.outcome.borrow_mut().found(text);
    }
}

/// What two answers have in common when their requests differ in nothing but whose id it was.
struct Twin {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    statements: usize,
}

impl Twin {
    fn difference(&self, other: &Self) -> Option<String> {
        match () {
            () if self.status != other.status => Some(format!(
                "answered {} instead of {}: {}",
                other.status, self.status, other.body
            )),
            () if self.headers != other.headers => Some(format!(
                "has the headers {:?} instead of {:?}",
                other.headers, self.headers
            )),
            () if self.body != other.body => {
                Some(format!("says {} instead of {}", other.body, self.body))
            }
            () if self.statements != other.statements => Some(format!(
                "took {} statements instead of {}",
                other.statements, self.statements
            )),
            () => None,
        }
    }

    fn new(call: &Call, answer: Answer, ids: &[String]) -> Self {
        let neutral = |text: &str| {
            ids.iter()
                .fold(text.to_owned(), |text, id| text.replace(id, "(id)"))
        };
        let done = answer.status < 300;
        let mut headers: Vec<_> = answer
            .headers
            .into_iter()
            .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
            // A weak tag is of the body's bytes, times of now among them: it tells what the body tells.
            .filter(|(name, value)| name != "etag" || !value.starts_with("W/"))
            // What was made anew has a length, a place and a cookie of its own.
            .filter(|(name, _)| !done || !["content-length", "location", "set-cookie"].contains(&name.as_str()))
            .map(|(name, value)| (name, neutral(&value)))
            .collect();
        headers.sort();
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let body = match serde_json::from_str::<Value>(&text) {
            // A refusal is compared to the letter, an answer to a question but for the clock, what was made by its form.
            Ok(json) if done && call.method != reqwest::Method::GET => shape(&json).to_string(),
            Ok(json) if done => without_times(&json).to_string(),
            _ => neutral(&text),
        };
        Self {
            status: answer.status,
            headers,
            body: neutral(&body),
            statements: answer.statements,
        }
    }
}

fn shape(json: &Value) -> Value {
    match json {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let told = ["result", "code", "role", "status"].contains(&name.as_str());
                (
                    name.clone(),
                    if told { value.clone() } else { shape(value) },
                )
            })
            .collect(),
        Value::Array(entries) => entries.iter().map(shape).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!(0),
        other => other.clone(),
    }
}

fn without_times(json: &Value) -> Value {
    match json {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), without_times(value)))
            .collect(),
        Value::Array(entries) => entries.iter().map(without_times).collect(),
        Value::String(text) if chrono::DateTime::parse_from_rfc3339(text).is_ok() => json!("time"),
        other => other.clone(),
    }
}

fn company() -> Slot {
    Slot {
        place: Place::Query("company_id".into()),
        rows: "company",
        is_new: false,
    }
}

fn said(slot: &Slot, whose: Whose, form: Form) -> String {
    format!("{:?} = {whose:?} {form:?}", slot.place)
}

/// 200 with a verdict on every item, of which the malformed one is refused.
fn answers_each_item(answer: &Answer) -> bool {
    let items = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let items = items["items"].as_array().cloned().unwrap_or_default();
    items.iter().any(|item| item["result"] == "rejected")
}

pub fn allows(call: &Call, principal: &Principal) -> bool {
    call.operation
        .allows(principal, call.method == reqwest::Method::GET)
}

/// So many that a run with fewer has lost something; with ids as they are meant to be written, and in all forms.
const LEAST_CASES: [usize; 2] = [5_000, 15_000];
/// Invitations of every company, and links to new passwords.
const LEAST_MAILS: usize = 100;

#[actix_web::test]
async fn nobody_reaches_another_companys_data() {
    let world = Rc::new(World::make(Copy::make()).await);
    // On another PostgreSQL one form is enough: the database is not what reads the others.
    let all_forms = std::env::var_os("MATRIX_FORMS").is_none_or(|forms| forms != "plain");
    let plan = Plan {
        all_forms,
        ..Plan::WHOLE
    };
    let outcome = run(world, plan).await;
    let Outcome {
        cases,
        controls,
        operations,
        principals,
        seconds,
        log_lines,
        mails,
        findings,
        by_kind,
        ..
    } = &outcome;
    report(
        "matrix",
        &json!({ "cases": cases, "leaks": findings.len(), "controls": controls, "operations": operations, "principals": principals,
            "seconds": seconds.round(), "log_lines": log_lines, "mails": mails, "answers": by_kind, "findings": findings }),
    );
    println!(
        "matrix: {cases} cases, {} leaks, {controls} controls, {operations} operations, {principals} principals, {seconds:.0} s",
        findings.len()
    );
    let first: Vec<_> = findings.iter().take(40).cloned().collect();
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        first.join("\n")
    );
    assert!(
        *cases >= LEAST_CASES[usize::from(all_forms)],
        "only {cases} cases were tried"
    );
    assert!(
        *controls >= *operations,
        "only {controls} controls succeeded"
    );
    assert!(
        !all_forms || *mails >= LEAST_MAILS,
        "only {mails} mails were read"
    );
}
