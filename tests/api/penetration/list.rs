//! The whole list: each number is tried by a test of that name, or says what will bring what it attacks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::app::report;

const NUMBERS: u32 = 67;

/// Attacks on what is not there yet.
const NOT_APPLICABLE: &[(u32, &str)] = &[
    (
        11,
        "signed addresses of pictures: pictures come through the server",
    ),
    (13, "exports"),
    (14, "webhooks"),
    (46, "changing an e-mail address"),
    (51, "sub-domains: the cookie is tied to the host"),
    (56, "webhooks"),
];

/// Tried by tests of another name and place.
const ELSEWHERE: &[(u32, &str, &str)] = &[
    (
        20,
        "tests/api/tracking/live.rs",
        "another_companys_people_are_not_followed",
    ),
    (
        39,
        "tests/api/account.rs",
        "a_refresh_token_is_replaced_and_its_reuse_ends_the_sign_in",
    ),
    (
        49,
        "tests/api/account.rs",
        "refresh_and_sign_out_need_our_header_and_our_origin",
    ),
    (
        50,
        "tests/api/headers.rs",
        "p50_only_named_origins_may_read",
    ),
    (
        64,
        "tests/api/limits.rs",
        "a_company_that_asks_too_much_takes_nothing_from_another",
    ),
    (
        67,
        "agent/tests/commands.rs",
        "a_login_of_somebody_else_does_not_send_what_waits_in_their_name",
    ),
];

/// The numbers of tests named `p07_…` in a file.
fn numbers(text: &str) -> impl Iterator<Item = u32> {
    text.split("fn p").skip(1).filter_map(|rest| {
        let (number, name) = rest.split_at_checked(2)?;
        name.starts_with('_').then(|| number.parse().ok())?
    })
}

#[test]
fn every_number_of_the_list_is_tried_or_says_what_it_waits_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut tests: BTreeMap<u32, usize> = BTreeMap::new();
    for entry in fs::read_dir(root.join("tests/api/penetration")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        numbers(&text).for_each(|number| *tests.entry(number).or_default() += 1);
    }
    for (number, file, name) in ELSEWHERE {
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(&format!("fn {name}(")), "{file}: {name}");
        *tests.entry(*number).or_default() += 1;
    }
    let waiting: BTreeMap<u32, &str> = NOT_APPLICABLE.iter().copied().collect();
    let missing: Vec<u32> = (1..=NUMBERS)
        .filter(|number| tests.contains_key(number) == waiting.contains_key(number))
        .collect();
    report(
        "penetration",
        &json!({
            "total": NUMBERS,
            "passed": tests.len(),
            "tests": tests.values().sum::<usize>(),
            "not_applicable": waiting.len(),
        }),
    );
    assert!(missing.is_empty(), "neither or both: {missing:?}");
}
