//! The schema: SQL that both databases read, and the little that only one of them does, in one order.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::DbConnection;
use crate::error::{Code, Error, Result};

static SHARED: EmbeddedMigrations = embed_migrations!("migrations/shared");
static SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
static POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The migrations of one database: the shared ones and its own. The harness runs them by version, wherever they are.
#[derive(Clone, Copy)]
pub struct Migrations {
    own: &'static EmbeddedMigrations,
}

impl Migrations {
    pub fn of(connection: &DbConnection) -> Self {
        match connection {
            DbConnection::Sqlite(_) => Self { own: &SQLITE },
            DbConnection::Postgres(_) => Self { own: &POSTGRES },
        }
    }
}

impl<DB: Backend> MigrationSource<DB> for Migrations {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut all = SHARED.migrations()?;
        all.extend(self.own.migrations()?);
        Ok(all)
    }
}

/// An arbitrary number that names the right to migrate among several processes that start together.
const MIGRATION_LOCK: i64 = 7_420_150_041_018;

/// Brings the schema up to date and answers the migrations that ran.
pub fn migrate(connection: &mut DbConnection) -> Result<Vec<String>> {
    if let DbConnection::Postgres(postgres) = connection {
        // Another process may be migrating, and a large table takes its time.
        postgres.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0")?;
    }
    let migrations = Migrations::of(connection);
    lock(connection, "pg_advisory_lock")?;
    let ran = connection
        .run_pending_migrations(migrations)
        .map(|versions| versions.iter().map(ToString::to_string).collect())
        .map_err(|cause| {
            Error::new(Code::Unavailable).detail(
                format!("the database could not be brought up to date: {cause}"),
                "migration impossible",
            )
        });
    lock(connection, "pg_advisory_unlock")?;
    ran
}

fn lock(connection: &mut DbConnection, function: &str) -> Result<()> {
    if let DbConnection::Postgres(postgres) = connection {
        diesel::sql_query(format!("SELECT {function}({MIGRATION_LOCK})")).execute(postgres)?;
    }
    Ok(())
}
