//! What the database's errors mean to a client.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::{Code, Error};

/// Messages of SQLite and PostgreSQL for "not now": full or unwritable disk, locked file or row, server going
/// away.
const NOT_NOW: [&str; 10] = [
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "No space left on device",
    "terminating connection",
    "canceling statement due to",
    "server closed the connection",
    "could not extend file",
];

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        if let DieselError::RollbackErrorOnCommit { commit_error, .. } = error {
            return Self::from(*commit_error);
        }
        let DieselError::DatabaseError(kind, facts) = &error else {
            return Self::internal(&error);
        };
        let message = facts.message();
        match kind {
            DatabaseErrorKind::SerializationFailure => Self::unavailable(&error).retryable(),
            DatabaseErrorKind::ClosedConnection => Self::unavailable(&error),
            DatabaseErrorKind::UniqueViolation => Self::new(Code::Conflict)
                .detail(
                    "another resource already holds this identifier",
                    "une autre ressource porte déjà cet identifiant",
                )
                .cause(message),
            _ if message.contains("deadlock detected") => Self::unavailable(&error).retryable(),
            _ if NOT_NOW.iter().any(|text| message.contains(text)) => Self::unavailable(&error),
            _ => Self::internal(&error),
        }
    }
}
