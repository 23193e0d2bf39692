//! Text from outside, as types that check themselves when they are read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An e-mail address, lower-cased. Whether it exists only a mail can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Email, min_length = 3, max_length = 254, example = "ada@acme.test")]
pub struct Email(pub String);

impl TryFrom<String> for Email {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.trim().to_lowercase();
        let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        });
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        match well_formed && clean && text.len() <= 254 {
            true => Ok(Self(text)),
            false => Err(
                "email_invalid: An e-mail address looks like name@host and has at most 254 characters",
            ),
        }
    }
}

/// A new password: length is the rule (ASVS 6.2), not composition.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
pub struct NewPassword(pub String);

impl TryFrom<String> for NewPassword {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.chars().count() >= 12 && text.len() <= 256 && !text.contains('\0') {
            true => Ok(Self(text)),
            false => Err("password_length: A password has 12 to 256 characters"),
        }
    }
}

/// A password that is to be checked.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Password, max_length = 256)]
pub struct Password(pub String);

impl TryFrom<String> for Password {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() <= 256 {
            Ok(Self(text))
        } else {
            Err("password_length: A password has at most 256 characters")
        }
    }
}

/// One line of text for people, trimmed: names, reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, min_length = 1)]
pub struct Line<const MAX: usize>(pub String);

impl<'de, const MAX: usize> Deserialize<'de> for Line<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.trim().to_owned();
        let fits = (1..=MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits {
            return Ok(Self(text));
        }
        Err(serde::de::Error::custom(format!(
            "text_length: One line of 1 to {MAX} characters is wanted"
        )))
    }
}

/// An IANA time zone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 64, example = "Europe/Berlin")]
pub struct TimeZone(pub String);

impl TryFrom<String> for TimeZone {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.parse::<chrono_tz::Tz>() {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(
                "time_zone_unknown: A time zone of the IANA list is wanted, such as Europe/Berlin",
            ),
        }
    }
}

/// A pattern that finds the text anywhere, whatever characters it holds.
pub fn like(text: &str) -> String {
    let text = text.trim().to_lowercase().replace('\0', "");
    format!(
        "%{}%",
        text.replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lower_cased_and_nonsense_is_refused() {
        assert_eq!(
            Email::try_from(" Ada@Acme.TEST ".to_owned()).unwrap().0,
            "ada@acme.test"
        );
        for nonsense in [
            "",
            "ada",
            "@x",
            "a@",
            "a@b@c",
            "a b@c.d",
            "a@.d",
            &format!("{}@x.y", "a".repeat(260)),
        ] {
            assert!(Email::try_from(nonsense.to_owned()).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_line_is_bounded_and_has_no_control_characters() {
        assert_eq!(
            serde_json::from_str::<Line<5>>("\" abc \"").unwrap().0,
            "abc"
        );
        for bad in ["\"\"", "\"abcdef\"", "\"a\\nb\"", "\"a\\u0000\""] {
            assert!(serde_json::from_str::<Line<5>>(bad).is_err(), "{bad}");
        }
    }
}
