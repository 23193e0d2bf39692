//! Codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds) and the codes for when it is lost.

use aws_lc_rs::{constant_time, hmac};
use chrono::{DateTime, Utc};

use crate::secrets::{random, sha256};

const STEP_SECONDS: i64 = 30;
/// A clock that is half a minute off still works.
const DRIFT: i64 = 1;
/// RFC 4226: as long as the hash.
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// 120 bits.
const RECOVERY_BYTES: usize = 15;

pub fn new_secret() -> anyhow::Result<[u8; SECRET_BYTES]> {
    random()
}

/// The step whose code this is, of those around now.
pub fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let step = now.timestamp() / STEP_SECONDS;
    let around = step - DRIFT..=step + DRIFT;
    around.rev().find(|step| {
        let right = code_at(secret, *step);
        constant_time::verify_slices_are_equal(right.as_bytes(), code.as_bytes()).is_ok()
    })
}

pub fn code_at(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// What authenticator apps read: by hand, and as a picture.
pub fn uri(secret: &[u8], email: &str) -> String {
    let label = percent_encode(email);
    let secret = base32(secret);
    format!(
        "otpauth://totp/Tracker:{label}?secret={secret}&issuer=Tracker&algorithm=SHA1&digits=6&period=30"
    )
}

/// Ten codes to write down, and what is kept of them: so long that a hash without salt is enough.
pub fn new_recovery_codes() -> anyhow::Result<Vec<(String, [u8; 32])>> {
    let make = |_| {
        let text = base32(&random::<RECOVERY_BYTES>()?).to_lowercase();
        let hash = sha256(text.as_bytes());
        let groups: Vec<&str> = (0..text.len())
            .step_by(4)
            .map(|at| &text[at..at + 4])
            .collect();
        Ok((groups.join("-"), hash))
    };
    (0..RECOVERY_CODES).map(make).collect()
}

/// However people type it.
pub fn recovery_hash(code: &str) -> [u8; 32] {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    sha256(plain.to_lowercase().as_bytes())
}

pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let groups = bytes.chunks(5).map(|chunk| {
        let mut five = [0; 8];
        five[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(five);
        let letters = (chunk.len() * 8).div_ceil(5);
        (0..letters)
            .map(|at| char::from(LETTERS[(bits >> (35 - 5 * at)) as usize & 31]))
            .collect::<String>()
    });
    groups.collect()
}

fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of its eight digits.
        let secret = b"12345678901234567890";
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(secret, time / 30), code);
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_late() {
        let now = DateTime::from_timestamp(1_234_567_890, 0).unwrap();
        let step = 1_234_567_890 / 30;
        let secret = new_secret().unwrap();
        for off in -1..=1 {
            let code = code_at(&secret, step + off);
            assert_eq!(step_of(&secret, &code, now), Some(step + off));
        }
        assert_eq!(step_of(&secret, &code_at(&secret, step + 2), now), None);
        assert_eq!(step_of(&secret, "", now), None);
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        // RFC 4648, without padding, as authenticator apps want it.
        for (bytes, text) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foob", "MZXW6YQ"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_recovery_code_may_be_typed_in_any_way() {
        let codes = new_recovery_codes().unwrap();
        assert_eq!(codes.len(), 10);
        let (code, hash) = &codes[0];
        assert_eq!(code.len(), 29);
        assert_eq!(recovery_hash(code), *hash);
        let typed = code.replace('-', " ").to_uppercase();
        assert_eq!(recovery_hash(&typed), *hash);
        assert_ne!(recovery_hash(&codes[1].0), *hash);
    }
}
