//! Text from outside, as types that check themselves when they are read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// An e-mail address (RFC 5321's dot-string and host), lower-cased. Whether it exists only a mail can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(
    value_type = String,
    format = Email,
    min_length = 3,
    max_length = 254,
    pattern = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$",
    example = "ada@acme.test"
)]
pub struct Email(pub String);

impl TryFrom<String> for Email {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.to_ascii_lowercase();
        let in_label = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(in_label)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let in_atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b);
        let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(in_atom);
        let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
            local.len() <= 64 && local.split('.').all(is_atom) && domain.split('.').all(is_label)
        });
        match well_formed && text.len() <= 254 {
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
        match (12..=256).contains(&text.chars().count()) {
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
        if text.chars().count() <= 256 {
            Ok(Self(text))
        } else {
            Err("password_length: A password has at most 256 characters")
        }
    }
}

/// Six digits of an authenticator app, or a recovery code however it is typed.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 6, max_length = 40, pattern = "^[0-9A-Za-z -]*$", example = "123456")]
pub struct Code(pub String);

impl TryFrom<String> for Code {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_clean = |c: char| c.is_ascii_alphanumeric() || " -".contains(c);
        match (6..=40).contains(&text.len()) && text.chars().all(is_clean) {
            true => Ok(Self(text)),
            false => Err("code_malformed: A code is six digits, or a recovery code"),
        }
    }
}

/// One line of text for people, trimmed: names, reasons, what is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line<const MAX: usize>(pub String);

/// Something to see, and no control character anywhere: what `Deserialize` asks for, in the document's words.
const ONE_LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";

impl<const MAX: usize> PartialSchema for Line<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(ONE_LINE))
            .into()
    }
}

/// Each length is a type of its own, with a name of its own in the document.
impl<const MAX: usize> ToSchema for Line<MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Line{MAX}"))
    }
}

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

/// Text of several lines for people, trimmed: notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paragraphs<const MAX: usize>(pub String);

/// Something to see, and no control character but the ends of lines.
const LINES: &str = r"^[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";

impl<const MAX: usize> PartialSchema for Paragraphs<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(LINES))
            .into()
    }
}

impl<const MAX: usize> ToSchema for Paragraphs<MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Paragraphs{MAX}"))
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Paragraphs<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.replace("\r\n", "\n");
        let text = text.replace('\r', "\n").trim().to_owned();
        let fits = (1..=MAX).contains(&text.chars().count())
            && !text.chars().any(|c| c.is_control() && c != '\n');
        if fits {
            return Ok(Self(text));
        }
        Err(serde::de::Error::custom(format!(
            "text_length: 1 to {MAX} characters are wanted"
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
            Email::try_from("Ada@Acme.TEST".to_owned()).unwrap().0,
            "ada@acme.test"
        );
        for nonsense in [
            "",
            "ada",
            "@x",
            "a@",
            "a@b@c",
            "a b@c.d",
            ".a@b.c",
            "a..b@c.d",
            &format!("{}@x.y", "a".repeat(65)),
            " a@b.c",
            "a@.d",
            "a@d.",
            "a@-d",
            "ä@b.c",
            "a@ä",
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
