//! A net is proven only by cutting it. Each mutant cuts one, in the database or in the code, and something must turn red;
//! or, where two nets hold the same, the other one must hold alone. `make mutants` tries all of them, every test run a
//! sample of those that need no build of their own.

#[cfg(feature = "mutants")]
mod code;
mod filters;
mod functions;
mod sql;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use serde_json::json;

use crate::app::{Copy, report};
use crate::matrix::world::World;
use crate::matrix::{self, Plan};

/// A cut in the database.
pub struct Mutant {
    pub name: String,
    pub kind: String,
    /// The table it is about.
    pub relation: String,
    pub cut: String,
}

/// What was cut, and what nothing noticed.
#[derive(Default)]
struct Tally {
    total: usize,
    survivors: Vec<String>,
    /// Per kind: cut, noticed by the lint, noticed by what a role sees.
    kinds: BTreeMap<String, [usize; 3]>,
}

impl Tally {
    fn count(&mut self, name: &str, killed: bool) {
        self.total += 1;
        if !killed {
            self.survivors.push(name.to_owned());
        }
    }

    fn sql(&mut self, world: &World, mutants: &[Mutant]) {
        for mutant in mutants {
            let noticed = sql::noticed(world, mutant);
            self.count(&mutant.name, noticed.by_lint || noticed.by_rows);
            let kind = self.kinds.entry(mutant.kind.clone()).or_default();
            kind[0] += 1;
            kind[1] += usize::from(noticed.by_lint);
            kind[2] += usize::from(noticed.by_rows);
        }
    }

    fn say(&self, started: Instant) {
        for (kind, [cut, by_lint, by_rows]) in &self.kinds {
            println!(
                "{kind}: {cut} cut, {by_lint} noticed by the lint, {by_rows} by what roles see"
            );
        }
        let (total, killed) = (self.total, self.total - self.survivors.len());
        println!(
            "mutants: {killed} of {total} killed, {:.0} s",
            started.elapsed().as_secs_f64()
        );
        for survivor in &self.survivors {
            println!("  survived: {survivor}");
        }
    }
}

/// Every operation with ids as they are meant to be written.
const BRIEF: Plan = Plan {
    all_forms: false,
    ..Plan::WHOLE
};

/// With every filter by company answering true, the policies still hold alone.
async fn filters_answer_true() -> bool {
    let copy = Copy::make();
    filters::answer_true(&copy);
    let outcome = matrix::run(Rc::new(World::make(copy).await), BRIEF).await;
    for finding in outcome.findings.iter().take(20) {
        println!("with filters that answer true: {finding}");
    }
    outcome.findings.is_empty()
}

/// Everything is tried where the build can cut nets of the code too; else one in so many of the cuts in the database.
const WHOLE: bool = cfg!(feature = "mutants");
const ONE_IN: usize = if WHOLE { 1 } else { 12 };

#[actix_web::test]
async fn cut_nets_are_noticed() {
    let (started, mut tally) = (Instant::now(), Tally::default());
    let world = World::make(Copy::make()).await;
    for relation in sql::relations(&world) {
        assert!(
            sql::is_whole(&world, &relation),
            "{relation} is red before anything was cut"
        );
    }
    let cuts: Vec<_> = sql::mutants(&world).into_iter().step_by(ONE_IN).collect();
    tally.sql(&world, &cuts);
    let holds = filters_answer_true().await;
    tally.count("every filter by company answers true", holds);
    if WHOLE {
        for function in functions::MUTANTS {
            tally.count(function.name, functions::is_noticed(function).await);
        }
        let leaks = filters::leak_without_policies().await;
        tally.count("filters answer true, and policies are off", leaks);
    }
    #[cfg(feature = "mutants")]
    code::cut_all(&mut tally).await;
    tally.say(started);
    let figures = json!({ "killed": tally.total - tally.survivors.len(), "total": tally.total, "survivors": tally.survivors,
        "kinds": tally.kinds, "seconds": started.elapsed().as_secs() });
    report(if WHOLE { "mutants" } else { "mutants-sample" }, &figures);
    assert_eq!(tally.survivors, Vec::<String>::new());
    let least = if WHOLE { 300 } else { 20 };
    assert!(tally.total > least, "only {} nets were cut", tally.total);
}
