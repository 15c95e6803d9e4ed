//! Calls: what publication needs (K1), what stays changeable afterwards (K2), who sees them, the phase by the clock.

mod copying;
mod lifecycle;

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, contract_body, count, envelope, id, items, on_each_database,
    sorted_faults, told,
};

fn create(app: &TestApp, world: &World, body: &Value) -> Request {
    app.post("/v1/calls").token(&world.administrator).json(body)
}

/// A draft of `body`: its address and what was answered.
async fn drafted(app: &TestApp, world: &World, body: &Value) -> (String, Answer) {
    let made = create(app, world, body).send().await.expect(201);
    (made.header("Location").unwrap().to_owned(), made)
}

fn publish(app: &TestApp, world: &World, address: &str) -> Request {
    app.put(&format!("{address}/publication")).token(&world.administrator)
}

async fn fund(app: &TestApp, world: &World, address: &str, co_funder: &str) {
    let path = format!("{address}/envelopes/{co_funder}");
    app.put(&path).token(&world.administrator).json(&envelope("0.00")).send().await.expect(201);
}

#[actix_web::test]
async fn a_call_is_drafted_read_and_edited() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let body = world.call_body();
        let (address, made) = drafted(app, &world, &body).await;
        let shown = made.json();
        assert_eq!((&shown["status"], address.ends_with(&id(&shown))), (&json!("draft"), true));
        for (member, sent) in body.as_object().unwrap() {
            assert_eq!(&shown[member], sent);
        }
        let read = app.get(&address).token(&world.caf_token).send().await.expect(200);
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        let patch = |change: Value| app.patch(&address).token(&world.instructor).json(&change);
        let shorter = json!({"closesAt": "2022-10-30T22:59:59Z", "strands": []});
        patch(shorter.clone()).send().await.problem(428, "precondition-required");
        patch(shorter.clone()).if_match("\"9-open\"").send().await.problem(412, "precondition-failed");
        let wrong = json!({"title": "Autre", "launchedBy": [world.caf, world.caf]});
        let problem = patch(wrong).if_match(made.etag()).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/launchedBy/1", "duplicate")]));
        assert_eq!(app.get(&address).token(&world.caf_token).send().await.text, made.text);
        let changed = patch(shorter).if_match(made.etag()).send().await.expect(200);
        assert_eq!((&changed.json()["strands"], &changed.json()["year"]), (&json!([]), &json!(2023)));
        let again = app.get(&address).token(&world.caf_token).send().await;
        assert_eq!((&again.text, again.etag()), (&changed.text, changed.etag()));
        assert_eq!((app.events("call.created").await, app.events("call.updated").await), (2, 1));
    })
    .await;
}

#[actix_web::test]
async fn a_draft_is_for_the_partners_and_written_by_the_staff() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (address, made) = drafted(app, &world, &world.call_body()).await;
        app.get(&address).send().await.problem(404, "not-found");
        for token in [&world.applicant, &world.council] {
            app.get(&address).token(token).send().await.problem(404, "not-found");
            assert_eq!(items(&app.get("/v1/calls").token(token).send().await.expect(200).json()).len(), 1);
        }
        let public = items(&app.get("/v1/calls").send().await.expect(200).json());
        assert_eq!(public.iter().map(id).collect::<Vec<_>>(), std::slice::from_ref(&world.call));
        for token in [&world.administrator, &world.instructor, &world.landlord_token] {
            app.get(&address).token(token).send().await.expect(200);
            assert_eq!(items(&app.get("/v1/calls").token(token).send().await.json()).len(), 2);
        }
        let events = app.event_kinds().await;
        for token in [&world.caf_token, &world.applicant, &world.council] {
            let created = app.post("/v1/calls").token(token).json(&world.call_body()).send().await;
            assert_eq!(created.problem(403, "insufficient-scope")["scope"], "calls:write");
            let patch = app.patch(&address).token(token).if_match(made.etag()).json(&json!({"title": "x"}));
            patch.send().await.problem(403, "insufficient-scope");
            let published = app.put(&format!("{address}/publication")).token(token).send().await;
            published.problem(403, "insufficient-scope");
        }
        app.post("/v1/calls").json(&world.call_body()).send().await.problem(401, "invalid-token");
        assert_eq!(app.event_kinds().await, events);
    })
    .await;
}

