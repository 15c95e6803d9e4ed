//! Inserts and updates that one transaction runs a thousand times. Their text follows from their type, so that each is
//! prepared once and found again by it. diesel's own are made for any text: it prepares updates anew each time, and puts
//! the text of an insert together to look it up. Where a condition's text depends on a value, as that of `eq_any` does,
//! the type says so ([`QueryId::HAS_STATIC_QUERY_ID`]), and the statement is made anew each time here, too.
//!
//! ```text
//! let line = fields(dsl::decisions).set(dsl::version, 2).set(dsl::granted, amount);
//! on_each!(tx, own => line.update(dsl::co_funder_id.eq(co_funder)).execute(own))?;
//! ```

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, AsExpression};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, SqlType};
use diesel::sqlite::Sqlite;

use super::DbConnection;

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
        T::Expression: AppearsOnTable<Table>,
    {
        let set = And { before: self.set, field: PhantomData, value: value.as_expression() };
        Fields { table: PhantomData, set }
    }

    /// Changes the rows for which `only` is true.
    pub fn update<Only>(self, only: Only) -> Update<Table, Set, Only>
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

impl<Before: QueryId, Field: QueryId, Value: QueryId> QueryId for And<Before, Field, Value> {
    type QueryId = And<Before::QueryId, Field::QueryId, Value::QueryId>;
    const HAS_STATIC_QUERY_ID: bool =
        Before::HAS_STATIC_QUERY_ID && Field::HAS_STATIC_QUERY_ID && Value::HAS_STATIC_QUERY_ID;
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
pub trait OnEach: Columns<Sqlite> + Columns<Pg> + QueryId {}

impl<Set: Columns<Sqlite> + Columns<Pg> + QueryId> OnEach for Set {}

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

/// Rows to be added: so many that their number is part of the type, as of the text.
#[derive(Debug)]
pub struct Insert<Table: QuerySource, Set, const ROWS: usize> {
    table: Table::FromClause,
    sets: [Set; ROWS],
}

impl<Table, Set, const ROWS: usize> QueryId for Insert<Table, Set, ROWS>
where
    Table: QuerySource + QueryId + 'static,
    Set: QueryId,
{
    type QueryId = Insert<Table, Set::QueryId, ROWS>;
    const HAS_STATIC_QUERY_ID: bool = Table::HAS_STATIC_QUERY_ID && Set::HAS_STATIC_QUERY_ID;
}

impl<DB, Table, Set, const ROWS: usize> QueryFragment<DB> for Insert<Table, Set, ROWS>
where
    DB: Backend,
    Table: QuerySource,
    Table::FromClause: QueryFragment<DB>,
    Set: Columns<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" (");
        Set::names(&mut out)?;
        out.push_sql(") VALUES ");
        for (place, set) in self.sets.iter().enumerate() {
            out.push_sql(if place == 0 { "(" } else { "), (" });
            set.values(&mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<Table: QuerySource, Set, Connection, const ROWS: usize> RunQueryDsl<Connection>
    for Insert<Table, Set, ROWS>
{
}

/// Adds rows, in their order. To PostgreSQL each statement is a way there and back, so that it is given many at once:
/// fifty, then seven, then those left, which is thirteen statements for 49 rows.
pub fn insert_all<Table, Set>(tx: &mut DbConnection, rows: Vec<Fields<Table, Set>>) -> QueryResult<()>
where
    Table: QuerySource + QueryId + Default + 'static,
    Table::FromClause: QueryFragment<Sqlite> + QueryFragment<Pg>,
    Set: OnEach,
{
    match tx {
        DbConnection::Sqlite(own) => insert_singly(own, rows),
        DbConnection::Postgres(own) => {
            let rows = insert_by::<50, _, _>(own, rows)?;
            let rows = insert_by::<7, _, _>(own, rows)?;
            insert_singly(own, rows)
        }
    }
}

fn insert_singly<Own, Table, Set>(own: &mut Own, rows: Vec<Fields<Table, Set>>) -> QueryResult<()>
where
    Own: Connection,
    Table: QuerySource + Default,
    Insert<Table, Set, 1>: ExecuteDsl<Own>,
{
    rows.into_iter().try_for_each(|row| insert([row]).execute(own).map(drop))
}

/// Adds rows, so many to a statement; answers the rest, too few for one more.
fn insert_by<const ROWS: usize, Table, Set>(
    own: &mut PgConnection,
    rows: Vec<Fields<Table, Set>>,
) -> QueryResult<Vec<Fields<Table, Set>>>
where
    Table: QuerySource + Default,
    Insert<Table, Set, ROWS>: ExecuteDsl<PgConnection>,
{
    let mut rows = rows.into_iter();
    loop {
        match <[Fields<Table, Set>; ROWS]>::try_from(rows.by_ref().take(ROWS).collect::<Vec<_>>()) {
            Ok(many) => insert(many).execute(own)?,
            Err(few) => return Ok(few),
        };
    }
}

fn insert<Table, Set, const ROWS: usize>(rows: [Fields<Table, Set>; ROWS]) -> Insert<Table, Set, ROWS>
where
    Table: QuerySource + Default,
{
    Insert { table: Table::default().from_clause(), sets: rows.map(|row| row.set) }
}

/// How a database is told to change rows.
pub trait Updates {
    const UPDATE: &'static str;
}

impl Updates for Sqlite {
    // FAIL journals nothing and leaves the rows before the one that is refused changed: whoever updates must hand the error
    // on, so that its whole command is undone.
    const UPDATE: &'static str = "UPDATE OR FAIL ";
}

impl Updates for Pg {
    const UPDATE: &'static str = "UPDATE ";
}

/// Rows to be changed.
#[derive(Debug)]
pub struct Update<Table: QuerySource, Set, Only> {
    table: Table::FromClause,
    set: Set,
    only: Only,
}

impl<Table, Set, Only> QueryId for Update<Table, Set, Only>
where
    Table: QuerySource + QueryId + 'static,
    Set: QueryId,
    Only: QueryId,
{
    type QueryId = Update<Table, Set::QueryId, Only::QueryId>;
    const HAS_STATIC_QUERY_ID: bool =
        Table::HAS_STATIC_QUERY_ID && Set::HAS_STATIC_QUERY_ID && Only::HAS_STATIC_QUERY_ID;
}

impl<DB, Table, Set, Only> QueryFragment<DB> for Update<Table, Set, Only>
where
    DB: Backend + Updates,
    Table: QuerySource,
    Table::FromClause: QueryFragment<DB>,
    Set: Columns<DB>,
    Only: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(DB::UPDATE);
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.set.assignments(&mut out)?;
        out.push_sql(" WHERE ");
        self.only.walk_ast(out)
    }
}

