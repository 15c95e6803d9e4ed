//! Evaluations: what the council and the co-funders say of a funded action; and the trace every step leaves.

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{
    Request, TestApp, World, at_once, contract_body, count, envelope, eur, id, items, on_each_database,
    siret, sorted_faults, told, voted,
};

fn path(application: &str) -> String {
    format!("/v1/applications/{application}/evaluations")
}

fn evaluation() -> Value {
    json!({
        "criteria": [{"name": "Participation", "grade": 4, "comment": "De plus en plus."}, {"name": "Suites", "grade": 1}],
        "comment": "L’action a trouvé son public."
    })
}

/// An application with one line voted by the Caf.
async fn underway(app: &TestApp, world: &World) -> String {
    let application = world.admissible(app).await;
    let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&voted("4000.00"));
    push.send().await.expect(201);
    application
}

fn give(app: &TestApp, application: &str, token: &str, body: &Value) -> Request {
    app.post(&path(application)).token(token).json(body)
}

async fn listed(app: &TestApp, application: &str, token: &str) -> Vec<Value> {
    items(&app.get(&path(application)).token(token).send().await.expect(200).json())
}

#[actix_web::test]
async fn the_council_and_each_co_funder_evaluate_a_funded_action_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = underway(app, &world).await;
        let council = give(app, &application, &world.council, &evaluation()).send().await.expect(201).json();
        assert_eq!((&council["councilOf"], &council["coFunderId"]), (&json!(world.contract), &Value::Null));
        assert_eq!(
            (&council["applicationId"], &council["givenAt"]),
            (&json!(application), &json!("2023-03-20T10:00:00Z"))
        );
        assert_eq!(council["criteria"][1], json!({"name": "Suites", "grade": 1, "comment": null}));
        let caf = give(app, &application, &world.caf_token, &evaluation()).send().await.expect(201).json();
        assert_eq!((&caf["councilOf"], &caf["coFunderId"]), (&Value::Null, &json!(world.caf)));
        // A co-funder of the call that grants nothing may say what it thinks, too.
        let landlord =
            give(app, &application, &world.landlord_token, &evaluation()).send().await.expect(201).json();
        for token in [&world.council, &world.caf_token, &world.landlord_token] {
            give(app, &application, token, &evaluation()).send().await.problem(409, "conflict");
        }
        assert_eq!(app.events("evaluation.given").await, 3);
        let all = [council, caf, landlord];
        for token in
            [&world.council, &world.city_token, &world.applicant, &world.instructor, &world.administrator]
        {
            assert_eq!(listed(app, &application, token).await, all);
        }
        let other = underway(app, &world).await;
        assert!(listed(app, &other, &world.council).await.is_empty());
        give(app, &other, &world.council, &evaluation()).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn the_address_of_a_new_evaluation_shows_that_evaluation() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = underway(app, &world).await;
        let made = give(app, &application, &world.council, &evaluation()).send().await.expect(201);
        let shown = app.get(made.header("Location").unwrap()).token(&world.council).send().await.expect(200);
        assert_eq!(shown.text, made.text);
    })
    .await;
}

#[actix_web::test]
async fn only_a_funded_action_is_evaluated() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let submitted = world.submitted(app, &world.application_body()).await;
        let refused = give(app, &submitted, &world.council, &evaluation()).french().send().await;
        let problem = refused.problem(409, "invalid-transition");
        let detail = "seule une action financée est évaluée ; le dossier est déposé";
        assert_eq!(problem["detail"], detail);
        let admissible = world.admissible(app).await;
        let agreed = json!({"firmness": "agreed", "granted": eur("10.00"), "credits": "mainstream"});
        app.put(&world.caf_line(&admissible)).token(&world.caf_token).json(&agreed).send().await.expect(201);
        for token in [&world.council, &world.caf_token] {
            give(app, &admissible, token, &evaluation()).send().await.problem(409, "invalid-transition");
        }
        let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
        give(app, unknown, &world.council, &evaluation()).send().await.problem(404, "not-found");
        assert_eq!(app.events("evaluation.given").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn an_action_whose_only_vote_was_taken_back_is_not_evaluated() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = underway(app, &world).await;
        let back = json!({"firmness": "refused", "credits": "mainstream", "reason": "vote annulé"});
        let line = world.caf_line(&application);
        app.put(&line).token(&world.caf_token).if_match("*").json(&back).send().await.expect(200);
        let project = format!("/v1/open-data/funded-projects/{application}");
        app.get(&project).send().await.problem(404, "not-found");
        give(app, &application, &world.council, &evaluation())
            .send()
            .await
            .problem(409, "invalid-transition");
    })
    .await;
}

