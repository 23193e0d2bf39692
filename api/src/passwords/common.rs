//! What guessers try first: passwords that many people had when others were breached, the same with something around
//! them, runs of the keyboard, and what the company, the person and this product are called.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The most frequent of the breached, all in lower case: words that decoration is put around, and whole passwords of
/// twelve characters and more.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common.txt").lines().collect());

const ROWS: [&str; 5] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
];
/// Words of the product are no secret either.
const OURS: [&str; 3] = ["tracker", "employee", "progress"];
/// What must remain of a password once the words everybody there knows are taken out.
const OWN: usize = 6;

/// Whether somebody who knows the company's and the person's name would guess it early.
pub fn is_common(password: &str, names: &[&str]) -> bool {
    let plain = password.to_lowercase();
    let unfolded: String = plain.chars().map(letter).collect();
    let letters = plain.trim_matches(|c: char| !c.is_alphabetic());
    let bare: String = letters.chars().map(letter).collect();
    [&plain, &unfolded, letters, &bare]
        .iter()
        .any(|text| COMMON.contains(*text) || is_repeated(text))
        || is_run(&plain)
        || plain.chars().collect::<HashSet<_>>().len() < 5
        || [&plain, &unfolded].iter().any(|text| is_named(text, names))
}

/// What a digit or a sign stands for where people put it into a word.
fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    }
}

/// One common password over and over, or a few characters that come again and again.
fn is_repeated(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=chars.len() / 2).any(|unit| {
        let repeats = (unit..chars.len()).all(|at| chars[at] == chars[at - unit]);
        let word: String = chars[..unit].iter().collect();
        repeats && (unit <= 4 || COMMON.contains(word.as_str()))
    })
}

/// Three of four steps go along a row of keys or the alphabet, or stay where they are.
fn is_run(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let steps = chars.windows(2).filter(|pair| is_step(pair[0], pair[1]));
    steps.count() * 4 >= chars.len().saturating_sub(1) * 3
}

fn is_step(a: char, b: char) -> bool {
    let next = |row: &str| match (row.find(a), row.find(b)) {
        (Some(a), Some(b)) => a.abs_diff(b) == 1,
        _ => false,
    };
    a == b || ROWS.iter().any(|row| next(row))
}

/// Hardly anything but names: the company's, the person's, the product's.
fn is_named(text: &str, names: &[&str]) -> bool {
    let names = names.iter().map(|name| name.to_lowercase());
    let mut rest = text.to_owned();
    let mut found = false;
    let words = names.flat_map(|name| {
        let words = name.split(|c: char| !c.is_alphanumeric());
        words.map(str::to_owned).collect::<Vec<_>>()
    });
    for word in words.chain(OURS.map(str::to_owned)) {
        if word.chars().count() >= 3 && rest.contains(&word) {
            found = true;
            rest = rest.replace(&word, "");
        }
    }
    found && rest.chars().filter(|c| c.is_alphanumeric()).count() < OWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guessers_try_first_is_common() {
        for password in [
            "qwertyuiopasdf",
            "123456789012",
            "passwordpassword",
            "Password1234!",
            "p@ssw0rd2026!!",
            "!!!Dragon2026!!!",
            "abcabcabcabc",
            "aaaaaaaaaaaaaa",
            "abcdefghijklmn",
            "1q2w3e4r5t6y",
            "1234qwerasdfzxcv",
            "letmeinletmein",
        ] {
            assert!(is_common(password, &[]), "{password}");
        }
    }

    #[test]
    fn names_that_everybody_there_knows_do_not_count() {
        let names = ["Acme Widgets", "ada.brandt@acme.test", "Ada Brandt"];
        for password in [
            "AcmeWidgets2026",
            "acme-acme-acme-1",
            "Ada.Brandt.acme!",
            "@cme-Widgets-24",
            "employeetracker",
        ] {
            assert!(is_common(password, &names), "{password}");
        }
        assert!(!is_common("the acme of perfection is far", &names));
    }

    #[test]
    fn sentences_and_random_characters_pass() {
        for password in [
            "a long enough password",
            "correct horse battery staple",
            "Zp4-vmQ9-t2xK",
            "mein Hund frisst gern Birnen",
            "fünf grüne Bären tanzen",
            "demo-demo-demo",
        ] {
            assert!(
                !is_common(password, &["Acme", "ada@acme.test"]),
                "{password}"
            );
        }
    }

    #[test]
    fn the_list_is_sorted_and_long_enough() {
        let lines: Vec<&str> = include_str!("common.txt").lines().collect();
        assert!(lines.is_sorted() && lines.len() == COMMON.len());
        assert!(lines.len() > 9_000);
    }
}