impl<Table: QuerySource, Set, Only, Connection> RunQueryDsl<Connection> for Update<Table, Set, Only> {}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use diesel::debug_query;

    use super::*;
    use crate::db::schema::applications::dsl;
    use crate::types::AnyId;

    const ID: AnyId = AnyId::FIRST;

    fn id<Q: QueryId>(_: &Q) -> Option<TypeId> {
        Q::query_id()
    }

    #[test]
    fn a_statement_is_known_by_what_it_says_not_by_its_values() {
        let draft =
            |number: &'static str| fields(dsl::applications).set(dsl::id, ID).set(dsl::number, number);
        let one = insert([draft("1")]);
        let text = debug_query::<Sqlite, _>(&one).to_string();
        assert!(text.starts_with("INSERT INTO `applications` (`id`, `number`) VALUES (?, ?)"), "{text}");
        let several = insert([draft("1"), draft("2")]);
        let text = debug_query::<Pg, _>(&several).to_string();
        let wanted = "INSERT INTO \"applications\" (\"id\", \"number\") VALUES ($1, $2), ($3, $4)";
        assert!(text.starts_with(wanted), "{text}");
        let update = draft("1").set(dsl::version, dsl::version + 1).update(dsl::id.eq(ID));
        let text = debug_query::<Pg, _>(&update).to_string();
        let wanted = "UPDATE \"applications\" SET \"id\" = $1, \"number\" = $2, \
                      \"version\" = (\"applications\".\"version\" + $3) WHERE (\"applications\".\"id\" = $4)";
        assert!(text.starts_with(wanted), "{text}");
        let others = [
            id(&draft("1").update(dsl::id.eq(ID))),
            id(&draft("1").update(dsl::call_id.eq(ID))),
            id(&insert([fields(dsl::applications).set(dsl::id, ID)])),
            id(&insert([fields(dsl::applications).set(dsl::number, "1").set(dsl::id, ID)])),
            id(&update),
            id(&several),
        ];
        assert!(id(&one).is_some() && id(&one) == id(&insert([draft("2")])));
        assert!(others.iter().all(|other| other.is_some() && *other != id(&one)), "{others:?}");
        let those = [ID, ID];
        assert!(
            id(&draft("1").update(dsl::id.eq_any(&those))).is_none(),
            "its text follows the number of ids"
        );
    }
}
