//! A fresh database for each test: a file, or a copy of a template on the PostgreSQL server.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use contrat_de_ville::db::{Target, migrate};
use diesel::prelude::*;
use diesel::{PgConnection, sql_query};

static COUNT: AtomicU32 = AtomicU32::new(0);
/// Kept by the databases made from it: the last one to go takes it along.
static TEMPLATE: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

/// The right to a database, given back when dropped.
pub enum Lease {
    Sqlite,
    Postgres(Postgres),
}

/// A database on the PostgreSQL server, dropped with this value.
pub struct Postgres {
    server: String,
    name: String,
    _template: Option<Arc<Postgres>>,
}

/// A database of each kind to be tested.
pub fn databases() -> Vec<Lease> {
    let mut leases = vec![Lease::Sqlite];
    if let Ok(server) = std::env::var("TEST_DATABASE_URL") {
        leases.push(Lease::Postgres(Postgres::create(&server, Some(template(&server)))));
    }
    leases
}

/// A database with the schema and nothing in it.
fn template(server: &str) -> Arc<Postgres> {
    let mut kept = TEMPLATE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(template) = kept.upgrade() {
        return template;
    }
    let template = Arc::new(Postgres::create(server, None));
    migrate(&mut Target::parse(&template.url()).unwrap().open().unwrap()).unwrap();
    *kept = Arc::downgrade(&template);
    template
}

fn run(server: &str, sql: &str) {
    let mut connection = PgConnection::establish(server).expect("the PostgreSQL server of TEST_DATABASE_URL");
    sql_query(sql).execute(&mut connection).unwrap();
}

impl Postgres {
    fn create(server: &str, template: Option<Arc<Self>>) -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("contrat_test_{}_{count}", std::process::id());
        let like = template.as_ref().map(|one| format!(" TEMPLATE {}", one.name)).unwrap_or_default();
        run(server, &format!("CREATE DATABASE {name}{like}"));
        Self { server: server.to_owned(), name, _template: template }
    }

    /// The URL of this database: the server's, with another name at its end.
    pub fn url(&self) -> String {
        let (place, _) = self.server.rsplit_once('/').expect("TEST_DATABASE_URL ends with a database");
        format!("{place}/{}", self.name)
    }
}

impl Postgres {
    /// Lets connections in, or ends those there are and refuses new ones.
    pub fn admit(&self, admitted: bool) {
        let name = &self.name;
        run(&self.server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {admitted}"));
        if !admitted {
            let of_this = format!("FROM pg_stat_activity WHERE datname = '{name}'");
            run(&self.server, &format!("SELECT pg_terminate_backend(pid) {of_this}"));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        run(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