#[actix_web::test]
async fn every_reason_against_a_publication_is_told_at_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.call_body();
        body["opensAt"] = json!("2023-01-01T00:00:00Z");
        body["closesAt"] = json!("2023-02-01T00:00:00Z");
        body["strands"][0]["challenges"] = json!([5, 7]);
        body["neighbourhoods"] = json!(["nord", "ailleurs"]);
        let (address, made) = drafted(app, &world, &body).await;
        fund(app, &world, &address, &world.city).await;
        let problem = publish(app, &world, &address).send().await.problem(422, "validation-failed");
        let expected = [
            ("/launchedBy/0", "missing-envelope"),
            ("/launchedBy/2", "missing-envelope"),
            ("/neighbourhoods/1", "unknown-reference"),
            ("/opensAt", "outside-period"),
            ("/strands/0/challenges/1", "unknown-reference"),
        ];
        assert_eq!(sorted_faults(&problem), told(&expected));
        let empty =
            json!({"launchedBy": [], "strands": [], "opensAt": "2014-12-31T23:59:59Z", "neighbourhoods": []});
        let patch = app.patch(&address).token(&world.administrator).if_match(made.etag()).json(&empty);
        let changed = patch.send().await.expect(200);
        let problem = publish(app, &world, &address).french().send().await.problem(422, "validation-failed");
        let expected =
            [("/launchedBy", "required"), ("/opensAt", "outside-period"), ("/strands", "required")];
        assert_eq!(sorted_faults(&problem), told(&expected));
        let details: Vec<&str> =
            problem["errors"].as_array().unwrap().iter().map(|one| one["detail"].as_str().unwrap()).collect();
        assert!(
            details.contains(&"est hors du contrat, qui court du 2015-01-01 au 2022-12-31"),
            "{details:?}"
        );
        let read = app.get(&address).token(&world.administrator).send().await;
        assert_eq!((&read.text, app.events("call.published").await), (&changed.text, 1));
    })
    .await;
}

#[actix_web::test]
async fn a_call_refers_to_the_contract_of_the_day_it_opens() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let amendment = json!({"kind": "perr", "title": "PERR", "effectiveOn": "2022-10-03", "changes": [
            {"type": "retireChallenge", "number": 4}, {"type": "addChallenge", "challenge": {"number": 1, "title": "un"}}
        ]});
        let path = format!("/v1/contracts/{}/amendments", world.contract);
        let made = app.post(&path).token(&world.administrator).json(&amendment).send().await.expect(201);
        for token in [&world.caf_token, &world.city_token] {
            let path = format!("{}/signatures", made.header("Location").unwrap());
            app.post(&path).token(token).json(&json!({"signedOn": "2022-09-01"})).send().await.expect(201);
        }
        for (opens_at, unknown) in [("2022-10-02T23:59:59Z", 1), ("2022-10-03T00:00:00Z", 0)] {
            let mut body = world.call_body();
            body["opensAt"] = json!(opens_at);
            body["strands"][0]["challenges"] = json!([4, 1]);
            body["launchedBy"] = json!([world.caf]);
            let (address, _) = drafted(app, &world, &body).await;
            fund(app, &world, &address, &world.caf).await;
            let problem = publish(app, &world, &address).send().await.problem(422, "validation-failed");
            let pointer = format!("/strands/0/challenges/{unknown}");
            assert_eq!(sorted_faults(&problem), told(&[(&pointer, "unknown-reference")]));
        }
    })
    .await;
}

