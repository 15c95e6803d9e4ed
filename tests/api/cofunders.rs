//! Co-funders: who writes them, and that no two are the same.

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{
    TestApp, World, at_once, count, faults, id, items, on_each_database, siret, sorted_faults, told,
};

const PATH: &str = "/v1/co-funders";

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

#[actix_web::test]
async fn a_co_funder_is_created_read_and_changed() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let body = json!({"name": "Caf", "kind": "caf"});
        let made = app.post(PATH).token(&token).json(&body).send().await.expect(201);
        let shown = made.json();
        let address = made.header("Location").unwrap().to_owned();
        assert_eq!(address, format!("{PATH}/{}", id(&shown)));
        assert_eq!(
            (&shown["name"], &shown["kind"], &shown["siret"]),
            (&json!("Caf"), &json!("caf"), &Value::Null)
        );
        let read = app.get(&address).send().await.expect(200);
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        let patch = app.patch(&address).token(&token).json(&json!({"kind": "other", "siret": siret(1)}));
        patch.send().await.problem(428, "precondition-required");
        patch.clone().if_match("\"9\"").send().await.problem(412, "precondition-failed");
        assert_eq!(app.get(&address).send().await.text, read.text);
        let changed = patch.if_match(read.etag()).send().await.expect(200);
        let shown = changed.json();
        let expected = (&json!("Caf"), &json!("other"), &json!(siret(1)));
        assert_eq!((&shown["name"], &shown["kind"], &shown["siret"]), expected);
        let again = app.get(&address).send().await;
        assert_eq!((&again.text, again.etag()), (&changed.text, changed.etag()));
        let cleared =
            app.patch(&address).token(&token).if_match(changed.etag()).json(&json!({"siret": null}));
        assert_eq!(cleared.send().await.expect(200).json()["siret"], Value::Null);
        assert_eq!(app.event_kinds().await, ["coFunder.created", "coFunder.updated", "coFunder.updated"]);
    })
    .await;
}

#[actix_web::test]
async fn no_two_co_funders_have_the_same_name_or_siret() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let create = |body: Value| app.post(PATH).token(&token).json(&body);
        create(json!({"name": "Caf", "kind": "caf", "siret": siret(1)})).send().await.expect(201);
        let made = create(json!({"name": "Ville", "kind": "city"})).send().await.expect(201);
        create(json!({"name": "Caf", "kind": "state"})).send().await.problem(409, "conflict");
        let same = create(json!({"name": "Autre", "kind": "other", "siret": siret(1)}));
        same.send().await.problem(409, "conflict");
        let french = same.french().send().await.problem(409, "conflict");
        assert_eq!(french["detail"], "une autre ressource porte déjà cet identifiant");
        let address = format!("{PATH}/{}", id(&made.json()));
        for change in [json!({"name": "Caf"}), json!({"siret": siret(1)})] {
            let patch = app.patch(&address).token(&token).if_match(made.etag()).json(&change);
            patch.send().await.problem(409, "conflict");
        }
        let read = app.get(&address).send().await;
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        assert_eq!(items(&app.get(PATH).send().await.json()).len(), 2);
        assert_eq!(app.event_kinds().await, ["coFunder.created", "coFunder.created"]);
    })
    .await;
}

#[actix_web::test]
async fn of_ten_that_take_one_name_or_one_siret_at_once_exactly_one_gets_it() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let body = json!({"name": "Caf", "kind": "caf"});
        let named = at_once((0..10).map(|_| app.post(PATH).token(&token).json(&body))).await;
        let numbered = at_once((0..10).map(|rank| {
            let body =
                json!({"name": format!("Bailleur {rank}"), "kind": "socialLandlord", "siret": siret(7)});
            app.post(PATH).token(&token).json(&body)
        }))
        .await;
        for answers in [named, numbered] {
            assert_eq!((count(&answers, 201), answers.len()), (1, 10));
            for refused in answers.iter().filter(|answer| answer.status != 201) {
                refused.problem(409, "conflict");
            }
        }
        assert_eq!(items(&app.get(PATH).send().await.json()).len(), 2);
        assert_eq!(app.events("coFunder.created").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn only_an_administrator_writes_co_funders_and_everyone_reads_them() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (address, body) = (format!("{PATH}/{}", world.caf), json!({"name": "Nouveau", "kind": "other"}));
        let before = app.get(&address).send().await.expect(200);
        let events = app.event_kinds().await;
        app.post(PATH).json(&body).send().await.problem(401, "invalid-token");
        for token in [&world.instructor, &world.caf_token, &world.applicant, &world.council] {
            let created = app.post(PATH).token(token).json(&body).send().await;
            assert_eq!(created.problem(403, "insufficient-scope")["scope"], "contracts:write");
            let changed = app.patch(&address).token(token).if_match(before.etag()).json(&body).send().await;
            changed.problem(403, "insufficient-scope");
            app.get(&address).token(token).send().await.expect(200);
        }
        assert_eq!(app.get(&address).send().await.text, before.text);
        assert_eq!(app.event_kinds().await, events);
        let unknown = format!("{PATH}/01890a5d-ac96-774b-bcce-b302099a8057");
        app.get(&unknown).send().await.problem(404, "not-found");
        let missing =
            app.patch(&unknown).token(&world.administrator).if_match("\"1\"").json(&body).send().await;
        missing.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn every_fault_of_a_co_funder_is_told_at_once() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let body = json!({"kind": "bank", "siret": "73282932000075", "phone": "0254000000"});
        let problem = app.post(PATH).token(&token).json(&body).send().await.problem(422, "validation-failed");
        let expected = [
            ("/kind", "not-allowed-value"),
            ("/name", "required"),
            ("/phone", "unknown-field"),
            ("/siret", "wrong-format"),
        ];
        assert_eq!(sorted_faults(&problem), told(&expected));
        let made = app
            .post(PATH)
            .token(&token)
            .json(&json!({"name": "Caf", "kind": "caf"}))
            .send()
            .await
            .expect(201);
        let address = format!("{PATH}/{}", id(&made.json()));
        for (change, pointer, code) in [
            (json!({"name": null}), "/name", "required"),
            (json!({"name": ""}), "/name", "too-short"),
            (json!({"name": "x".repeat(201)}), "/name", "too-long"),
            (json!({"id": "x"}), "/id", "unknown-field"),
            (json!({"kind": 3}), "/kind", "not-allowed-value"),
        ] {
            let patch = app.patch(&address).token(&token).if_match(made.etag()).json(&change);
            let problem = patch.send().await.problem(422, "validation-failed");
            assert!(faults(&problem).contains(&(pointer.to_owned(), code.to_owned())), "{change}: {problem}");
        }
        assert_eq!(app.get(&address).send().await.text, made.text);
        assert_eq!(app.event_kinds().await, ["coFunder.created"]);
    })
    .await;
}
