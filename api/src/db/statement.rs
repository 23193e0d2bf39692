//! Statements that are planned once per connection. diesel plans the text of `sql_query` anew each time, which for a
//! small statement costs more than running it; for those of every upload that is most of the price.

use std::marker::PhantomData;

use diesel::PgConnection;
use diesel::expression::expression_types::Untyped;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;

/// A text with its own `$1`, `$2` …, each bound once, in their order.
pub struct Statement<B> {
    text: &'static str,
    binds: B,
}

pub struct Bound<B, V, ST> {
    before: B,
    value: V,
    kind: PhantomData<ST>,
}

/// Only for texts of this program, which are few: each connection keeps every one of them.
pub fn statement(text: &'static str) -> Statement<()> {
    Statement { text, binds: () }
}

impl<B> Statement<B> {
    pub fn bind<ST, V>(self, value: V) -> Statement<Bound<B, V, ST>> {
        Statement {
            text: self.text,
            binds: Bound {
                before: self.binds,
                value,
                kind: PhantomData,
            },
        }
    }
}

impl<B: QueryFragment<Pg>> QueryFragment<Pg> for Statement<B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.text);
        // diesel writes a placeholder where a value is bound. The text has its own; these end as a comment.
        out.push_sql(" -- ");
        self.binds.walk_ast(out)
    }
}

impl<B, V, ST> QueryFragment<Pg> for Bound<B, V, ST>
where
    B: QueryFragment<Pg>,
    V: ToSql<ST, Pg>,
    Pg: HasSqlType<ST>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_bind_param(&self.value)
    }
}

impl<B> QueryId for Statement<B> {
    type QueryId = ();
    /// Its text tells it apart.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B> Query for Statement<B> {
    type SqlType = Untyped;
}

impl<B> diesel::RunQueryDsl<PgConnection> for Statement<B> {}