#[actix_web::test]
async fn publishing_again_answers_the_call_as_it_is() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.call_body();
        body["launchedBy"] = json!([world.caf]);
        for _ in 0..5 {
            let events = app.events("call.published").await;
            let (address, _) = drafted(app, &world, &body).await;
            fund(app, &world, &address, &world.caf).await;
            let at_once = at_once((0..5).map(|_| publish(app, &world, &address))).await;
            assert_eq!(count(&at_once, 200), 5, "{at_once:?}");
            let again = publish(app, &world, &address).send().await.expect(200);
            assert_eq!(again.json()["status"], "published");
            assert!(at_once.iter().all(|one| (one.etag(), &one.text) == (again.etag(), &again.text)));
            assert_eq!(app.get(&address).send().await.expect(200).text, again.text);
            assert_eq!(app.events("call.published").await, events + 1);
        }
        let unknown = "/v1/calls/01890a5d-ac96-774b-bcce-b302099a8057";
        publish(app, &world, unknown).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn who_publishes_what_has_changed_since_is_told() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.call_body();
        body["launchedBy"] = json!([world.caf]);
        let (address, made) = drafted(app, &world, &body).await;
        fund(app, &world, &address, &world.caf).await;
        let patch = app.patch(&address).token(&world.instructor).if_match(made.etag());
        patch.json(&json!({"title": "Autre"})).send().await.expect(200);
        let stale = publish(app, &world, &address).if_match(made.etag()).send().await;
        stale.problem(412, "precondition-failed");
        app.get(&address).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn of_a_published_call_only_the_deadline_moves_and_only_later() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("/v1/calls/{}", world.call);
        let before = app.get(&address).send().await.expect(200);
        let patch = |change: Value| {
            app.patch(&address).token(&world.administrator).if_match(before.etag()).json(&change)
        };
        for change in [
            json!({"closesAt": "2022-11-18T22:59:58Z"}),
            json!({"title": "Autre"}),
            json!({"year": 2024}),
            json!({"opensAt": "2022-10-03T06:59:59Z"}),
            json!({"launchedBy": [world.caf]}),
            json!({"strands": []}),
            json!({"neighbourhoods": []}),
            json!({"crossCuttingPriorities": []}),
            json!({"rules": {"maximumPublicSharePercent": 100}}),
            json!({"closesAt": "2022-11-30T22:59:59Z", "title": "Autre"}),
        ] {
            let problem = patch(change).send().await.problem(409, "invalid-transition");
            assert!(problem["detail"].as_str().unwrap().starts_with("the call is published: "), "{problem}");
        }
        let read = app.get(&address).send().await;
        assert_eq!((&read.text, app.events("call.updated").await), (&before.text, 0));
        let extended = patch(json!({"closesAt": "2022-11-30T22:59:59Z"})).send().await.expect(200);
        let shown = extended.json();
        assert_eq!(
            (&shown["closesAt"], &shown["status"]),
            (&json!("2022-11-30T22:59:59Z"), &json!("published"))
        );
        assert_eq!(app.get(&address).send().await.text, extended.text);
        assert_eq!((app.events("call.updated").await, app.events("call.deadlineExtended").await), (0, 1));
    })
    .await;
}

#[actix_web::test]
async fn the_phase_follows_the_clock() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("/v1/calls/{}", world.call);
        let mut etags = Vec::new();
        for (now, phase) in [
            ("2022-10-03T06:59:59.999999Z", "upcoming"),
            ("2022-10-03T07:00:00Z", "open"),
            ("2022-11-18T22:59:59Z", "open"),
            ("2022-11-18T22:59:59.000001Z", "closed"),
        ] {
            app.set_clock(now);
            let read = app.get(&address).send().await.expect(200);
            assert_eq!(read.json()["phase"], phase, "{now}");
            assert_eq!(items(&app.get("/v1/calls").send().await.json())[0]["phase"], phase);
            etags.push(read.etag().to_owned());
        }
        etags.dedup();
        assert_eq!(etags.len(), 3);
    })
    .await;
}

