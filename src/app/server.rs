//! Serving: the database, the keys and the workers brought up in order, and let down in order.

use std::any::Any;
use std::io::ErrorKind;
use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_web::HttpServer;
#[cfg(target_os = "linux")]
use actix_web::rt::net::TcpStream;
use actix_web::rt::spawn;
use actix_web::rt::task::yield_now;

#[cfg(target_os = "linux")]
use socket2::SockRef;

use super::{Shared, build};
use crate::applications;
use crate::auth::{Keys, Tokens};
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::files::{Files, Owner, Place};
use crate::http::BodyMemory;
use crate::types::{Clock, LedgerId};

/// Why the service did not start: one sentence.
#[derive(Debug)]
pub struct Refused(pub String);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error.detail_text().map_or_else(|| error.to_string(), |text| text.en.clone()))
    }
}

impl From<String> for Refused {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

/// Opens what the service needs.
pub async fn open(config: &Config) -> Result<Shared, Refused> {
    let db = Db::open(config.target.clone(), config.database_connections)?;
    let files = Files::open(&config.files, config.arrivals()).await?;
    let ledger = db.ledger().await?;
    check_owner(&config.files, files.claim(ledger).await?, ledger)?;
    let keys = Keys::load_or_create(&config.signing_key())?;
    let clock = Clock::system();
    let tokens = Tokens::new(keys, config.public_url.clone(), config.token_ttl, clock.clone());
    let shared = Shared::new(db, files, tokens, clock, config.cors_origins.clone())?;
    Ok(Shared { body_memory: BodyMemory::new(config.body_memory), ..shared })
}

/// Serves until told to stop (SIGTERM, SIGINT), then lets running requests finish.
pub async fn serve(config: &Config, shared: Shared) -> Result<(), Refused> {
    let sweeping =
        applications::sweep_attachments_hourly(shared.db.clone(), shared.files.clone(), shared.clock.clone());
    let unread = config.unread;
    let server = HttpServer::new(move || build(&shared))
        .on_connect(move |connection, _| disconnect_unread(connection, unread))
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(config.shutdown_seconds);
    let workers = match config.workers {
        0 => available_parallelism().map_or(1, NonZero::get),
        some => some,
    };
    let server = server.workers(workers).max_connections(connections(config).div_ceil(workers));
    let server = server.bind(config.listen).map_err(|cause| Refused(busy(config, &cause)))?;
    let addresses = server.addrs();
    let sweeping = spawn(sweeping);
    let running = spawn(server.run());
    // Once it is polled it listens to signals too: who reads the next line may stop it at once.
    yield_now().await;
    for address in addresses {
        println!("Listening on http://{address}");
    }
    let ended = running.await;
    sweeping.abort();
    let ended = ended.map_err(|cause| Refused(format!("the server ended: {cause}")))?;
    ended.map_err(|cause| Refused(format!("the server ended: {cause}")))
}

/// How many connections of clients there may be: each takes an open file, and the service needs some for itself.
fn connections(config: &Config) -> usize {
    let wanted = config.connections;
    // Three files for each connection to SQLite; uploads, long answers, the event loops.
    let own = 3 * u64::from(config.database_connections) + 192;
    let Ok(open_files) = rlimit::increase_nofile_limit(u64::MAX) else { return wanted };
    let most = usize::try_from(open_files.saturating_sub(own)).unwrap_or(usize::MAX).max(64);
    if most < wanted {
        log::warn!(
            "{most} connections at once instead of {wanted}: {open_files} files may be open (ulimit -n)"
        );
    }
    wanted.min(most)
}

/// Lets the system end a connection whose client takes nothing of what was sent to it: it would hold its answer in memory
/// for as long as it likes.
#[cfg(target_os = "linux")]
fn disconnect_unread(connection: &dyn Any, after: Duration) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Err(cause) = SockRef::from(stream).set_tcp_user_timeout(Some(after))
    {
        log::warn!("a client that does not read is not disconnected: {cause}");
    }
}

#[cfg(not(target_os = "linux"))]
fn disconnect_unread(_: &dyn Any, _: Duration) {}

/// Refuses a store of files that belongs to another database, before anything in it is changed.
pub fn check_owner(place: &Place, owner: Owner, ledger: LedgerId) -> Result<(), Refused> {
    let setting = match place {
        Place::Folder(_) => "DATA_DIR",
        Place::S3 { .. } => "FILES_URL",
    };
    let why = match owner {
        Owner::Ledger(owner) if owner == ledger => return Ok(()),
        Owner::Ledger(_) => format!(
            "{place} keeps the files of another ledger than this database: set DATABASE_URL to the database they belong to, \
             or {setting} to another place"
        ),
        Owner::Unreadable => format!(
            "the object `ledger` in {place} is empty or damaged, so that it is not known to which database the files \
             belong: restore it from a backup, or delete it if you are certain that they belong to this database"
        ),
        Owner::Nobody => format!(
            "no database uses {place} yet: set {setting} to the place that the service uses, or start the service first"
        ),
    };
    Err(Refused(format!("{setting}: {why}")))
}

fn busy(config: &Config, cause: &std::io::Error) -> String {
    let listen = config.listen;
    match cause.kind() {
        ErrorKind::AddrInUse => format!("{listen} is already in use: stop what listens there, or set LISTEN"),
        ErrorKind::PermissionDenied => format!("{listen} may not be listened on by this user: set LISTEN"),
        _ => format!("{listen} cannot be listened on: {cause}"),
    }
}
