//! What fails half-way leaves nothing behind.

use contrat_de_ville::db::schema::organisations::dsl;
use contrat_de_ville::db::{DbConnection, fields};
use contrat_de_ville::error::Result;
use contrat_de_ville::on_each;
use diesel::prelude::*;

use crate::support::{World, all, on_each_database, siret};

/// SQLite leaves the rows before the one that is refused changed, until the whole command is undone (`OR FAIL`).
#[actix_web::test]
async fn an_update_that_fails_at_its_second_row_has_not_changed_the_first() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for rank in [71, 72, 73] {
            world.another_organisation(app, "Maison de quartier", &siret(rank)).await;
        }
        let listed = async || all(app, "/v1/organisations", &world.instructor).await;
        let before = listed().await;
        let alike = |tx: &mut DbConnection| -> Result<usize> {
            let all_alike = fields(dsl::organisations).set(dsl::siret, siret(79));
            Ok(on_each!(tx, own => all_alike.update(dsl::name.eq("Maison de quartier")).execute(own))?)
        };
        app.db.write(alike).await.unwrap_err();
        assert_eq!(listed().await, before);
    })
    .await;
}
