//! What the database's errors mean to a client.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

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
            DatabaseErrorKind::Unknown if is_deadlock(facts.as_ref()) => {
                Self::unavailable(&error).retryable()
            }
            _ if NOT_NOW.iter().any(|text| message.contains(text)) => Self::unavailable(&error),
            _ => Self::internal(&error),
        }
    }
}

/// Whether PostgreSQL ended the transaction because of a deadlock (SQLSTATE 40P01, which diesel does not expose). The detail of
/// that error has one line for each process, and every translation of PostgreSQL begins it with the waiting process and ends
/// it with the blocking one: the processes form a cycle, whatever the language of the server.
fn is_deadlock(facts: &(dyn DatabaseErrorInformation + Send + Sync)) -> bool {
    let waits: Vec<Option<(&str, &str)>> = facts.details().unwrap_or_default().lines().map(wait).collect();
    let blocking = waits.iter().skip(1).chain(waits.first());
    waits.len() > 1
        && waits.iter().zip(blocking).all(|(one, next)| match (one, next) {
            (Some((_, blocked_by)), Some((waiting, _))) => blocked_by == waiting,
            _ => false,
        })
}

/// The first and the last number of a line: a waiting process, and the process that blocks it.
fn wait(line: &str) -> Option<(&str, &str)> {
    let mut numbers = line.split(|one: char| !one.is_ascii_digit()).filter(|digits| !digits.is_empty());
    Some((numbers.next()?, numbers.next_back()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Facts(Option<String>);

    impl DatabaseErrorInformation for Facts {
        fn message(&self) -> &str {
            "in whatever language"
        }
        fn details(&self) -> Option<&str> {
            self.0.as_deref()
        }
        fn hint(&self) -> Option<&str> {
            None
        }
        fn table_name(&self) -> Option<&str> {
            None
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            None
        }
        fn statement_position(&self) -> Option<i32> {
            None
        }
    }

    fn is_deadlock(details: Option<&str>) -> bool {
        super::is_deadlock(&Facts(details.map(str::to_owned)))
    }

    /// `Process %d waits for %s on %s; blocked by process %d.` in the twelve translations of PostgreSQL 15 and in English.
    const LINES: [&str; 13] = [
        "Process {A} waits for ShareLock on transaction 779; blocked by process {B}.",
        "Prozess {A} wartet auf ShareLock-Sperre auf Transaktion 779; blockiert von Prozess {B}.",
        "El proceso {A} espera ShareLock en transacción 779; bloqueado por proceso {B}.",
        "Le processus {A} attend ShareLock sur transaction 779 ; bloqué par le processus {B}.",
        "Il processo {A} è in attesa di ShareLock su transazione 779; bloccato dal processo {B}.",
        "プロセス {A} は ShareLock を トランザクション 779 で待機していましたが、プロセス {B} でブロックされました",
        "Process {A} waits for ShareLock on ტრანზაქცია 779; blocked by process {B}.",
        "{A} 프로세스가 ShareLock 상태로 지연되고 있음(해당 작업: 779); {B} 프로세스에 의해 블록킹되었음",
        "Процесс {A} ожидает в режиме ShareLock блокировку \"транзакция 779\"; заблокирован процессом {B}.",
        "Process {A} väntar på ShareLock för transaktion 779; blockerad av process {B}.",
        "Процес {A} очікує в режимі ShareLock блокування \"транзакція 779\"; заблокований процесом {B}.",
        "进程 {A} 正在等待 事务 779 上的 ShareLock；被进程 {B} 阻塞。",
        "行程 {A} 正在等候 交易 779 上的 ShareLock；由行程 {B} 封鎖。",
    ];

    #[test]
    fn a_deadlock_is_recognised_in_every_language() {
        for line in LINES {
            let wait = |one: &str, other: &str| line.replace("{A}", one).replace("{B}", other);
            let two = [wait("4711", "815"), wait("815", "4711")].join("\n");
            let three = [wait("1", "22"), wait("22", "333"), wait("333", "1")].join("\n");
            assert!(is_deadlock(Some(&two)) && is_deadlock(Some(&three)), "{two}");
            let open = [wait("1", "22"), wait("22", "333")].join("\n");
            assert!(!is_deadlock(Some(&open)) && !is_deadlock(Some(&wait("4711", "815"))), "{open}");
        }
    }

    #[test]
    fn other_details_are_no_deadlock() {
        for details in
            [None, Some(""), Some("\n\n"), Some("Key (id)=(4) exists.\nKey (id)=(4) exists."), Some("1\n1")]
        {
            assert!(!is_deadlock(details), "{details:?}");
        }
    }
}
