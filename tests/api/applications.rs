//! Applications: drafted and changed by their organisation, judged by an instructor, seen by those concerned.

mod admissibility;
mod finding;
mod history;
mod renewal;

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, envelope, eur, id, items, on_each_database, siret, sorted_faults, told,
    voted,
};

const PATH: &str = "/v1/applications";

fn create(app: &TestApp, token: &str, body: &Value) -> Request {
    app.post(PATH).token(token).json(body)
}

/// A draft of the world's own application: its address and what was answered.
async fn drafted(app: &TestApp, world: &World) -> (String, Answer) {
    let made = create(app, &world.applicant, &world.application_body()).send().await.expect(201);
    (made.header("Location").unwrap().to_owned(), made)
}

async fn read(app: &TestApp, address: &str, token: &str) -> Answer {
    app.get(address).token(token).send().await.expect(200)
}

/// The ids a list shows a client.
async fn listed(app: &TestApp, query: &str, token: &str) -> Vec<String> {
    items(&read(app, &format!("{PATH}{query}"), token).await.json()).iter().map(id).collect()
}

#[actix_web::test]
async fn an_organisation_drafts_for_itself_only() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, foreign) = world.another_organisation(app, "Autre", &siret(5)).await;
        let body = world.application_body();
        for token in [&foreign, &world.instructor] {
            create(app, token, &body).send().await.problem(403, "not-your-institution");
        }
        for token in [&world.administrator, &world.caf_token, &world.council] {
            let refused = create(app, token, &body).send().await;
            assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "applications:write");
        }
        app.post(PATH).json(&body).send().await.problem(401, "invalid-token");
        assert_eq!(app.events("application.created").await, 0);
        let (address, made) = drafted(app, &world).await;
        let shown = made.json();
        for (member, sent) in body.as_object().unwrap().iter().filter(|(member, _)| *member != "budget") {
            assert_eq!(&shown[member], sent);
        }
        let expected = (&json!("draft"), &Value::Null, &json!("Les Jardins (essai)"), &json!([]));
        assert_eq!(
            (&shown["status"], &shown["number"], &shown["organisationName"], &shown["warnings"]),
            expected
        );
        let again = read(app, &address, &world.applicant).await;
        assert_eq!((&again.text, again.etag()), (&made.text, made.etag()));
        assert_eq!(app.events("application.created").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_draft_is_made_in_a_published_call() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let call = app
            .post("/v1/calls")
            .token(&world.administrator)
            .json(&world.call_body())
            .send()
            .await
            .expect(201);
        for call in [id(&call.json()), "01890a5d-ac96-774b-bcce-b302099a8057".to_owned()] {
            let mut body = world.application_body();
            body["callId"] = json!(call);
            let answer = create(app, &world.applicant, &body).send().await;
            let problem = answer.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("/callId", "unknown-reference")]));
        }
        assert_eq!(app.events("application.created").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_draft_is_patched_with_the_version_it_was_read_at() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, foreign) = world.another_organisation(app, "Autre", &siret(5)).await;
        let (address, made) = drafted(app, &world).await;
        let patch =
            |token: &str| app.patch(&address).token(token).json(&json!({"title": "Autre", "strand": null}));
        patch(&world.applicant).send().await.problem(428, "precondition-required");
        patch(&world.applicant).if_match("\"5\"").send().await.problem(412, "precondition-failed");
        patch(&foreign).if_match(made.etag()).send().await.problem(404, "not-found");
        patch(&world.instructor).if_match(made.etag()).send().await.problem(403, "not-your-institution");
        patch(&world.caf_token).if_match(made.etag()).send().await.problem(403, "insufficient-scope");
        let moved = json!({"callId": world.contract, "organisationId": world.caf, "title": "x"});
        let moved =
            app.patch(&address).token(&world.applicant).if_match(made.etag()).json(&moved).send().await;
        let expected = [("/callId", "not-allowed-value"), ("/organisationId", "not-allowed-value")];
        assert_eq!(sorted_faults(&moved.problem(422, "validation-failed")), told(&expected));
        let derived = json!({"funding": {}, "status": "submitted", "number": "2023-0001"});
        let derived =
            app.patch(&address).token(&world.applicant).if_match(made.etag()).json(&derived).send().await;
        let expected =
            [("/funding", "unknown-field"), ("/number", "unknown-field"), ("/status", "unknown-field")];
        assert_eq!(sorted_faults(&derived.problem(422, "validation-failed")), told(&expected));
        assert_eq!(read(app, &address, &world.applicant).await.text, made.text);
        assert_eq!(app.events("application.updated").await, 0);
        let changed = patch(&world.applicant).if_match(made.etag()).send().await.expect(200);
        let shown = changed.json();
        assert_eq!(
            (&shown["title"], &shown["strand"], &shown["challenges"]),
            (&json!("Autre"), &Value::Null, &json!([5]))
        );
        assert_eq!(
            shown["warnings"],
            json!([{
                "pointer": "/strand", "code": "required",
                "detail": {"en": "strand: to be filled in", "fr": "volet : à renseigner"}
            }])
        );
        let again = read(app, &address, &world.applicant).await;
        assert_eq!((&again.text, again.etag()), (&changed.text, changed.etag()));
        assert_eq!(app.events("application.updated").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn only_a_draft_is_changed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let address = format!("{PATH}/{application}");
        let judge = app.put(&format!("{address}/admissibility")).token(&world.instructor);
        let judge = judge.json(&json!({"admissible": true}));
        for (state, french) in [("submitted", "déposé"), ("admissible", "recevable")] {
            let before = read(app, &address, &world.applicant).await;
            assert_eq!(before.json()["status"], state);
            let patch = app
                .patch(&address)
                .token(&world.applicant)
                .if_match(before.etag())
                .json(&json!({"title": "x"}));
            let problem = patch.french().send().await.problem(409, "invalid-transition");
            assert_eq!(problem["detail"], format!("un dossier {french} ne peut être modifié"));
            assert_eq!(read(app, &address, &world.applicant).await.text, before.text);
            judge.send().await.expect(200);
        }
        assert_eq!(app.events("application.updated").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn every_double_of_a_draft_is_told_at_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        let request = body["requests"][0].clone();
        body["requests"].as_array_mut().unwrap().push(request);
        let statement = json!({"priority": "gender-equality", "statement": "x"});
        body["statements"] = json!([statement, statement]);
        body["challenges"] = json!([5, 5]);
        body["operationalPriorities"] = json!(["life-1", "life-1"]);
        body["neighbourhoods"] = json!(["nord", "nord"]);
        let problem = create(app, &world.applicant, &body).send().await.problem(422, "validation-failed");
        let expected = [
            ("/challenges/1", "duplicate"),
            ("/neighbourhoods/1", "duplicate"),
            ("/operationalPriorities/1", "duplicate"),
            ("/requests/2/coFunderId", "duplicate"),
            ("/statements/1/priority", "duplicate"),
        ];
        assert_eq!(sorted_faults(&problem), told(&expected));
    })
    .await;
}

