//! Statements that are planned once per connection.

use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use tracker::db::statement::statement;

use crate::app::Copy;

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[test]
fn a_statement_is_prepared_once_and_its_values_keep_their_places() {
    let copy = Copy::make();
    let conn = &mut copy.admin();
    for times in 1..=3 {
        let text =
            "SELECT count(*) * $1 AS count FROM unnest($3) AS word WHERE word = $2 AND $4 IS NULL";
        let answer: Answer = statement(text)
            .bind::<BigInt, _>(times)
            .bind::<Text, _>("a")
            .bind::<Array<Text>, _>(vec!["a", "b", "a"])
            .bind::<Nullable<Text>, _>(None::<&str>)
            .get_result(conn)
            .unwrap();
        assert_eq!(answer.count, 2 * times);
    }
    let prepared =
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%unnest($3)%'";
    assert_eq!(
        sql_query(prepared)
            .get_result::<Answer>(conn)
            .unwrap()
            .count,
        1
    );
}
