//! Inserts and updates that one transaction runs a thousand times. Their text never varies, so that each is prepared once
//! and found again by its place in the code. diesel's own are made for any text: it prepares updates anew each time, and
//! walks through the columns of an insert six times.
//!
//! ```text
//! let line = fields(dsl::decisions).set(dsl::version, 2).set(dsl::granted, amount);
//! steady!(tx, line.update(dsl::co_funder_id.eq(own)))?;
//! ```

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, AsExpression};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, SqlType};
use diesel::sqlite::Sqlite;

/// A statement, and the place in the code where it is made.
#[derive(Debug)]
pub struct Steady<Place, Q> {
    statement: Q,
    place: PhantomData<fn() -> Place>,
}

impl<Place, Q> Steady<Place, Q> {
    pub const fn new(statement: Q) -> Self {
        Self { statement, place: PhantomData }
    }
}

impl<Place: 'static, Q> QueryId for Steady<Place, Q> {
    type QueryId = Steady<Place, ()>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB: Backend, Place, Q: QueryFragment<DB>> QueryFragment<DB> for Steady<Place, Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }
}

impl<Place, Q, Connection> RunQueryDsl<Connection> for Steady<Place, Q> {}

/// Executes an insert or an update of [`fields`](crate::db::fields), and answers how many rows it touched.
#[macro_export]
macro_rules! steady {
    ($connection:expr, $statement:expr) => {{
        enum Here {}
        let steady = $crate::db::Steady::<Here, _>::new($statement);
        $crate::on_each!($connection, own => diesel::RunQueryDsl::execute(steady, own))
    }};
}

/// Columns of a table, and what they are set to.
#[derive(Debug)]
pub struct Fields<Table, Set> {
    table: PhantomData<Table>,
    set: Set,
}

/// No columns of this table yet.
pub fn fields<Table>(_: Table) -> Fields<Table, ()> {
    Fields { table: PhantomData, set: () }
}

impl<Table, Set> Fields<Table, Set> {
    pub fn set<Field, T>(self, _: Field, value: T) -> Fields<Table, And<Set, Field, T::Expression>>
    where
        Field: Column<Table = Table>,
        Field::SqlType: SqlType,
        T: AsExpression<Field::SqlType>,
    {
        let set = And { before: self.set, field: PhantomData, value: value.as_expression() };
        Fields { table: PhantomData, set }
    }

    /// Adds a row that has these.
    pub fn insert(self) -> Insert<Table::FromClause, Set>
    where
        Table: QuerySource + Default,
    {
        Insert { table: Table::default().from_clause(), set: self.set }
    }

    /// Changes the rows for which `only` is true.
    pub fn update<Only>(self, only: Only) -> Update<Table::FromClause, Set, Only>
    where
        Table: QuerySource + Default,
        Only: Expression<SqlType = Bool> + AppearsOnTable<Table>,
    {
        Update { table: Table::default().from_clause(), set: self.set, only }
    }
}

/// One more column, after others.
#[derive(Debug)]
pub struct And<Before, Field, Value> {
    before: Before,
    field: PhantomData<Field>,
    value: Value,
}

/// What statements say of columns.
pub trait Columns<DB: Backend> {
    const NONE: bool;
    /// `a, b`
    fn names(out: &mut AstPass<'_, '_, DB>) -> QueryResult<()>;
    /// `?, ?`
    fn values<'b>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>;
    /// `a = ?, b = ?`
    fn assignments<'b>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

/// Columns that statements on both databases can set.
pub trait OnEach: Columns<Sqlite> + Columns<Pg> {}

impl<Set: Columns<Sqlite> + Columns<Pg>> OnEach for Set {}

impl<DB: Backend> Columns<DB> for () {
    const NONE: bool = true;

    fn names(_: &mut AstPass<'_, '_, DB>) -> QueryResult<()> {
        Ok(())
    }

    fn values<'b>(&'b self, _: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        Ok(())
    }

    fn assignments<'b>(&'b self, _: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        Ok(())
    }
}

impl<DB, Before, Field, Value> Columns<DB> for And<Before, Field, Value>
where
    DB: Backend,
    Before: Columns<DB>,
    Field: Column,
    Value: QueryFragment<DB>,
{
    const NONE: bool = false;

    fn names(out: &mut AstPass<'_, '_, DB>) -> QueryResult<()> {
        Before::names(out)?;
        if !Before::NONE {
            out.push_sql(", ");
        }
        out.push_identifier(Field::NAME)
    }

    fn values<'b>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.before.values(out)?;
        if !Before::NONE {
            out.push_sql(", ");
        }
        self.value.walk_ast(out.reborrow())
    }

    fn assignments<'b>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.before.assignments(out)?;
        if !Before::NONE {
            out.push_sql(", ");
        }
        out.push_identifier(Field::NAME)?;
        out.push_sql(" = ");
        self.value.walk_ast(out.reborrow())
    }
}

/// A row to be added.
#[derive(Debug)]
pub struct Insert<Table, Set> {
    table: Table,
    set: Set,
}

impl<DB: Backend, Table: QueryFragment<DB>, Set: Columns<DB>> QueryFragment<DB> for Insert<Table, Set> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" (");
        Set::names(&mut out)?;
        out.push_sql(") VALUES (");
        self.set.values(&mut out)?;
        out.push_sql(")");
        Ok(())
    }
}

/// Rows to be changed.
#[derive(Debug)]
pub struct Update<Table, Set, Only> {
    table: Table,
    set: Set,
    only: Only,
}

impl<DB, Table, Set, Only> QueryFragment<DB> for Update<Table, Set, Only>
where
    DB: Backend,
    Table: QueryFragment<DB>,
    Set: Columns<DB>,
    Only: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.set.assignments(&mut out)?;
        out.push_sql(" WHERE ");
        self.only.walk_ast(out)
    }
}
