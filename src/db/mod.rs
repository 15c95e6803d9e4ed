//! The two doors to the database: `Db::read` answers from one consistent snapshot, `Db::write` commits all or
//! nothing. Every query is written once and runs on embedded SQLite and on PostgreSQL.

pub mod columns;
mod connection;
mod failure;
mod fields;
mod id;
mod instant;
mod json;
mod ledger;
mod migrations;
pub mod schema;
mod target;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::block;
use diesel::r2d2::{Pool, PooledConnection};
use tokio::time::timeout;

pub use connection::{Backend, DbConnection, changed_all, changed_once};
pub use fields::{Fields, OnEach, fields, insert_all};
pub use json::Json;
pub use migrations::{Migrations, migrate};
pub use target::Target;

use crate::error::{Code, Error, Result};
use connection::{Begin, transaction};
use target::warn_of_message_language;
use writer::Writer;

/// How often a transaction that PostgreSQL ended for another's sake (40001, 40P01) is run again.
const ATTEMPTS: u32 = 8;
/// How long a request waits for a free connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(3);

/// The database. Cloning shares it.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Target>,
    /// SQLite has one writer: a thread that commits many commands together. PostgreSQL arbitrates by itself.
    writer: Option<Arc<Writer>>,
    target: Target,
    opened: Option<(u64, u64)>,
}

impl Db {
    /// Opens the database and brings its schema up to date.
    pub fn open(target: Target, connections: u32) -> Result<Self> {
        let mut connection = target.open()?;
        migrate(&mut connection)?;
        warn_of_message_language(&mut connection)?;
        let writer = match &connection {
            DbConnection::Sqlite(_) => Some(Arc::new(Writer::start(connection, target.clone())?)),
            DbConnection::Postgres(_) => None,
        };
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(QuietPool))
            .build_unchecked(target.clone());
        let opened = target.identity();
        Ok(Self { pool, writer, target, opened })
    }

    /// Runs `query` on one consistent snapshot.
    pub async fn read<R, F>(&self, query: F) -> Result<R>
    where
        R: Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<R> + Send + 'static,
    {
        let db = self.clone();
        block(move || transaction(&mut *db.connection()?, Begin::Snapshot, query))
            .await
            .map_err(Error::internal)?
    }

    /// Runs `command` in one transaction: all of it is kept, or nothing. It may be run more than once before it
    /// is kept, so it must not do anything outside the database.
    pub async fn write<R, F>(&self, command: F) -> Result<R>
    where
        R: Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<R> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => writer.submit(command)?.await.map_err(Error::internal)?,
            None => {
                let db = self.clone();
                block(move || db.write_with_retries(command)).await.map_err(Error::internal)?
            }
        }
    }

    /// Whether the database answers, and is still where it was.
    pub async fn check(&self) -> Result<()> {
        self.target.check_same(self.opened)?;
        let answer = self.read(|connection| {
            use diesel::prelude::*;
            diesel::sql_query("SELECT 1").execute(connection)?;
            Ok(())
        });
        // A server that hangs is as far away as one that is gone.
        timeout(PATIENCE, answer).await.map_err(|_| Error::unavailable("the database does not answer"))?
    }

    fn write_with_retries<R>(&self, mut command: impl FnMut(&mut DbConnection) -> Result<R>) -> Result<R> {
        let mut connection = self.connection()?;
        let mut attempt = 1;
        loop {
            match transaction(&mut connection, Begin::Write, &mut command) {
                Err(error) if error.is_retryable() && attempt < ATTEMPTS => {
                    std::thread::sleep(Duration::from_millis(u64::from(attempt) * 3));
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    fn connection(&self) -> Result<PooledConnection<Target>> {
        self.pool.get().map_err(|cause| Error::new(Code::Unavailable).header("Retry-After", "2").cause(cause))
    }
}

/// The pool's failures reach the log through the request that met them; while the database is away the pool's own
/// thread would repeat them without end.
#[derive(Debug)]
struct QuietPool;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for QuietPool {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        log::debug!("database pool: {error}");
    }
}