#[actix_web::test]
async fn neither_the_staff_nor_the_applicant_nor_strangers_evaluate() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        let (_, foreign) = world.another_organisation(app, "Autre", &siret(5)).await;
        let mut body = contract_body(&[&world.caf]);
        body["reference"] = json!("CV-2");
        let contract =
            app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
        let other_council = Binding::Council(id(&contract.json()).parse().unwrap());
        let other_council = app.token(Role::Council, other_council).await;
        let application = underway(app, &world).await;
        for token in [&world.administrator, &world.instructor, &world.applicant, &foreign] {
            let refused = give(app, &application, token, &evaluation()).send().await;
            assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "evaluations:write");
        }
        for token in [&stranger, &other_council] {
            give(app, &application, token, &evaluation()).send().await.problem(404, "not-found");
            app.get(&path(&application)).token(token).send().await.problem(404, "not-found");
        }
        app.get(&path(&application)).token(&foreign).send().await.problem(404, "not-found");
        app.get(&path(&application)).send().await.problem(401, "invalid-token");
        app.post(&path(&application)).json(&evaluation()).send().await.problem(401, "invalid-token");
        assert!(listed(app, &application, &world.caf_token).await.is_empty());
        assert_eq!(app.events("evaluation.given").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn grades_are_whole_and_go_from_one_to_five() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = underway(app, &world).await;
        let send = |body: Value| give(app, &application, &world.council, &body);
        for (grade, code) in [
            (json!(0), "too-small"),
            (json!(6), "too-large"),
            (json!(3.5), "wrong-type"),
            (json!("4"), "wrong-type"),
            (json!(null), "wrong-type"),
            (json!(-1), "too-small"),
        ] {
            let body = json!({"criteria": [{"name": "Participation", "grade": grade}]});
            let problem = send(body).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("/criteria/0/grade", code)]), "{grade}");
        }
        let problem = send(json!({"criteria": []})).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/criteria", "too-few")]));
        let criterion = json!({"name": "Participation", "grade": 2});
        let twice = json!({"criteria": [criterion, criterion]});
        let problem = send(twice).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/criteria/1/name", "duplicate")]));
        let wrong = json!({"criteria": [{"grade": 9, "weight": 2}], "coFunderId": world.caf});
        let problem = send(wrong).send().await.problem(422, "validation-failed");
        let expected = [
            ("/coFunderId", "unknown-field"),
            ("/criteria/0/grade", "too-large"),
            ("/criteria/0/name", "required"),
            ("/criteria/0/weight", "unknown-field"),
        ];
        assert_eq!(sorted_faults(&problem), told(&expected));
        assert_eq!(app.events("evaluation.given").await, 0);
        // 4.0 is an integer to JSON Schema, hence to the published contract.
        let whole =
            send(json!({"criteria": [{"name": "Participation", "grade": 4.0}]})).send().await.expect(201);
        assert_eq!(whole.json()["criteria"][0]["grade"], 4);
    })
    .await;
}

#[actix_web::test]
async fn of_five_evaluations_of_one_author_at_once_exactly_one_is_kept() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = underway(app, &world).await;
        let answers = at_once((0..5).map(|_| give(app, &application, &world.council, &evaluation()))).await;
        assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 4));
        assert_eq!(listed(app, &application, &world.council).await.len(), 1);
        assert_eq!(app.events("evaluation.given").await, 1);
    })
    .await;
}

/// One act of the life of everything: it changes one thing, is followed by one event, and is not repeated.
async fn step(app: &TestApp, request: Request, status: u16, event: &str) -> Value {
    let before = app.event_kinds().await.len();
    let answer = request.send().await.expect(status);
    assert_eq!(app.event_kinds().await.split_off(before), [event]);
    answer.json()
}

