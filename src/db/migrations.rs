//! The schema: SQL that both databases read, and the little that only one of them does, in one order.

use std::fmt::Display;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Backend, DbConnection};
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

impl<DB: diesel::backend::Backend> MigrationSource<DB> for Migrations {
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
    let ran = check_known(connection, migrations).and_then(|()| {
        let ran = connection.run_pending_migrations(migrations).map_err(|cause| stuck(&cause))?;
        Ok(ran.iter().map(ToString::to_string).collect())
    });
    lock(connection, "pg_advisory_unlock")?;
    ran
}

/// A database that another program than this one has brought further, or made in another way, is left as it is.
fn check_known(connection: &mut DbConnection, migrations: Migrations) -> Result<()> {
    let applied = connection.applied_migrations().map_err(|cause| stuck(&cause))?;
    let known = MigrationSource::<Backend>::migrations(&migrations).map_err(|cause| stuck(&cause))?;
    let foreign = applied.iter().find(|version| known.iter().all(|one| one.name().version() != **version));
    foreign.map_or(Ok(()), |version| {
        Err(Error::new(Code::Unavailable).detail(
            format!(
                "the database has migration {version}, which is of a later program or of a draft of this one: run that \
                 program, or begin with another database"
            ),
            format!(
                "la base contient la migration {version}, d’un programme plus récent ou d’une ébauche de celui-ci : lancez \
                 ce programme, ou commencez avec une autre base"
            ),
        ))
    })
}

fn stuck(cause: &dyn Display) -> Error {
    Error::new(Code::Unavailable).detail(
        format!("the database could not be brought up to date: {cause}"),
        format!("la base n’a pas pu être mise à jour : {cause}"),
    )
}

fn lock(connection: &mut DbConnection, function: &str) -> Result<()> {
    if let DbConnection::Postgres(postgres) = connection {
        diesel::sql_query(format!("SELECT {function}({MIGRATION_LOCK})")).execute(postgres)?;
    }
    Ok(())
}