#[actix_web::test]
async fn a_call_needs_a_signed_contract_and_known_co_funders() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut unsigned = contract_body(&[&world.caf]);
        unsigned["reference"] = json!("CV-2");
        let contract =
            app.post("/v1/contracts").token(&world.administrator).json(&unsigned).send().await.expect(201);
        let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
        for contract in [id(&contract.json()), unknown.to_owned()] {
            let mut body = world.call_body();
            body["contractId"] = json!(contract);
            body["launchedBy"] = json!([world.caf, unknown, world.caf]);
            let problem = create(app, &world, &body).send().await.problem(422, "validation-failed");
            let expected = [
                ("/contractId", "unknown-reference"),
                ("/launchedBy/1", "unknown-reference"),
                ("/launchedBy/2", "duplicate"),
            ];
            assert_eq!(sorted_faults(&problem), told(&expected));
        }
        assert_eq!(app.events("call.created").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn codes_are_unique_in_a_call_and_every_double_is_told() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.call_body();
        let priority = json!({"code": "one", "title": {"fr": "une"}});
        let strand = json!({"code": "life", "title": {"fr": "x"}, "challenges": [5], "operationalPriorities": [priority, priority]});
        body["strands"] = json!([strand, strand]);
        body["crossCuttingPriorities"] = json!([
            {"code": "age", "title": {"fr": "x"}, "statement": "required"}, {"code": "age", "title": {"fr": "x"}, "statement": "optional"}
        ]);
        body["neighbourhoods"] = json!(["nord", "nord"]);
        let problem = create(app, &world, &body).send().await.problem(422, "validation-failed");
        let expected = [
            ("/crossCuttingPriorities/1/code", "duplicate"),
            ("/neighbourhoods/1", "duplicate"), ("/strands/0/operationalPriorities/1/code", "duplicate"),
            ("/strands/1/code", "duplicate"), ("/strands/1/operationalPriorities/0/code", "duplicate"),
            ("/strands/1/operationalPriorities/1/code", "duplicate"),
        ];
        assert_eq!(sorted_faults(&problem), told(&expected));
        assert_eq!(app.events("call.created").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn an_instant_outside_the_calendar_is_refused_not_kept() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for (member, outside) in
            [("closesAt", "9999-12-31T23:59:59-12:00"), ("opensAt", "0000-01-01T00:00:00+12:00")]
        {
            let mut body = world.call_body();
            body[member] = json!(outside);
            let answer = create(app, &world, &body).send().await;
            let pointer = format!("/{member}");
            assert_eq!(
                sorted_faults(&answer.problem(422, "validation-failed")),
                told(&[(&pointer, "wrong-format")])
            );
        }
        assert_eq!(
            items(&app.get("/v1/calls").token(&world.caf_token).send().await.expect(200).json()).len(),
            1
        );
    })
    .await;
}

#[actix_web::test]
async fn a_patch_that_changes_nothing_leaves_no_trace() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = id(&world.draft(app, &world.application_body()).await);
        let events = app.event_kinds().await;
        for (path, token, change) in [
            (
                format!("/v1/calls/{}", world.call),
                &world.administrator,
                json!({"closesAt": "2022-11-18T23:59:59+01:00"}),
            ),
            (
                format!("/v1/applications/{application}"),
                &world.applicant,
                json!({"title": "Un jardin pour tous"}),
            ),
            (format!("/v1/co-funders/{}", world.caf), &world.administrator, json!({"name": "Caf"})),
            (format!("/v1/organisations/{}", world.organisation), &world.applicant, json!({"rna": null})),
        ] {
            let before = app.get(&path).token(token).send().await.expect(200);
            app.set_clock("2022-10-21T10:00:00Z");
            let same =
                app.patch(&path).token(token).if_match(before.etag()).json(&change).send().await.expect(200);
            assert_eq!((&same.text, same.etag()), (&before.text, before.etag()));
        }
        assert_eq!(app.event_kinds().await, events);
    })
    .await;
}
