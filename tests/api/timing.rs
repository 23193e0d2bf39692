//! How long an answer takes must not tell what it does not say: somebody else's id from nobody's, a known address from
//! an unknown one. Measured pair by pair on one connection; its own command, `make timing`, because it wants a machine
//! that does nothing else. Every test run counts statements instead (`matrix`).

use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tracker::http::api_token;
use uuid::Uuid;

use crate::app::{Copy, PASSWORD, report};
use crate::dice::Dice;
use crate::matrix::allows;
use crate::matrix::document::{Call, calls};
use crate::matrix::fixtures::{Role, principals};
use crate::matrix::request::{Request, Whose, text};
use crate::matrix::world::{Principal, World};

/// Pairs of each comparison, unless they take too long; fewer than the least are no measurement.
const PAIRS: usize = 1_000;
const LEAST_PAIRS: usize = 60;
const PATIENCE: Duration = Duration::from_secs(10);
/// A difference of medians up to this share of the smaller one is no difference.
const TOLERATED: f64 = 0.05;
const BOOTSTRAPS: usize = 2_000;
/// Of the bootstraps, left out at each end: with thirty comparisons one in fifty runs is wrong by chance alone.
const LEFT_OUT: usize = BOOTSTRAPS / 2_000;

/// What of two kinds of requests was measured, in microseconds.
struct Comparison {
    name: String,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Comparison {
    /// Takes turns, in an order that chance decides, so that whatever else happens meets both alike.
    async fn measure(name: &str, mut ask: impl AsyncFnMut(usize) -> Duration) -> Self {
        let (mut dice, mut times) = (Dice::new(0x5EED), [Vec::new(), Vec::new()]);
        for which in [0, 1, 0, 1] {
            ask(which).await;
        }
        let begin = Instant::now();
        while times[0].len() < PAIRS && begin.elapsed() < PATIENCE {
            let first = dice.below(2);
            for which in [first, 1 - first] {
                let time = ask(which).await;
                times[which].push(time.as_secs_f64() * 1e6);
            }
        }
        let [first, second] = times;
        Self {
            name: name.to_owned(),
            first,
            second,
        }
    }

    fn ratio(first: &mut [f64], second: &mut [f64]) -> f64 {
        median(first) / median(second) - 1.0
    }

    /// By how much the first kind takes longer, as a share, and between which values it surely is.
    fn difference(&self) -> (f64, [f64; 2]) {
        let found = Self::ratio(&mut self.first.clone(), &mut self.second.clone());
        let mut dice = Dice::new(0x5EED);
        let mut again = |times: &[f64]| -> Vec<f64> {
            let drawn = times.iter().map(|_| times[dice.below(times.len())]);
            drawn.collect()
        };
        let mut drawn: Vec<f64> = (0..BOOTSTRAPS)
            .map(|_| Self::ratio(&mut again(&self.first), &mut again(&self.second)))
            .collect();
        drawn.sort_by(f64::total_cmp);
        (found, [drawn[LEFT_OUT], drawn[BOOTSTRAPS - 1 - LEFT_OUT]])
    }

    fn told_apart(&self) -> bool {
        let (found, [least, most]) = self.difference();
        found.abs() > TOLERATED && (least > 0.0 || most < 0.0)
    }

    fn figures(&self) -> Value {
        let (found, [least, most]) = self.difference();
        let percent = |share: f64| (share * 1_000.0).round() / 10.0;
        json!({ "name": self.name, "pairs": self.first.len(),
            "median_us": [median(&mut self.first.clone()).round(), median(&mut self.second.clone()).round()],
            "longer_percent": percent(found), "surely_between": [percent(least), percent(most)],
            "told_apart": self.told_apart() })
    }
}

fn median(times: &mut [f64]) -> f64 {
    let middle = times.len() / 2;
    *times.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Until the whole answer is there. Both kinds must be answered with the same status, or time is not what tells.
async fn time(http: &Client, request: RequestBuilder, expected: u16) -> Duration {
    let request = request.build().unwrap();
    let begin = Instant::now();
    let answer = http.execute(request).await.unwrap();
    let status = answer.status().as_u16();
    answer.bytes().await.unwrap();
    let time = begin.elapsed();
    assert_eq!(status, expected);
    time
}

struct Scene {
    world: World,
    http: Client,
}

impl Scene {
    /// Every place of an id of every operation that this person may call: another company's id, and nobody's.
    async fn ids(&self, principal: &Principal, done: &mut Vec<Comparison>) {
        let nobody = principal.roles.is_empty();
        let open = |call: &&Call| {
            allows(call, principal) && (nobody || !call.operation.may.contains(&Role::Anybody))
        };
        for call in calls().iter().filter(open) {
            let slots = call.slots.iter().filter(|slot| !slot.is_new);
            for slot in slots.filter(|slot| !(principal.is(Role::Owner) && slot.rows == "company"))
            {
                let name = format!(
                    "{} {:?} as {}",
                    call.operation.id, slot.place, principal.name
                );
                let mut expected = None;
                let ask = async |which: usize| {
                    let whose = [Whose::Foreign, Whose::Random][which];
                    let mut request = Request::good(&self.world, principal, call);
                    request.put(&slot.place, &text(&self.world, principal, slot, whose));
                    if request.is_counted() {
                        self.world.forget_failures();
                    }
                    let begin = Instant::now();
                    let answer = request.send(&self.http, &self.world, &[]).await;
                    let time = begin.elapsed();
                    assert_eq!(
                        answer.status,
                        *expected.get_or_insert(answer.status),
                        "{name}"
                    );
                    time
                };
                done.push(Comparison::measure(&name, ask).await);
            }
        }
    }

    async fn posts(
        &self,
        name: &str,
        path: &str,
        expected: u16,
        mut body: impl FnMut(usize) -> Value,
    ) -> Comparison {
        let url = format!("{}{path}", self.world.app.address);
        let ask = async |which: usize| {
            self.world.forget_failures();
            let request = self.http.post(&url).json(&body(which));
            let request = request.header("x-company-key", &self.world.company('a').key);
            time(&self.http, request, expected).await
        };
        Comparison::measure(name, ask).await
    }

    async fn gets(
        &self,
        name: &str,
        path: &str,
        header: &str,
        expected: u16,
        mut value: impl FnMut(usize) -> String,
    ) -> Comparison {
        let url = format!("{}{path}", self.world.app.address);
        let ask = async |which: usize| {
            let request = self.http.get(&url).header(header, value(which));
            time(&self.http, request, expected).await
        };
        Comparison::measure(name, ask).await
    }
}

#[actix_web::test]
#[ignore = "three minutes of measuring: `make timing`"]
async fn how_long_it_takes_tells_nothing() {
    let scene = Scene {
        world: World::on(Copy::make(), false).await,
        http: Client::new(),
    };
    let world = &scene.world;
    let everybody = principals(world);
    let named = |name: &str| everybody.iter().find(|one| one.name == name).unwrap();
    let (admin, employee) = (named("admin A"), named("employee A1"));
    let email = world.email(admin);
    let stranger = || format!("{}{}", Uuid::now_v7().simple(), &email[32..]);

    // That a difference which is there is seen: a known key is in memory, for an unknown one the database is asked. The
    // answers say so themselves.
    let control = scene
        .gets(
            "control: a company's key and none",
            "/api/agent/settings",
            "x-company-key",
            401,
            |which| match which {
                0 => world.company('b').key.clone(),
                _ => format!("company_{}", Uuid::now_v7().simple()),
            },
        )
        .await;

    let mut done = Vec::new();
    let wrong = "not the password at all";
    let device = json!({ "id": Uuid::now_v7(), "name": "desk", "os": "x", "agent_version": "1" });
    let emails = |which: usize| {
        if which == 0 {
            email.clone()
        } else {
            stranger()
        }
    };
    done.push(
        scene
            .posts(
                "sign-in: known and unknown address",
                "/api/auth/sign-in",
                401,
                |which| json!({ "email": emails(which), "password": wrong }),
            )
            .await,
    );
    done.push(
        scene
            .posts(
                "login of an agent: known and unknown address",
                "/api/login",
                401,
                |which| json!({ "email": emails(which), "password": wrong, "device": device }),
            )
            .await,
    );
    done.push(
        scene
            .posts(
                "sign-in: another company's id and nobody's",
                "/api/auth/sign-in",
                401,
                |which| {
                    let company = [world.company('b').id, Uuid::now_v7()][which];
                    json!({ "email": email, "password": PASSWORD, "company_id": company })
                },
            )
            .await,
    );
    done.push(
        scene
            .posts(
                "new password: known and unknown address",
                "/api/auth/reset",
                202,
                |which| json!({ "email": emails(which) }),
            )
            .await,
    );
    done.push(
        scene
            .posts(
                "registration of a company: known and unknown address",
                "/api/registrations",
                202,
                |which| {
                    json!({ "company_name": "Fresh Start", "name": "Fay", "email": emails(which), "time_zone": "UTC" })
                },
            )
            .await,
    );
    let key = &world.company('b').key;
    done.push(
        scene
            .gets(
                "company key: nearly a real one and none",
                "/api/agent/settings",
                "x-company-key",
                401,
                |which| {
                    let made = format!("company_{}", Uuid::now_v7().simple());
                    match which {
                        0 => format!(
                            "{}{}",
                            &key[..39],
                            if key.ends_with('0') { '1' } else { '0' }
                        ),
                        _ => made,
                    }
                },
            )
            .await,
    );
    done.push(
        scene
            .gets(
                "API token: of a company and of none",
                "/api/employees",
                "authorization",
                401,
                |which| {
                    // Of right form, and never given out.
                    let company = [world.company('b').id, Uuid::now_v7()][which];
                    format!("Bearer {}", api_token::make(company).unwrap())
                },
            )
            .await,
    );
    for principal in [admin, employee, named("anonymous")] {
        scene.ids(principal, &mut done).await;
    }

    let told: Vec<_> = done
        .iter()
        .filter(|one| one.told_apart())
        .map(Comparison::figures)
        .collect();
    let figures: Vec<_> = done.iter().map(Comparison::figures).collect();
    report(
        "timing",
        &json!({ "comparisons": done.len(), "told_apart": told.len(), "tolerated_percent": TOLERATED * 100.0,
            "control": control.figures(), "figures": figures }),
    );
    println!(
        "timing: {} comparisons, {} told apart",
        done.len(),
        told.len()
    );
    for one in &figures {
        println!("{one}");
    }
    assert!(control.told_apart(), "blind: {}", control.figures());
    let least = done.iter().map(|one| one.first.len()).min();
    assert!(least >= Some(LEAST_PAIRS), "only {least:?} pairs");
    assert!(told.is_empty(), "{told:#?}");
}
