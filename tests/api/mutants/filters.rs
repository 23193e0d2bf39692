//! Every filter by company in every statement, made to answer true at once: in one database the `=` of two ids is another
//! operator, which holds whenever one of them is the transaction's company. Policies, keys and the functions of `auth`
//! keep the real one, by which they were made. So no handler has to know of it. No index serves that operator, so statements are
//! given more time than they have in service.

use std::rc::Rc;

use diesel::connection::SimpleConnection;

use super::BRIEF;
use crate::app::Copy;
use crate::matrix;
use crate::matrix::world::World;

pub fn answer_true(copy: &Copy) {
    copy.admin()
        .batch_execute(
            "CREATE SCHEMA mutant; GRANT USAGE ON SCHEMA mutant TO PUBLIC; \
             CREATE FUNCTION mutant.same(a uuid, b uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ \
               SELECT a OPERATOR(pg_catalog.=) b OR coalesce( \
                 nullif(pg_catalog.current_setting('app.company_id', true), '')::uuid OPERATOR(pg_catalog.=) ANY (ARRAY[a, b]), false) $$; \
             GRANT EXECUTE ON FUNCTION mutant.same(uuid, uuid) TO PUBLIC; \
             CREATE OPERATOR mutant.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = mutant.same); \
             DO $$ DECLARE login text; BEGIN \
               EXECUTE format('ALTER DATABASE %I SET search_path = mutant, pg_catalog', current_database()); \
               FOREACH login IN ARRAY ARRAY['tracker_web', 'tracker_platform', 'tracker_auth'] LOOP \
                 EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = ''60s''', login, current_database()); \
               END LOOP; END $$",
        )
        .unwrap();
}

/// The proof that the operator is met at all: without policies behind it, data leaks.
pub async fn leak_without_policies() -> bool {
    let copy = Copy::make();
    answer_true(&copy);
    copy.admin()
        .batch_execute(
            "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'tenant'::regnamespace \
             AND relkind IN ('r', 'p') LOOP EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', t); END LOOP; END $$",
        )
        .unwrap();
    let outcome = matrix::run(Rc::new(World::make(copy).await), BRIEF).await;
    let leaks = outcome
        .findings
        .iter()
        .filter(|finding| finding.starts_with("leak"))
        .count();
    println!(
        "filters that answer true, without policies: {leaks} leaks in {} cases",
        outcome.cases
    );
    leaks > 0
}
