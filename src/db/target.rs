//! Which database, from its URL, and how a connection to it is opened.

use std::fmt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::r2d2::{Error as PoolError, ManageConnection, R2D2Connection};
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection};

use super::DbConnection;
use crate::error::{Code, Error, Result};

/// WAL lets readers and the writer work at once; FULL makes an acknowledged commit survive a power cut.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

/// Nothing waits for ever: a row that somebody else holds, a statement that does not end, a transaction that is left
/// open are given up, and the client is told to come back. The ledger fits in memory or on a disk without a moving head:
/// a row is about as far as the next one, and an index is worth its way.
const POSTGRES_SETTINGS: &str = "SET lock_timeout = '5s'; SET statement_timeout = '20s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET random_page_cost = 1.1;";

/// Error messages in English, by which `failure` recognises a timeout: diesel does not expose SQLSTATE. Only a superuser, or
/// a user with `GRANT SET ON PARAMETER lc_messages`, may choose their language; for others this changes nothing.
const ENGLISH_MESSAGES: &str = "DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false); \
    EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// A database that can be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file of the embedded SQLite.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by connection URL.
    Postgres(String),
}

impl Target {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:PATH` or a plain path; refuses any other scheme.
    pub fn parse(url: &str) -> std::result::Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        if !url.starts_with("sqlite:") && url.contains(['=', ' ']) {
            return Err("it is neither postgres://… nor a path (write sqlite:PATH if it is one)".to_owned());
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
        match path.split_once("://") {
            Some((scheme, _)) => Err(format!("{scheme}:// is not a database this service knows")),
            None if path == ":memory:" => Err("a ledger in memory would be lost".to_owned()),
            None if path.is_empty() => Err("it names no file".to_owned()),
            None => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }

    /// Opens a connection; says in one sentence why it cannot.
    pub fn open(&self) -> Result<DbConnection> {
        if let Self::Sqlite(path) = self {
            let log = PathBuf::from(format!("{}-wal", path.display()));
            if !path.exists() && log.exists() {
                return Err(Error::new(Code::Unavailable).detail(
                    format!(
                        "{self} is missing while its log {} is there: put the file back first",
                        log.display()
                    ),
                    "le fichier de la base manque",
                ));
            }
        }
        self.establish().map_err(|cause| {
            let cause: Vec<&str> = cause.split_whitespace().collect();
            let cause = cause.join(" ");
            Error::new(Code::Unavailable)
                .detail(format!("{self} cannot be opened: {cause}"), format!("{self} : ouverture impossible"))
        })
    }

    /// Opens a connection to a database that is there already: a file that has gone away is not made anew, which would
    /// answer as an empty ledger.
    pub fn reopen(&self) -> Result<DbConnection> {
        self.check()?;
        self.open()
    }

    /// Which file a path names, so that another one in its place is noticed.
    pub fn identity(&self) -> Option<(u64, u64)> {
        match self {
            #[cfg(unix)]
            Self::Sqlite(path) => {
                use std::os::unix::fs::MetadataExt;
                std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
            }
            _ => None,
        }
    }

    /// Whether the file is the one that was opened.
    pub fn check_same(&self, opened: Option<(u64, u64)>) -> Result<()> {
        self.check()?;
        if self.identity() == opened {
            return Ok(());
        }
        Err(Error::unavailable(format!("{self} is no longer the file that was opened")))
    }

    /// Whether the file of an embedded database is still there: an open handle outlives its file.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Sqlite(path) if !path.exists() => {
                Err(Error::unavailable(format!("the database file {} is gone", path.display())))
            }
            _ => Ok(()),
        }
    }

    fn establish(&self) -> std::result::Result<DbConnection, String> {
        match self {
            Self::Sqlite(path) => open_sqlite(path).map(DbConnection::Sqlite),
            Self::Postgres(url) => {
                open_postgres(url).map(DbConnection::Postgres).map_err(|cause| cause.to_string())
            }
        }
    }
}

fn open_postgres(url: &str) -> ConnectionResult<PgConnection> {
    let mut connection = PgConnection::establish(url)?;
    connection.batch_execute(POSTGRES_SETTINGS).map_err(ConnectionError::CouldntSetupConfiguration)?;
    connection.batch_execute(ENGLISH_MESSAGES).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Tells the operator of a PostgreSQL server whose error messages stay in another language than English.
pub fn warn_of_message_language(connection: &mut DbConnection) -> Result<()> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(()) };
    let setting = sql::<Text>("current_setting('lc_messages')");
    let language: String = diesel::select(setting).get_result(postgres)?;
    if !["C", "POSIX", "en"].iter().any(|english| language.starts_with(english)) && !language.is_empty() {
        log::warn!(
            "PostgreSQL writes its errors in the language {language}: a timeout is then answered with 500 instead of 503. As a \
             superuser run: GRANT SET ON PARAMETER lc_messages TO the user of DATABASE_URL (from PostgreSQL 15 on), or \
             ALTER ROLE that user SET lc_messages = 'C'"
        );
    }
    Ok(())
}

fn open_sqlite(path: &Path) -> std::result::Result<SqliteConnection, String> {
    let mut connection =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|cause| cause.to_string())?;
    connection.batch_execute(SQLITE_SETTINGS).map_err(|cause| cause.to_string())?;
    Ok(connection)
}

impl fmt::Display for Target {
    /// Never shows a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "the SQLite database {}", path.display()),
            Self::Postgres(url) => {
                let place = url.rsplit_once('@').map_or(url.as_str(), |(_, place)| place);
                write!(f, "the PostgreSQL database {}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl ManageConnection for Target {
    type Connection = DbConnection;
    type Error = PoolError;

    fn connect(&self) -> std::result::Result<DbConnection, PoolError> {
        self.check()
            .map_err(|error| error.to_string())
            .and_then(|()| self.establish())
            .map_err(|cause| PoolError::ConnectionError(ConnectionError::BadConnection(cause)))
    }

    fn is_valid(&self, connection: &mut DbConnection) -> std::result::Result<(), PoolError> {
        match connection {
            // A file does not go away between two queries as a server does.
            DbConnection::Sqlite(_) => Ok(()),
            DbConnection::Postgres(postgres) => postgres.ping().map_err(PoolError::QueryError),
        }
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        match connection {
            DbConnection::Sqlite(sqlite) => sqlite.is_broken(),
            DbConnection::Postgres(postgres) => postgres.is_broken(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_chooses_the_database() {
        assert_eq!(Target::parse("var/a.sqlite"), Ok(Target::Sqlite("var/a.sqlite".into())));
        assert_eq!(Target::parse("sqlite:/a"), Ok(Target::Sqlite("/a".into())));
        assert!(matches!(Target::parse("postgres://u:p@h/d"), Ok(Target::Postgres(_))));
        assert!(Target::parse("mysql://h/d").unwrap_err().contains("mysql"));
        for refused in ["", ":memory:", "sqlite::memory:", "host=h user=u password=p"] {
            assert!(Target::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let shown = Target::parse("postgres://me:secret@host/db?password=x").unwrap().to_string();
        assert!(!shown.contains("secret") && !shown.contains('x'), "{shown}");
    }
}
