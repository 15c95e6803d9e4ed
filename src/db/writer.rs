//! SQLite's one writer. Commands that wait together are committed together: one flush to disk serves them all, and
//! none is acknowledged before that flush.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Integer;
use tokio::sync::oneshot;

use super::connection::{Begin, transaction};
use super::{DbConnection, Target};
use crate::error::{Code, Error, Result};

/// Commands that may wait; one more is told to come back.
const QUEUE: usize = 1_024;
/// Commands that share one commit at the most.
const GROUP: usize = 128;

/// The one connection that writes keeps the pages of a large batch in memory, and moves what it wrote from the log into the
/// database after its callers have heard, not before. The log is written over then, not cut: a file that does not grow
/// is sooner on disk. What makes it longer than 16 MiB is given back when it is written over.
const SETTINGS: &str =
    "PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 16777216";

/// Pages in the log that are not in the database yet, from which on it is time to move them.
const LONG: i32 = 1_000;
/// Pages in the log from which on that is tried after every commit: it is written over from its beginning only once all of
/// it is moved and nobody reads from it. While somebody always does, it grows.
const VERY_LONG: i32 = 4 * LONG;

/// A command on its way through the writer.
trait Job: Send {
    /// Runs the command inside its savepoint; an `Err` undoes it alone.
    fn run(&mut self, connection: &mut DbConnection) -> Result<()>;
    /// Tells the caller, once it is known whether the group was committed.
    fn finish(self: Box<Self>, committed: std::result::Result<(), &str>);
}

struct Command<R, F> {
    command: F,
    outcome: Option<Result<R>>,
    caller: oneshot::Sender<Result<R>>,
}

impl<R: Send, F: FnMut(&mut DbConnection) -> Result<R> + Send> Job for Command<R, F> {
    fn run(&mut self, connection: &mut DbConnection) -> Result<()> {
        let command = &mut self.command;
        let ran = catch_unwind(AssertUnwindSafe(|| command(connection)))
            .unwrap_or_else(|_| Err(Error::internal("a command panicked")));
        let kept = if ran.is_ok() { Ok(()) } else { Err(Error::internal("undo the savepoint")) };
        self.outcome = Some(ran);
        kept
    }

    fn finish(self: Box<Self>, committed: std::result::Result<(), &str>) {
        let Self { command, outcome, caller } = *self;
        // What the command held is given back before its caller hears: it may come again at once.
        drop(command);
        let outcome = match (committed, outcome) {
            (Err(cause), Some(Ok(_)) | None) => Err(Error::unavailable(cause)),
            (_, Some(outcome)) => outcome,
            (Ok(()), None) => Err(Error::internal("a command was not run")),
        };
        // A caller that has gone away no longer wants to know.
        let _gone = caller.send(outcome);
    }
}

/// The door to the writer thread. The thread ends when the last door is dropped.
pub struct Writer {
    queue: SyncSender<Box<dyn Job>>,
}

impl Writer {
    pub fn start(mut connection: DbConnection, target: Target) -> Result<Self> {
        connection.batch_execute(SETTINGS)?;
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || write_all(connection, &target, &jobs))
            .map_err(Error::internal)?;
        Ok(Self { queue })
    }

    /// Queues a command; the receiver hears its outcome once it is on disk.
    pub fn submit<R, F>(&self, command: F) -> Result<oneshot::Receiver<Result<R>>>
    where
        R: Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<R> + Send + 'static,
    {
        let (caller, outcome) = oneshot::channel();
        let job = Box::new(Command { command, outcome: None, caller });
        match self.queue.try_send(job) {
            Ok(()) => Ok(outcome),
            Err(TrySendError::Full(_)) => {
                Err(Error::new(Code::Unavailable).header("Retry-After", "1").cause("the write queue is full"))
            }
            Err(TrySendError::Disconnected(_)) => Err(Error::internal("the writer thread has ended")),
        }
    }
}

fn write_all(mut connection: DbConnection, target: &Target, jobs: &Receiver<Box<dyn Job>>) {
    let opened = target.identity();
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(GROUP - 1));
        let committed = transaction(&mut connection, Begin::Write, |connection| {
            match group.as_mut_slice() {
                // Alone it needs no savepoint, for which each page it changes would be written twice.
                [only] => only.run(connection)?,
                several => {
                    for job in several {
                        // The outcome, refusal included, is kept in the job; the savepoint only follows it.
                        let _outcome = connection.transaction(|connection| job.run(connection));
                    }
                }
            }
            // A handle outlives its file: what is written to a file that has gone away is not kept.
            target.check_same(opened)
        });
        let failure = committed.err().map(|error| error.to_string());
        if failure.is_some() {
            mend(&mut connection, target);
        }
        for job in group {
            job.finish(failure.as_deref().map_or(Ok(()), Err));
        }
        if let Err(cause) = move_log(&mut connection) {
            log::warn!("the log of the database is not moved into it yet: {cause}");
        }
    }
}

/// What `PRAGMA wal_checkpoint` answers: pages in the log, and how many of them are in the database.
#[derive(QueryableByName)]
struct Log {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

/// Moves the log into the database if it has become long.
fn move_log(connection: &mut DbConnection) -> QueryResult<()> {
    let now: Log = sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(connection)?;
    let left = now.log - now.checkpointed;
    if left >= LONG || (left > 0 && now.log >= VERY_LONG) {
        connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?;
    }
    Ok(())
}

/// A full disk can end a transaction behind diesel's back, which then trusts the connection no more: a new one is
/// opened, now or after the next failure.
fn mend(connection: &mut DbConnection, target: &Target) {
    if !<DbConnection as Connection>::TransactionManager::is_broken_transaction_manager(connection) {
        return;
    }
    match target.reopen() {
        Ok(opened) => {
            *connection = opened;
            if let Err(cause) = connection.batch_execute(SETTINGS) {
                log::warn!("the writer’s connection is not set up: {cause}");
            }
        }
        Err(error) => log::error!("the writer's connection is broken and cannot be opened again: {error}"),
    }
}
