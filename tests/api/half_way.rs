//! What fails half-way leaves nothing behind, whatever is committed together with it.

use std::sync::mpsc::channel;

use contrat_de_ville::db::schema::organisations::dsl;
use contrat_de_ville::db::{DbConnection, fields};
use contrat_de_ville::error::{Code, Result};
use contrat_de_ville::on_each;
use diesel::prelude::*;

use crate::support::{TestApp, World, on_each_database, siret};

/// Gives all organisations of that name one SIRET: the second of them is refused, when the first is changed already. SQLite
/// leaves it so until the whole command is undone (`OR FAIL`).
fn alike(tx: &mut DbConnection) -> Result<usize> {
    let all_alike = fields(dsl::organisations).set(dsl::siret, siret(79));
    Ok(on_each!(tx, own => all_alike.update(dsl::name.eq("Maison de quartier")).execute(own))?)
}

/// Three organisations of that name.
async fn three(app: &TestApp) {
    let world = World::new(app).await;
    for rank in [71, 72, 73] {
        world.another_organisation(app, "Maison de quartier", &siret(rank)).await;
    }
}

/// The columns themselves: what is shown of an organisation is kept apart from what it is found by.
async fn columns(app: &TestApp) -> Vec<(Option<String>, String)> {
    let all = dsl::organisations.order(dsl::id).select((dsl::siret, dsl::name));
    app.db.read(move |connection| Ok(all.load(connection)?)).await.unwrap()
}

#[actix_web::test]
async fn an_update_that_fails_at_its_second_row_has_not_changed_the_first() {
    on_each_database(async |app| {
        three(app).await;
        let before = columns(app).await;
        assert_eq!(app.db.write(alike).await.unwrap_err().code(), Code::Conflict);
        assert_eq!(columns(app).await, before);
    })
    .await;
}

/// Commands that wait while the writer is busy are committed together: the one that fails is undone by itself.
#[actix_web::test]
async fn nor_has_it_when_it_is_committed_with_others() {
    on_each_database(async |app| {
        three(app).await;
        let (release, held) = channel::<()>();
        let busy = app.db.write(move |_| {
            held.recv().unwrap_or_default();
            Ok(())
        });
        let rename = |name: &'static str| {
            app.db.write(move |tx| {
                let one = dsl::organisations.filter(dsl::siret.eq(siret(72)));
                Ok(diesel::update(one).set(dsl::name.eq(name)).execute(tx)?)
            })
        };
        let queued = async {
            // Each is queued when it is first looked at, in this order; then the writer goes on.
            let waiting = futures_util::future::join3(rename("Avant"), app.db.write(alike), rename("Après"));
            let release = async { drop(release) };
            futures_util::future::join(waiting, release).await.0
        };
        let (_, (first, failed, last)) = futures_util::future::join(busy, queued).await;
        assert_eq!((first.unwrap(), last.unwrap()), (1, 1));
        // PostgreSQL runs them side by side: two still have the name, and which of the others comes last is open.
        assert_eq!(failed.unwrap_err().code(), Code::Conflict);
        let all = columns(app).await;
        let named = |name: &str| all.iter().filter(|(_, own)| own == name).count();
        assert_eq!((named("Maison de quartier"), named("Avant") + named("Après")), (2, 1));
        assert!(all.iter().all(|(own, _)| *own != Some(siret(79))));
    })
    .await;
}
