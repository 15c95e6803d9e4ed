//! Words: accents, case, endings, beginnings, and nothing that a client sends is ever a query language.

use serde_json::{Value, json};

use super::{PATH, address, draft, edit, titles};
use crate::support::{TestApp, World, all_pages, id, on_each_database, siret};

const ORGANISATIONS: &str = "/v1/organisations";

async fn organisation(app: &TestApp, world: &World, name: &str, rank: u32) -> String {
    let body = json!({"name": name, "siret": siret(rank)});
    id(&app.post(ORGANISATIONS).token(&world.instructor).json(&body).send().await.expect(201).json())
}

/// The organisations a query finds, by their names.
async fn names(app: &TestApp, q: &str, token: &str) -> Vec<String> {
    let found = all_pages(app, &address(ORGANISATIONS, &[("q", q)]), token).await;
    found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn an_organisation_is_found_by_its_name_without_accents() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (theatre, regie, jeunes) = ("Théâtre de l’Œuvre", "RÉGIE de quartier", "La Maison des jeunes");
        let renamed = organisation(app, &world, theatre, 1).await;
        organisation(app, &world, regie, 2).await;
        organisation(app, &world, jeunes, 3).await;
        let gardens = "Les Jardins (essai)";
        for (q, expected) in [
            ("theatre", vec![theatre]),
            ("THÉÂTRES", vec![theatre]),
            ("oeuvre", vec![theatre]),
            ("l'œuvre", vec![theatre]),
            ("théa", vec![theatre]),
            ("regie quartiers", vec![regie]),
            ("jardin", vec![gardens]),
            ("régie théâtre", vec![]),
            ("maison de la jeune", vec![jeunes]),
            ("la", vec![jeunes]),
            ("eatre", vec![]),
            ("e\u{301}", vec![]),
        ] {
            assert_eq!(names(app, q, &world.instructor).await, expected, "{q}");
        }
        let change = json!({"name": "Scène nationale"});
        edit(app, &format!("{ORGANISATIONS}/{renamed}"), &world.instructor, &change).await;
        assert_eq!(names(app, "theatre", &world.instructor).await, [""; 0]);
        assert_eq!(names(app, "scene nationales", &world.administrator).await, ["Scène nationale"]);
        assert_eq!(names(app, "scene", &world.caf_token).await, [""; 0], "it applied nowhere");
        assert_eq!(names(app, "scene", &world.applicant).await, [""; 0], "an applicant sees its own");
        assert_eq!(names(app, "jardins", &world.applicant).await, [gardens]);
    })
    .await;
}

#[actix_web::test]
async fn a_search_is_walked_page_by_page() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for rank in 1..6 {
            organisation(app, &world, &format!("Amicale {rank}"), rank).await;
        }
        let path = address(ORGANISATIONS, &[("q", "amicales"), ("limit", "2")]);
        let found = all_pages(app, &path, &world.instructor).await;
        let found: Vec<Value> = found.iter().map(|one| one["name"].clone()).collect();
        assert_eq!(found, ["Amicale 1", "Amicale 2", "Amicale 3", "Amicale 4", "Amicale 5"]);
    })
    .await;
}

#[actix_web::test]
async fn an_application_is_found_by_its_title_its_objectives_and_its_organisation() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let objectives = "Apprendre à réparer les vélos des habitantes.";
        let bikes = json!({"title": "Atelier de mécanique", "objectives": objectives});
        let bikes = draft(app, &world, &bikes).await;
        draft(app, &world, &json!({"title": "Fête du quartier", "objectives": ""})).await;
        let (first, second) = ("Atelier de mécanique", "Fête du quartier");
        for (q, expected) in [
            ("ateliers", vec![first]),
            ("MECANIQUES", vec![first]),
            ("habitante", vec![first]),
            ("fete", vec![second]),
            ("quartiers", vec![second]),
            ("jardins", vec![first, second]),
            ("jardin velo", vec![first]),
            ("fête jardin essai", vec![second]),
            ("fete velo", vec![]),
            ("atelier à la de mécanique", vec![first]),
        ] {
            assert_eq!(titles(app, &[("q", q)], &world.instructor).await, expected, "{q}");
        }
        let combined = [("q", "jardin"), ("status", "draft"), ("sort", "-title"), ("limit", "1")];
        assert_eq!(titles(app, &combined, &world.instructor).await, [second, first]);
        assert_eq!(titles(app, &[("q", "jardin"), ("status", "returned")], &world.instructor).await, [""; 0]);
        edit(
            app,
            &format!("{PATH}/{bikes}"),
            &world.applicant,
            &json!({"title": "Cyclistes", "objectives": ""}),
        )
        .await;
        assert_eq!(titles(app, &[("q", "atelier")], &world.instructor).await, [""; 0]);
        assert_eq!(titles(app, &[("q", "cycliste")], &world.applicant).await, ["Cyclistes"]);
        let address = format!("{ORGANISATIONS}/{}", world.organisation);
        edit(app, &address, &world.applicant, &json!({"name": "Les Vergers"})).await;
        assert_eq!(titles(app, &[("q", "jardin")], &world.instructor).await, [""; 0], "at once");
        assert_eq!(titles(app, &[("q", "verger cycliste")], &world.instructor).await, ["Cyclistes"]);
    })
    .await;
}

#[actix_web::test]
async fn what_a_client_types_is_never_a_query_language() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        draft(app, &world, &json!({"title": "Near and not: 2023 ou jamais", "objectives": "words"})).await;
        let title = "Near and not: 2023 ou jamais";
        for found in [
            "NEAR",
            "near AND not",
            "NOT near",
            "\"near\"",
            "near*",
            "near(2023)",
            "words:near",
            "-near",
            "^near",
            "near & not",
            "near | jamais",
            "!near",
            "near <-> not",
            "near:*",
            "'near'",
            "near\\",
            "2023",
            "{near}",
        ] {
            assert_eq!(titles(app, &[("q", found)], &world.instructor).await, [title], "{found}");
        }
        for nothing in [
            "!",
            "*",
            "\"",
            "'",
            "&|!",
            "(",
            "\\",
            "%",
            "_",
            "；",
            "l’",
            "words OR absent",
            "near; DROP TABLE texts",
        ] {
            assert_eq!(titles(app, &[("q", nothing)], &world.instructor).await, [""; 0], "{nothing}");
            assert_eq!(names(app, nothing, &world.instructor).await, [""; 0], "{nothing}");
        }
        let long = "é".repeat(200);
        assert_eq!(titles(app, &[("q", &long)], &world.instructor).await, [""; 0]);
        let many: String = ('a'..='z').flat_map(|one| [one, one, ' ']).collect();
        assert_eq!(titles(app, &[("q", &many)], &world.instructor).await, [""; 0]);
        for path in [PATH, ORGANISATIONS] {
            for wrong in ["", &"a".repeat(201), "\0"] {
                let refused = app.get(&address(path, &[("q", wrong)])).token(&world.instructor).send().await;
                refused.problem(400, "invalid-parameter");
            }
        }
    })
    .await;
}
