//! How many requests a minute: per address, per person, per API token and per company, counted in this process, each
//! instance for its share. The agents' plane is not counted: what a device recorded is never turned away.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};
use uuid::Uuid;

use super::{client_address, company_key, error::Error, session};
use crate::{Result, config::Config};

const MINUTE: Duration = Duration::from_secs(60);
/// Callers that one limit remembers: a flood of invented addresses must not fill the memory.
const MOST: usize = 100_000;

/// All limits of this process.
pub struct Limits {
    address: Limit<IpAddr>,
    user: Limit<Uuid>,
    token: Limit<Uuid>,
    company: Limit<Uuid>,
}

impl Limits {
    pub fn new(config: &Config) -> Self {
        let share = |limit: u32| limit.div_ceil(config.instances);
        Self {
            address: Limit::new("address", share(config.rate_limit_address)),
            user: Limit::new("user", share(config.rate_limit_user)),
            token: Limit::new("token", share(config.rate_limit_token)),
            company: Limit::new("company", share(config.rate_limit_company)),
        }
    }

    /// Counts a request of somebody known.
    pub(super) fn count(
        &self,
        req: &HttpRequest,
        user: Uuid,
        token: Option<Uuid>,
        company: Option<Uuid>,
    ) -> Result<()> {
        // A program is not to use up what its maker needs to work.
        match token {
            Some(token) => self.token.count(req, token)?,
            None => self.user.count(req, user)?,
        }
        company.map_or(Ok(()), |company| self.company.count(req, company))
    }
}

/// One limit: so many requests at once, and as many again evenly over a minute (GCRA). Zero switches it off.
struct Limit<K> {
    name: &'static str,
    per_minute: u32,
    /// By caller: when everything the caller has asked for would be paid off at the even pace.
    paid_off: Mutex<HashMap<K, Instant>>,
}

/// What is left of a limit, for the answer's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    name: &'static str,
    per_minute: u32,
    requests: u32,
    /// Until all of it is there again.
    full_in: Duration,
}

impl<K: Hash + Eq> Limit<K> {
    fn new(name: &'static str, per_minute: u32) -> Self {
        Self {
            name,
            per_minute,
            paid_off: Mutex::default(),
        }
    }

    /// Counts, notes what is left for the headers, and refuses what is too much.
    fn count(&self, req: &HttpRequest, caller: K) -> Result<()> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let (left, wait) = self.take(caller, Instant::now());
        let mut extensions = req.extensions_mut();
        match extensions.get_mut::<Noted>() {
            Some(Noted(all)) => all.push(left),
            None => drop(extensions.insert(Noted(vec![left]))),
        }
        match wait {
            None => Ok(()),
            Some(wait) => Err(Error::RateLimited(seconds(wait))),
        }
    }

    /// What is left after this request; how long to wait when it was one too many, which is then not counted.
    fn take(&self, caller: K, now: Instant) -> (Left, Option<Duration>) {
        let pace = MINUTE / self.per_minute;
        let mut paid_off = self.paid_off.lock().unwrap_or_else(PoisonError::into_inner);
        let before = paid_off.get(&caller).map_or(now, |at| (*at).max(now));
        let after = before + pace;
        let wait = (after - now)
            .checked_sub(MINUTE)
            .filter(|wait| !wait.is_zero());
        let until = if wait.is_some() { before } else { after };
        if wait.is_none() {
            make_room(&mut paid_off, now);
            paid_off.insert(caller, after);
        }
        let owed = until - now;
        let requests = MINUTE.saturating_sub(owed).as_nanos() / pace.as_nanos().max(1);
        let left = Left {
            name: self.name,
            per_minute: self.per_minute,
            requests: u32::try_from(requests)
                .unwrap_or(self.per_minute)
                .min(self.per_minute),
            full_in: owed,
        };
        (left, wait)
    }
}

/// Forgets who owes nothing. If all owe something, every second one gets a present: better than to grow or to refuse.
fn make_room<K: Hash + Eq>(paid_off: &mut HashMap<K, Instant>, now: Instant) {
    if paid_off.len() < MOST {
        return;
    }
    paid_off.retain(|_, at| *at > now);
    if paid_off.len() > MOST / 2 {
        let mut keep = false;
        paid_off.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
}

/// The limits that a request was counted by.
#[derive(Default)]
struct Noted(Vec<Left>);

/// Middleware: counts by address what is not the agents'.
pub async fn by_address<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    match count_address(req.request()) {
        Ok(()) => Ok(next.call(req).await?.map_into_left_body()),
        Err(error) => Ok(error.refuse(req)),
    }
}

fn count_address(req: &HttpRequest) -> Result<()> {
    if company_key::is_agents(req.path()) {
        return Ok(());
    }
    let state = session::state(req)?;
    let address = client_address::of(req, &state.config.trusted_proxies);
    address.map_or(Ok(()), |address| {
        state.limits.address.count(req, network(address))
    })
}

/// A customer of a provider has 2^64 addresses of the newer kind: the network counts.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

/// `RateLimit-Policy` and `RateLimit` of the IETF's draft 11: what is allowed, and what is left of it.
pub(super) fn headers(req: &HttpRequest) -> Vec<(HeaderName, HeaderValue)> {
    let extensions = req.extensions();
    let Some(Noted(noted)) = extensions.get::<Noted>() else {
        return Vec::new();
    };
    let (mut policy, mut now) = (Vec::new(), Vec::new());
    for Left {
        name,
        per_minute,
        requests,
        full_in,
    } in noted
    {
        policy.push(format!("\"{name}\";q={per_minute};w=60"));
        now.push(format!("\"{name}\";r={requests};t={}", seconds(*full_in)));
    }
    let lists = [("ratelimit-policy", policy), ("ratelimit", now)];
    lists
        .into_iter()
        .filter_map(|(name, list)| {
            let value = HeaderValue::from_str(&list.join(", ")).ok()?;
            Some((HeaderName::from_static(name), value))
        })
        .collect()
}

/// Rounded up: who waits that long is served.
fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_served_then_the_even_pace() {
        let limit = Limit::new("user", 60);
        let start = Instant::now();
        for asked in 0..60 {
            let (left, wait) = limit.take(1, start);
            assert_eq!((left.requests, wait), (59 - asked, None));
        }
        let (left, wait) = limit.take(1, start);
        assert_eq!((left.requests, wait), (0, Some(Duration::from_secs(1))));
        assert_eq!(left.full_in, MINUTE);
        assert_eq!(limit.take(2, start).1, None, "another caller has its own");
        let second = start + Duration::from_secs(1);
        assert_eq!(limit.take(1, second).1, None);
        assert!(limit.take(1, second).1.is_some());
        assert_eq!(limit.take(1, start + 3 * MINUTE).0.requests, 59);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_begins_with_who_owes_nothing() {
        let limit = Limit::new("address", 60);
        let start = Instant::now();
        let many = u32::try_from(MOST).unwrap();
        for caller in 0..many {
            limit.take(caller, start);
        }
        let later = start + Duration::from_secs(2);
        limit.take(many, later);
        assert_eq!(limit.paid_off.lock().unwrap().len(), 1);
        for caller in 0..3 * many {
            limit.take(caller, later);
            assert!(limit.paid_off.lock().unwrap().len() <= MOST);
        }
    }

    #[test]
    fn a_network_of_the_newer_kind_is_one_caller() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