#[actix_web::test]
async fn a_draft_is_seen_by_its_organisation_and_the_staff() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, foreign) = world.another_organisation(app, "Autre", &siret(5)).await;
        let (address, made) = drafted(app, &world).await;
        let only = [id(&made.json())];
        for token in [&world.applicant, &world.instructor, &world.administrator] {
            read(app, &address, token).await;
            assert_eq!(listed(app, "", token).await, only);
        }
        for token in [&world.caf_token, &world.council, &foreign] {
            for path in [address.clone(), format!("{address}/decisions"), format!("{address}/evaluations")] {
                app.get(&path).token(token).send().await.problem(404, "not-found");
            }
            assert_eq!(listed(app, "", token).await, [""; 0]);
        }
        app.get(&address).send().await.problem(401, "invalid-token");
        app.get(PATH).send().await.problem(401, "invalid-token");
    })
    .await;
}

#[actix_web::test]
async fn a_submitted_application_is_seen_by_its_call_only() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, foreign) = world.another_organisation(app, "Autre", &siret(5)).await;
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        let application = world.submitted(app, &world.application_body()).await;
        let address = format!("{PATH}/{application}");
        for token in
            [&world.applicant, &world.instructor, &world.caf_token, &world.landlord_token, &world.council]
        {
            read(app, &address, token).await;
            assert_eq!(listed(app, "", token).await, std::slice::from_ref(&application));
        }
        for token in [&foreign, &stranger] {
            for path in [address.clone(), format!("{address}/decisions"), format!("{address}/evaluations")] {
                app.get(&path).token(token).send().await.problem(404, "not-found");
            }
            assert_eq!(listed(app, "", token).await, [""; 0]);
        }
        app.put(&format!("{address}/submission")).token(&foreign).send().await.problem(404, "not-found");
        let judgement =
            app.put(&format!("{address}/admissibility")).token(&foreign).json(&json!({"admissible": true}));
        judgement.send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn a_co_funder_that_left_the_call_before_publication_sees_and_grants_nothing() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let call = app
            .post("/v1/calls")
            .token(&world.administrator)
            .json(&world.call_body())
            .send()
            .await
            .expect(201);
        let address = call.header("Location").unwrap();
        for co_funder in [&world.caf, &world.city, &world.landlord] {
            let path = format!("{address}/envelopes/{co_funder}");
            app.put(&path).token(&world.administrator).json(&envelope("10000.00")).send().await.expect(201);
        }
        let leave = app.patch(address).token(&world.administrator).if_match(call.etag());
        leave.json(&json!({"launchedBy": [world.caf, world.city]})).send().await.expect(200);
        app.put(&format!("{address}/publication")).token(&world.administrator).send().await.expect(200);
        world.call = id(&call.json());
        let application = world.admissible(app).await;
        let address = format!("{PATH}/{application}");
        read(app, &address, &world.caf_token).await;
        let line = format!("{address}/decisions/{}", world.landlord);
        let push = app.put(&line).token(&world.landlord_token).json(&voted("1.00")).send().await;
        assert!([403, 404, 409].contains(&push.status), "{} {}", push.status, push.text);
        app.get(&address).token(&world.landlord_token).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn the_list_is_narrowed_by_call_status_and_strand() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let submitted = world.submitted(app, &world.application_body()).await;
        let mut body = world.application_body();
        body["strand"] = json!("education");
        let draft = id(&world.draft(app, &body).await);
        let admissible = world.admissible(app).await;
        let token = &world.instructor;
        for (query, expected) in [
            (String::new(), vec![&submitted, &draft, &admissible]),
            ("?sort=-createdAt".to_owned(), vec![&admissible, &draft, &submitted]),
            ("?status=submitted".to_owned(), vec![&submitted]),
            ("?status=draft".to_owned(), vec![&draft]),
            ("?status=underway".to_owned(), vec![]),
            ("?strand=life".to_owned(), vec![&submitted, &admissible]),
            ("?strand=education".to_owned(), vec![&draft]),
            ("?strand=life&status=admissible".to_owned(), vec![&admissible]),
            (format!("?call={}", world.call), vec![&submitted, &draft, &admissible]),
            (format!("?call={}&strand=education", world.call), vec![&draft]),
            (format!("?call={}", world.contract), vec![]),
        ] {
            let found = listed(app, &query, token).await;
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
        }
        assert_eq!(listed(app, "?status=draft", &world.caf_token).await, [""; 0]);
        for wrong in [
            "?status=open",
            "?call=42",
            "?strand=Life",
            "?strand=",
            "?neighborhood=nord",
            "?status=draft&status=draft",
        ] {
            app.get(&format!("{PATH}{wrong}")).token(token).send().await.problem(400, "invalid-parameter");
        }
        // A change of the draft is found under its new strand.
        let etag = read(app, &format!("{PATH}/{draft}"), &world.applicant).await.etag().to_owned();
        let patch = app.patch(&format!("{PATH}/{draft}")).token(&world.applicant).if_match(&etag);
        patch.json(&json!({"strand": "life"})).send().await.expect(200);
        assert_eq!(listed(app, "?strand=education", token).await, [""; 0]);
    })
    .await;
}

