//! The schema, one folder of SQL for both databases.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::DbConnection;
use crate::error::{Code, Error, Result};

pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// An arbitrary number that names the right to migrate among several processes that start together.
const MIGRATION_LOCK: i64 = 7_420_150_041_018;

/// Brings the schema up to date and answers the migrations that ran.
pub fn migrate(connection: &mut DbConnection) -> Result<Vec<String>> {
    if let DbConnection::Postgres(postgres) = connection {
        // Another process may be migrating, and a large table takes its time.
        postgres.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0")?;
    }
    lock(connection, "pg_advisory_lock")?;
    let ran = connection
        .run_pending_migrations(MIGRATIONS)
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
