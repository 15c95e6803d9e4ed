//! A service of one's own for each test: a fresh database, a clock that can be moved, clients of every role.

mod client;
mod database;
mod random;
mod world;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::rt::task::yield_now;
use contrat_de_ville::app::{self, Shared};
use contrat_de_ville::auth::{Binding, Keys, Principal, Role, Tokens};
use contrat_de_ville::db::schema::clients;
use contrat_de_ville::db::{Db, Target};
use contrat_de_ville::files::{Files, Place};
use contrat_de_ville::types::{ClientId, Clock, Instant};
use diesel::prelude::*;
use serde_json::Value;

pub use client::{Answer, Request, at_once, count, faults, items, sorted_faults, told};
pub use database::{Lease, Postgres, databases};
pub use random::Random;
pub use world::{World, co_funder, contract_body, envelope, eur, id, siret, voted};

/// While the call of a `World` is open.
pub const OPEN: &str = "2022-10-20T10:00:00Z";
/// After that call has closed, in the year of its actions.
pub const DECIDING: &str = "2023-03-20T10:00:00Z";

/// Tokens outlive every move of the clock.
const TEN_YEARS: i64 = 10 * 366 * 24 * 3_600;

/// A running service.
pub struct TestApp {
    pub base: String,
    pub db: Db,
    pub files: Files,
    pub tokens: Tokens,
    now: Arc<Mutex<Instant>>,
    server: ServerHandle,
    folder: tempfile::TempDir,
    database: database::Lease,
}

/// Runs a test on SQLite, then on PostgreSQL when `TEST_DATABASE_URL` names a server.
pub async fn on_each_database(test: impl AsyncFn(&TestApp)) {
    for lease in databases() {
        let app = TestApp::start(lease).await;
        test(&app).await;
        app.server.stop(false).await;
    }
}

impl TestApp {
    async fn start(lease: database::Lease) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let target = match &lease {
            database::Lease::Sqlite => Target::Sqlite(folder.path().join("ledger.sqlite")),
            database::Lease::Postgres(url) => Target::parse(&url.url()).unwrap(),
        };
        let db = Db::open(target, 6).unwrap();
        let now = Arc::new(Mutex::new(Instant::parse(OPEN).unwrap()));
        let told = Arc::clone(&now);
        let clock = Clock::new(move || *told.lock().unwrap());
        let keys = Keys::load_or_create(&folder.path().join("signing-key.pem")).unwrap();
        let tokens = Tokens::new(keys, "http://ledger.test".to_owned(), TEN_YEARS, clock.clone());
        let origins = vec!["https://app.example".to_owned()];
        let place = Place::Folder(folder.path().join("attachments"));
        let files = Files::open(&place, folder.path().join("arrivals")).await.unwrap();
        let shared = Shared::new(db.clone(), files.clone(), tokens.clone(), clock, origins).unwrap();
        let server = HttpServer::new(move || app::build(&shared))
            .workers(2)
            .client_request_timeout(Duration::from_secs(5))
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
        let base = format!("http://{}", server.addrs()[0]);
        let running = server.run();
        let server = running.handle();
        actix_web::rt::spawn(running);
        // It is polled once: a test that blocks its thread finds the service running.
        yield_now().await;
        Self { base, db, files, tokens, now, server, folder, database: lease }
    }

    /// Moves the service's clock.
    pub fn set_clock(&self, at: &str) {
        *self.now.lock().unwrap() = Instant::parse(at).unwrap();
    }

    /// Where the signing key is and, with SQLite, `ledger.sqlite`.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The database on the PostgreSQL server, if that is where it is.
    pub fn postgres(&self) -> Option<&Postgres> {
        match &self.database {
            database::Lease::Sqlite => None,
            database::Lease::Postgres(postgres) => Some(postgres),
        }
    }

    /// An access token of a new client.
    pub async fn token(&self, role: Role, binding: Binding) -> String {
        let principal = Principal { client: ClientId::generate(), role, scopes: role.scopes(), binding };
        self.token_of(&principal).await
    }

    /// An access token of this very principal, whose client is registered first.
    pub async fn token_of(&self, principal: &Principal) -> String {
        self.register(principal.clone()).await;
        self.tokens.issue(principal).unwrap().text
    }

    async fn register(&self, principal: Principal) {
        let now = *self.now.lock().unwrap();
        let write = self.db.write(move |tx| {
            let (mut co_funder, mut organisation, mut contract) = (None, None, None);
            match principal.binding {
                Binding::Staff => {}
                Binding::CoFunder(id) => co_funder = Some(id),
                Binding::Organisation(id) => organisation = Some(id),
                Binding::Instruction(id) | Binding::Council(id) => contract = Some(id),
            }
            diesel::insert_into(clients::table)
                .values((
                    clients::id.eq(principal.client),
                    clients::name.eq("test"),
                    clients::role.eq(principal.role),
                    clients::scopes.eq(principal.scopes.to_string()),
                    clients::secret_sha256.eq("no secret fits"),
                    clients::co_funder_id.eq(co_funder),
                    clients::organisation_id.eq(organisation),
                    clients::contract_id.eq(contract),
                    clients::created_at.eq(now),
                ))
                .execute(tx)?;
            Ok(())
        });
        write.await.unwrap();
    }

    pub fn get(&self, path: &str) -> Request {
        Request::new("GET", &self.base, path)
    }

    pub fn post(&self, path: &str) -> Request {
        Request::new("POST", &self.base, path)
    }

    pub fn put(&self, path: &str) -> Request {
        Request::new("PUT", &self.base, path)
    }

    pub fn patch(&self, path: &str) -> Request {
        Request::new("PATCH", &self.base, path)
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, &self.base, path)
    }

    /// How many events were recorded in all.
    pub async fn all_events(&self) -> i64 {
        use contrat_de_ville::db::schema::events;
        let count = self.db.read(|connection| Ok(events::table.count().get_result(connection)?));
        count.await.unwrap()
    }

    /// How many events of a type were recorded.
    pub async fn events(&self, kind: &'static str) -> i64 {
        use contrat_de_ville::db::schema::events;
        let count = self.db.read(move |connection| {
            Ok(events::table.filter(events::kind.eq(kind)).count().get_result(connection)?)
        });
        count.await.unwrap()
    }

    /// The types of all events, in the order they were recorded.
    pub async fn event_kinds(&self) -> Vec<String> {
        use contrat_de_ville::db::schema::events;
        let kinds = self
            .db
            .read(|connection| Ok(events::table.order(events::id).select(events::kind).load(connection)?));
        kinds.await.unwrap()
    }
}

/// What a list shows a client, all pages of it.
pub async fn all_pages(app: &TestApp, path: &str, token: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = app.get(&path).token(token).send().await.expect(200).json();
        found.extend(items(&page));
        next = page["next"].as_str().map(str::to_owned);
    }
    found
}