#[actix_web::test]
async fn each_act_leaves_exactly_one_event_of_its_own_type() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let admin = world.administrator.clone();
        let post = |path: &str, body: Value| app.post(path).token(&admin).json(&body);
        let made =
            step(app, post("/v1/co-funders", json!({"name": "A", "kind": "other"})), 201, "coFunder.created")
                .await;
        let (own, patch) = (format!("/v1/co-funders/{}", id(&made)), json!({"name": "B"}));
        step(app, app.patch(&own).token(&admin).if_match("*").json(&patch), 200, "coFunder.updated").await;
        let body = json!({"name": "A", "siret": siret(8)});
        let made = step(app, post("/v1/organisations", body), 201, "organisation.created").await;
        let own = format!("/v1/organisations/{}", id(&made));
        step(app, app.patch(&own).token(&admin).if_match("*").json(&patch), 200, "organisation.updated")
            .await;
        let mut body = contract_body(&[&world.caf]);
        body["reference"] = json!("CV-2");
        let made = step(app, post("/v1/contracts", body), 201, "contract.created").await;
        world.contract = id(&made);
        world.instructor = world.instructor_of(app).await;
        let own = format!("/v1/contracts/{}", world.contract);
        let patch = json!({"title": "Contrat"});
        step(app, app.patch(&own).token(&admin).if_match("*").json(&patch), 200, "contract.updated").await;
        let signature = json!({"signedOn": "2022-10-01"});
        let sign =
            |path: &str| app.post(&format!("{path}/signatures")).token(&world.caf_token).json(&signature);
        step(app, sign(&own), 201, "contract.signed").await;
        let body = json!({"kind": "ordinary", "title": "Avenant", "effectiveOn": "2023-01-01", "changes": [
            {"type": "retireChallenge", "number": 4}
        ]});
        let made = step(app, post(&format!("{own}/amendments"), body), 201, "amendment.drafted").await;
        let own = format!("/v1/amendments/{}", id(&made));
        step(app, app.patch(&own).token(&admin).if_match("*").json(&patch), 200, "amendment.updated").await;
        step(app, sign(&own), 201, "amendment.signed").await;
        let made = step(app, post("/v1/calls", world.call_body()), 201, "call.created").await;
        world.call = id(&made);
        let own = format!("/v1/calls/{}", world.call);
        let patch = json!({"launchedBy": [world.caf, world.city]});
        step(app, app.patch(&own).token(&admin).if_match("*").json(&patch), 200, "call.updated").await;
        for co_funder in [&world.caf, &world.city] {
            let put = app.put(&format!("{own}/envelopes/{co_funder}")).token(&admin);
            step(app, put.json(&envelope("10000.00")), 201, "envelope.set").await;
        }
        step(app, app.put(&format!("{own}/publication")).token(&admin), 200, "call.published").await;
        steps_of_applications(app, &world).await;
    })
    .await;
}

async fn steps_of_applications(app: &TestApp, world: &World) {
    let drafted = async || {
        let post = app.post("/v1/applications").token(&world.applicant).json(&world.application_body());
        id(&step(app, post, 201, "application.created").await)
    };
    let judge = async |application: &str, body: Value, event: &str| {
        let own = format!("/v1/applications/{application}");
        step(
            app,
            app.put(&format!("{own}/submission")).token(&world.applicant),
            200,
            "application.submitted",
        )
        .await;
        let put = app.put(&format!("{own}/admissibility")).token(&world.instructor);
        step(app, put.json(&body), 200, event).await;
    };
    let other = drafted().await;
    let patch = app.patch(&format!("/v1/applications/{other}")).token(&world.applicant).if_match("*");
    step(app, patch.json(&json!({"needs": "x"})), 200, "application.updated").await;
    judge(&other, json!({"admissible": false, "reason": "x"}), "application.inadmissible").await;
    let application = drafted().await;
    judge(&application, json!({"admissible": true}), "application.admissible").await;
    app.set_clock("2023-03-20T10:00:00Z");
    let push = app.put(&world.caf_line(&application)).token(&world.caf_token);
    step(app, push.clone().json(&voted("4000.00")), 201, "decision.recorded").await;
    step(app, push.if_match("*").json(&voted("4500.00")), 200, "decision.superseded").await;
    step(app, give(app, &application, &world.council_of(app).await, &evaluation()), 201, "evaluation.given")
        .await;
}
