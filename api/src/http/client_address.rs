//! Where a request comes from. A header may say so only when a proxy of ours put it there.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::HttpRequest;

/// An address, or all that begin with the same bits: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unusable = || format!("`{text}` is neither an address nor a network like 10.0.0.0/8");
        let (address, bits) = text.split_once('/').unzip();
        let first: IpAddr = address.unwrap_or(text).parse().map_err(|_| unusable())?;
        let longest = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits
            .map_or(Ok(longest), str::parse)
            .map_err(|_| unusable())?;
        if bits > longest {
            return Err(unusable());
        }
        Ok(Self { first, bits })
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let rest = 32 - self.bits;
                u64::from(first.to_bits()) >> rest == u64::from(address.to_bits()) >> rest
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// The caller's address: the peer's, or what the last of our own proxies saw.
pub fn of(req: &HttpRequest, proxies: &[Network]) -> Option<IpAddr> {
    let peer = req.peer_addr()?.ip().to_canonical();
    let said: Vec<&str> = req
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    Some(behind(peer, &said, proxies))
}

/// Each proxy appends whom it saw. From the right, the first that is not ours is the caller; what stands before it
/// is the caller's own word.
fn behind(peer: IpAddr, said: &[&str], proxies: &[Network]) -> IpAddr {
    let mut caller = peer;
    for text in said.iter().rev() {
        if !proxies.iter().any(|ours| ours.contains(caller)) {
            return caller;
        }
        let Ok(before) = text.trim().parse::<IpAddr>() else {
            return caller;
        };
        caller = before.to_canonical();
    }
    caller
}

/// What attempts are counted by: an address, or the network that a provider gives to one customer.
pub fn place(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "nowhere".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_cannot_say_who_he_is() {
        let ours = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let of = |peer: &str, said: &[&str]| behind(ip(peer), said, &ours).to_string();
        assert_eq!(of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(of("10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            of("10.1.2.3", &["1.1.1.1", " 198.51.100.1", "10.9.9.9"]),
            "198.51.100.1",
            "what stands before it is the caller's own word"
        );
        assert_eq!(of("10.1.2.3", &["1.1.1.1", "nonsense"]), "10.1.2.3");
        assert_eq!(of("10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(of("fd12::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(behind(ip("10.1.2.3"), &["1.1.1.1"], &[]), ip("10.1.2.3"));
    }

    #[test]
    fn networks_are_read_and_nonsense_is_refused() {
        let network: Network = "192.0.2.128/25".parse().unwrap();
        assert!(network.contains(ip("192.0.2.200")) && !network.contains(ip("192.0.2.1")));
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains(ip("8.8.8.8")) && !all.contains(ip("::1")));
        let one: Network = "::1".parse().unwrap();
        assert!(one.contains(ip("::1")) && !one.contains(ip("::2")));
        for nonsense in ["", "10.0.0.0/33", "::/129", "host", "10.0.0.0/x"] {
            assert!(nonsense.parse::<Network>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_customers_many_addresses_are_one_place() {
        assert_eq!(
            place(Some(ip("2001:db8:1:2:aaaa::1"))),
            place(Some(ip("2001:db8:1:2::9")))
        );
        assert_ne!(
            place(Some(ip("2001:db8:1:3::1"))),
            place(Some(ip("2001:db8:1:2::1")))
        );
        assert_eq!(place(Some(ip("192.0.2.7"))), "192.0.2.7");
    }
}
