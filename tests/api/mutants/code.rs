//! Nets in the code, cut one at a time in the running server of a build that can do so. What turns red is the matrix, on
//! the operations that only read.

use std::rc::Rc;

use tracker::mutants::{Net, choose};

use super::{BRIEF, Tally};
use crate::app::Copy;
use crate::doors;
use crate::matrix::world::World;
use crate::matrix::{self, Outcome, Plan};

const READING: Plan = Plan {
    operations: |operation| {
        [
            "show_me",
            "list_employees",
            "show_employee",
            "list_plans",
            "show_timeline",
            "show_screenshot_thumbnail",
            "show_agent_settings",
        ]
        .contains(&operation.id)
    },
    ..BRIEF
};

pub async fn cut_all(tally: &mut Tally) {
    let world = Rc::new(World::make(Copy::make()).await);
    assert_eq!(read(&world).await.findings, Vec::<String>::new());
    for net in Net::ALL {
        choose(Some(net));
        let (noticed, why) = match net {
            Net::LocalSettings => {
                let left = doors::what_is_left(&world.app).await;
                (left.is_some(), left.unwrap_or_default())
            }
            _ => {
                let findings = read(&world).await.findings;
                (
                    !findings.is_empty(),
                    findings.into_iter().next().unwrap_or_default(),
                )
            }
        };
        choose(None);
        println!("{net:?}: {}", why.chars().take(160).collect::<String>());
        tally.count(&format!("code: {net:?}"), noticed);
        // Connections that a cut left in a state are not to judge the next one.
        assert!(
            net == Net::LocalSettings || read(&world).await.findings.is_empty(),
            "{net:?} left something behind"
        );
    }
}

async fn read(world: &Rc<World>) -> Outcome {
    matrix::run(world.clone(), READING).await
}