#[actix_web::test]
async fn an_application_shows_its_organisation_s_new_name_to_who_knows_the_old_one() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (address, made) = drafted(app, &world).await;
        let path = format!("/v1/organisations/{}", world.organisation);
        let etag = read(app, &path, &world.applicant).await.etag().to_owned();
        let rename =
            app.patch(&path).token(&world.applicant).if_match(&etag).json(&json!({"name": "Les Vergers"}));
        rename.send().await.expect(200);
        let again =
            app.get(&address).token(&world.applicant).header("If-None-Match", made.etag()).send().await;
        assert_eq!(again.expect(200).json()["organisationName"], "Les Vergers");
    })
    .await;
}

#[actix_web::test]
async fn what_is_asked_in_all_may_be_more_than_any_single_amount() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        body["requests"] = json!([
            {"coFunderId": world.caf, "amount": eur("9999999999.99"), "credits": "mainstream"},
            {"coFunderId": world.city, "amount": eur("9999999999.99"), "credits": "specific"}
        ]);
        let made = create(app, &world.applicant, &body).send().await.expect(201);
        assert_eq!(made.json()["funding"]["requested"], eur("19999999999.98"));
        let again = read(app, made.header("Location").unwrap(), &world.applicant).await;
        assert_eq!(again.text, made.text);
    })
    .await;
}
