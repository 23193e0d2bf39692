//! Whether the server knows this device and this clock. Without it everything is still recorded, and waits.

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::home::{Credentials, Home};
use crate::http::{Answer, Call, Http};
use crate::sync::{Engine, Trouble};

/// A clock so far ahead makes items that the server refuses for good.
const REFUSED_AHEAD: TimeDelta = TimeDelta::minutes(10);
/// Less than this nobody will notice in a timeline.
const NOTABLE: TimeDelta = TimeDelta::seconds(60);

pub(super) fn examine(home: &Home) -> Vec<Finding> {
    let check = "signed_in";
    let login = "`tracker-agent login`";
    let keyring = match home.account() {
        Ok(Some(account)) if account.keyring.is_some() => "the platform's keyring",
        _ => "credentials.json, which is closed to others",
    };
    let credentials = match home.credentials() {
        Ok(Some(credentials)) => credentials,
        Ok(None) => return vec![Finding::stops(check, "nobody is signed in", login)],
        Err(error) => return vec![Finding::stops(check, format!("{error:#}"), login)],
    };
    let signed_in = Finding::ok(check, format!("signed in as {}", credentials.user.name));
    let secrets = Finding::ok("secrets", format!("key and tokens lie in {keyring}"));
    let mut findings = vec![signed_in, secrets];
    let asked = Utc::now();
    match ask(&credentials) {
        Ok(answer) => {
            let text = format!("{} answers", credentials.server);
            findings.push(Finding::ok("server", text));
            findings.extend(
                answer
                    .date
                    .map(|theirs| clock(asked, Utc::now(), theirs)),
            );
            findings.push(key(home, &answer));
        }
        Err(error) => findings.push(Finding::warning(
            "server",
            format!("{error:#}"),
            "see whether the network, a proxy or the server's certificate is in the way; recordings wait here",
        )),
    }
    findings
}

fn ask(credentials: &Credentials) -> anyhow::Result<Answer> {
    let http = Http::new(
        &credentials.server,
        credentials.allow_http,
        credentials.ca_file.as_deref(),
    )?;
    http.send(
        "/api/agent/settings",
        &Call {
            company_key: &credentials.company_key,
            token: Some(&credentials.access_token),
            content_type: "application/json",
            is_gzip: false,
            body: None,
            queue: None,
        },
    )
}

/// The server wrote its time, cut to the second, somewhere between question and answer.
fn clock(asked: DateTime<Utc>, answered: DateTime<Utc>, theirs: DateTime<Utc>) -> Finding {
    let ahead = asked - (theirs + TimeDelta::seconds(1));
    let behind = theirs - answered;
    let (check, off) = ("clock", ahead.max(behind));
    let advice = "set this machine's clock, best by a time server";
    if off < NOTABLE {
        return Finding::ok(check, "this clock and the server's agree");
    }
    let seconds = off.num_seconds();
    if ahead >= REFUSED_AHEAD {
        let text = format!("this clock is {seconds} s ahead: the server refuses what is recorded");
        return Finding::stops(check, text, advice);
    }
    let side = match ahead > behind {
        true => "ahead of",
        false => "behind",
    };
    Finding::warning(
        check,
        format!("this clock is {seconds} s {side} the server's"),
        advice,
    )
}

fn key(home: &Home, answer: &Answer) -> Finding {
    let check = "key";
    let accepted = Finding::ok(check, "the server takes company key and sign-in");
    if answer.is_success() {
        return accepted;
    }
    // An access token ends every few minutes; the engine knows how to get another.
    match Engine::new(home)
        .map_err(Trouble::from)
        .and_then(|mut engine| engine.tasks())
    {
        Ok(_) => accepted,
        Err(trouble @ Trouble::SignIn) => Finding::warning(
            check,
            trouble.to_string(),
            "`tracker-agent login`; nothing is lost",
        ),
        Err(trouble @ Trouble::Company { .. }) => {
            Finding::warning(check, trouble.to_string(), "ask an admin of your company")
        }
        Err(trouble) => Finding::warning(check, trouble.to_string(), "try again in a while"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_clock_is_judged_by_what_the_server_would_refuse() {
        let now: DateTime<Utc> = "2026-11-20T10:00:00.900Z".parse().unwrap();
        let level = |seconds| {
            let theirs = "2026-11-20T10:00:00Z".parse::<DateTime<Utc>>().unwrap();
            clock(now, now, theirs - TimeDelta::seconds(seconds)).level
        };
        assert_eq!(level(0), Level::Ok);
        assert_eq!((level(50), level(-50)), (Level::Ok, Level::Ok));
        assert_eq!((level(90), level(-90)), (Level::Warning, Level::Warning));
        assert_eq!((level(660), level(-86_400)), (Level::Stops, Level::Warning));
    }

    #[test]
    fn a_slow_answer_is_no_wrong_clock() {
        let asked: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let theirs = asked + TimeDelta::seconds(80);
        let answered = asked + TimeDelta::seconds(85);
        assert_eq!(clock(asked, answered, theirs).level, Level::Ok);
    }
}
