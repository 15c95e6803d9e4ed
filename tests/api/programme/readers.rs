//! For whom a programme is, and how it travels.

use contrat_de_ville::auth::{Binding, Role};
use serde_json::json;

use super::{adds_up, admitted, council_says, hands, instructor_elsewhere, list, path, pay, push, read};
use crate::support::{Answer, TestApp, World, id, on_each_database, voted};

#[actix_web::test]
async fn it_is_for_the_co_funders_of_the_call_and_its_staff() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        world.admissible(app).await;
        let shown = read(app, &world).await;
        let everywhere = app.token(Role::Instructor, Binding::Staff).await;
        for token in
            [&world.caf_token, &world.city_token, &world.instructor, &world.administrator, &everywhere]
        {
            let same = app.get(&path(&world)).token(token).send().await.expect(200);
            assert_eq!((&same.text, same.etag()), (&shown.text, shown.etag()));
        }
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        let elsewhere = instructor_elsewhere(app, &world).await;
        for address in [path(&world), format!("{}?format=csv", path(&world))] {
            for token in [&stranger, &elsewhere, &world.applicant, &world.council] {
                app.get(&address).token(token).send().await.problem(404, "not-found");
            }
            app.get(&address).send().await.problem(401, "invalid-token");
        }
        let unknown = "/v1/calls/01890a5d-ac96-774b-bcce-b302099a8057/programme";
        app.get(unknown).token(&world.administrator).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn a_draft_call_has_an_empty_programme_for_those_who_prepare_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let draft = app.post("/v1/calls").token(&world.administrator).json(&world.call_body());
        let programme = format!("/v1/calls/{}/programme", id(&draft.send().await.expect(201).json()));
        let shown = app.get(&programme).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!((&shown["rows"], &shown["coFunders"]), (&json!([]), &json!([])));
        app.get(&programme).token(&world.applicant).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn the_council_s_last_opinion_stands_beside_what_the_co_funders_say() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, _) = (world.admissible(app).await, world.admissible(app).await);
        let views = async || {
            let rows = list(&read(app, &world).await.json(), "rows").to_vec();
            rows.iter().map(|row| row["council"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(views().await, [json!(null), json!(null)]);
        let opinion = json!({"view": "unfavourable", "reasons": "Hors sujet.", "service": "Pôle enfance"});
        let service = app.post(&format!("/v1/applications/{first}/opinions")).token(&world.caf_token);
        service.json(&opinion).send().await.expect(201);
        assert_eq!(views().await, [json!(null), json!(null)]);
        for view in ["unfavourable", "reserved"] {
            council_says(app, &world, &first, view).await;
            assert_eq!(views().await, [json!(view), json!(null)]);
        }
    })
    .await;
}

async fn known(app: &TestApp, world: &World, address: &str, etag: &str) -> Answer {
    app.get(address).token(&world.caf_token).header("If-None-Match", etag).send().await
}

#[actix_web::test]
async fn its_tag_moves_with_every_push_payment_and_opinion_and_with_nothing_else() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let [caf, city, _] = hands(&world);
        let (document, table) = (path(&world), format!("{}?format=csv", path(&world)));
        let tags = async || {
            let mut tags = Vec::new();
            for address in [&document, &table] {
                let shown = app.get(address).token(&world.caf_token).send().await.expect(200);
                let etag = shown.etag().to_owned();
                assert!(etag.starts_with('"') && etag.len() > 20, "{etag}");
                let same = known(app, &world, address, &etag).await.expect(304);
                assert_eq!((same.text.as_str(), same.etag()), ("", etag.as_str()));
                tags.push(etag);
            }
            tags
        };
        let moved = async |before: &[String]| {
            for (address, etag) in [&document, &table].into_iter().zip(before) {
                known(app, &world, address, etag).await.expect(200);
            }
            tags().await
        };
        let start = tags().await;
        let vote = push(app, &application, caf, &voted("4000.00"));
        vote.send().await.expect(201);
        let pushed = moved(&start).await;
        vote.send().await.expect(200);
        app.set_clock("2023-03-21T10:00:00Z");
        assert_eq!(tags().await, pushed, "neither a push that says the same nor time moves it");
        pay(app, &world, &application).send().await.expect(201);
        let paid = moved(&pushed).await;
        let refused = json!({"firmness": "refused", "credits": "mainstream"});
        push(app, &application, city, &refused).send().await.expect(201);
        let refused = moved(&paid).await;
        council_says(app, &world, &application, "reserved").await;
        moved(&refused).await;
    })
    .await;
}

#[actix_web::test]
async fn a_long_one_arrives_whole_and_says_how_long_it_is() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        body["title"] = json!("é".repeat(200));
        for _ in 0..40 {
            admitted(app, &world, &body).await;
        }
        for (address, at_least) in [(path(&world), 80_000), (format!("{}?format=csv", path(&world)), 16_000)]
        {
            let whole = app.get(&address).token(&world.caf_token).send().await.expect(200);
            assert!(whole.bytes.len() > at_least, "{}", whole.bytes.len());
            let length = whole.bytes.len().to_string();
            assert_eq!(whole.header("Content-Length"), Some(length.as_str()));
            let head = app.request("HEAD", &address).token(&world.caf_token).send().await.expect(200);
            assert_eq!((head.header("Content-Length"), head.etag()), (Some(length.as_str()), whole.etag()));
            assert_eq!(head.text, "");
        }
        let programme = read(app, &world).await.json();
        adds_up(&programme);
        assert_eq!(list(&programme, "rows").len(), 40);
        assert!(list(&programme, "rows").iter().all(|row| row["title"] == body["title"]));
    })
    .await;
}
