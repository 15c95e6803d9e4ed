//! One connection type over two databases, and how a transaction begins on each.

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::result::QueryResult;

use crate::error::{Code, Error, Result};

/// A connection to the database chosen at start.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    Sqlite(diesel::SqliteConnection),
    Postgres(diesel::PgConnection),
}

/// What a query is written for that is to run on either.
pub type Backend = <DbConnection as Connection>::Backend;

/// A query that is run a thousand times in one transaction, written once and compiled for each database by itself: through
/// the enum, its text would be put together anew each time.
#[macro_export]
macro_rules! on_each {
    ($connection:expr, $own:ident => $query:expr) => {
        match $connection {
            $crate::db::DbConnection::Sqlite($own) => $query,
            $crate::db::DbConnection::Postgres($own) => $query,
        }
    };
}

/// Changes, for each of `$ids`, the one row whose `$column` is it (and for which `$and` holds). Fails like [`changed_once`]
/// unless exactly as many rows have changed. One is changed by a statement that is kept; for several, whose text follows
/// their number, it is made anew.
#[macro_export]
macro_rules! update_those {
    ($connection:expr, $fields:expr, $column:expr, $ids:expr $(, $and:expr)?) => {{
        let rows = match $ids {
            [one] => {
                $crate::on_each!($connection, own => $fields.update($column.eq(*one)$(.and($and))?).execute(own))
            }
            several => {
                $crate::on_each!($connection, own => $fields.update($column.eq_any(several)$(.and($and))?).execute(own))
            }
        };
        rows.map_err($crate::error::Error::from).and_then(|rows| $crate::db::changed_all($ids.len(), rows))
    }};
}

/// What a transaction is for.
#[derive(Clone, Copy)]
pub enum Begin {
    /// Reads that agree with each other.
    Snapshot,
    /// Changes. SQLite takes its write lock at once: a deferred transaction that later wants it fails under
    /// contention whatever the busy timeout.
    Write,
}

fn begin(connection: &mut DbConnection, purpose: Begin) -> QueryResult<()> {
    match (connection, purpose) {
        (DbConnection::Sqlite(sqlite), Begin::Snapshot) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN")
        }
        (DbConnection::Sqlite(sqlite), Begin::Write) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")
        }
        (DbConnection::Postgres(postgres), Begin::Snapshot) => AnsiTransactionManager::begin_transaction_sql(
            postgres,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
        (DbConnection::Postgres(postgres), Begin::Write) => {
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN ISOLATION LEVEL READ COMMITTED")
        }
    }
}

/// Runs `work` in a transaction of its own: commits when it answers `Ok`, rolls back otherwise.
pub fn transaction<R>(
    connection: &mut DbConnection,
    purpose: Begin,
    work: impl FnOnce(&mut DbConnection) -> Result<R>,
) -> Result<R> {
    begin(connection, purpose)?;
    match work(connection) {
        Ok(answer) => {
            <DbConnection as Connection>::TransactionManager::commit_transaction(connection)?;
            Ok(answer)
        }
        Err(error) => {
            // The refusal is what the caller must hear; a connection whose rollback fails is discarded by the pool.
            if let Err(cause) =
                <DbConnection as Connection>::TransactionManager::rollback_transaction(connection)
            {
                log::warn!("rollback failed: {cause}");
            }
            Err(error)
        }
    }
}

/// An update of one version of a row found that version, or somebody was faster: the command is run again, and judges
/// by what is there now. Where no second run is left, that is a 412.
pub fn changed_once(rows: usize) -> Result<()> {
    changed_all(1, rows)
}

/// The same, for as many rows as are `wanted`.
pub fn changed_all(wanted: usize, rows: usize) -> Result<()> {
    if rows == wanted { Ok(()) } else { Err(Error::new(Code::PreconditionFailed).retryable()) }
}
