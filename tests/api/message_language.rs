//! PostgreSQL whose error messages are in French: a deadlock is tried again, also by a user that may not choose the language.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use contrat_de_ville::db::{Db, Target};
use contrat_de_ville::error::Result;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, sql_query};
use futures_util::future::join;

use crate::support::{TestApp, on_each_database};

const FRENCH: &str = "fr_FR.UTF-8";

/// Sets the language of messages where the server has it: then it is French, otherwise it stays as it is.
fn set_language(app: &TestApp, of: &str) -> bool {
    let mut owner = PgConnection::establish(&app.postgres().unwrap().url()).unwrap();
    owner.batch_execute(&format!("ALTER {of} SET lc_messages = '{FRENCH}'")).is_ok()
}

async fn language(db: &Db) -> String {
    let setting = sql::<Text>("current_setting('lc_messages')");
    db.read(move |connection| Ok(diesel::select(setting).get_result(connection)?)).await.unwrap()
}

/// Takes two locks in turn, each time it is run; the first time it waits until the other has its first lock.
async fn lock_both(db: &Db, locks: [i32; 2], runs: Arc<AtomicU32>, meeting: Arc<Barrier>) -> Result<()> {
    let mut is_first = true;
    db.write(move |tx| {
        runs.fetch_add(1, Ordering::SeqCst);
        for lock in locks {
            sql_query(format!("SELECT pg_advisory_xact_lock({lock})")).execute(tx)?;
            if std::mem::take(&mut is_first) {
                meeting.wait();
            }
        }
        Ok(())
    })
    .await
}

async fn check_deadlock(db: &Db) {
    let (runs, meeting) = (Arc::new(AtomicU32::new(0)), Arc::new(Barrier::new(2)));
    let both = join(
        lock_both(db, [1, 2], Arc::clone(&runs), Arc::clone(&meeting)),
        lock_both(db, [2, 1], Arc::clone(&runs), meeting),
    );
    let (one, other) = both.await;
    one.unwrap();
    other.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 3, "one of the two was run again");
}

#[actix_web::test]
async fn a_superuser_gets_english_messages_and_a_deadlock_is_tried_again() {
    on_each_database(async |app| {
        let Some(postgres) = app.postgres() else { return };
        let database = postgres.url().rsplit_once('/').unwrap().1.to_owned();
        set_language(app, &format!("DATABASE {database}"));
        let db = Db::open(Target::parse(&postgres.url()).unwrap(), 2).unwrap();
        assert_eq!(language(&db).await, "C");
        check_deadlock(&db).await;
    })
    .await;
}

#[actix_web::test]
async fn an_ordinary_user_has_a_deadlock_tried_again_in_french() {
    on_each_database(async |app| {
        let Some(postgres) = app.postgres() else { return };
        let role = format!("ordinary_{}", postgres.url().rsplit_once('/').unwrap().1);
        let mut owner = PgConnection::establish(&postgres.url()).unwrap();
        owner
            .batch_execute(&format!(
                "CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT ALL ON SCHEMA public TO {role}; \
                 GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
            ))
            .unwrap();
        let is_french = set_language(app, &format!("ROLE {role}"));
        let (_, place) = postgres.url().split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let db = Db::open(Target::parse(&format!("postgres://{role}:secret@{place}")).unwrap(), 2).unwrap();
        if is_french {
            assert_eq!(language(&db).await, FRENCH);
        } else {
            println!("the server has no {FRENCH}: its messages stay in {}", language(&db).await);
        }
        check_deadlock(&db).await;
        drop(db);
        owner.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
    })
    .await;
}
