//! The citizens' council of a contract: colleges and seats, set whole by an administrator; nobody is named.

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, contract_body, count, on_each_database, sorted_faults, told,
};

/// Twenty residents, ten local actors, since the day the contract was signed.
fn body() -> Value {
    json!({
        "createdOn": "2015-07-02", "parity": true,
        "colleges": [{"kind": "residents", "seats": 20}, {"kind": "localActors", "seats": 10}]
    })
}

fn larger() -> Value {
    let mut body = body();
    body["colleges"][0]["seats"] = json!(21);
    body
}

fn address(world: &World) -> String {
    format!("/v1/contracts/{}/council", world.contract)
}

fn set(app: &TestApp, world: &World, body: &Value) -> Request {
    app.put(&address(world)).token(&world.administrator).json(body)
}

async fn read(app: &TestApp, world: &World) -> Answer {
    app.get(&address(world)).send().await.expect(200)
}

/// The draft of a contract, told apart from others by its reference: its address.
async fn draft_contract(app: &TestApp, world: &World, reference: &str) -> String {
    let mut body = contract_body(&[&world.caf]);
    body["reference"] = json!(reference);
    let made = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
    made.header("Location").unwrap().to_owned()
}

#[actix_web::test]
async fn a_council_is_found_once_it_has_been_set() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        app.get(&address(&world)).send().await.problem(404, "not-found");
        let made = set(app, &world, &body()).send().await.expect(201);
        assert_eq!(made.header("Location"), Some(address(&world).as_str()));
        assert_eq!(made.etag(), "\"1\"");
        let shown = made.json();
        assert_eq!(
            (&shown["contractId"], &shown["createdOn"]),
            (&json!(world.contract), &json!("2015-07-02"))
        );
        assert_eq!((&shown["parity"], &shown["colleges"]), (&json!(true), &body()["colleges"]));
        assert_eq!(shown["seats"], 30);
        let read = read(app, &world).await;
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        assert_eq!(app.events("council.set").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn the_same_council_again_changes_nothing_another_needs_if_match() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let first = set(app, &world, &body()).send().await.expect(201);
        app.set_clock("2022-10-21T10:00:00Z");
        // Even under a stale tag: the retry of a change whose answer was lost succeeds.
        for again in [set(app, &world, &body()), set(app, &world, &body()).if_match("\"7\"")] {
            let same = again.send().await.expect(200);
            assert_eq!((&same.text, same.etag()), (&first.text, first.etag()));
        }
        let other = set(app, &world, &larger());
        other.send().await.problem(428, "precondition-required");
        for stale in ["\"7\"", "W/\"1\"", "1"] {
            other.clone().if_match(stale).send().await.problem(412, "precondition-failed");
        }
        let kept = read(app, &world).await;
        assert_eq!((&kept.text, kept.etag()), (&first.text, first.etag()));
        assert_eq!(app.events("council.set").await, 1);
        let changed = other.clone().if_match(first.etag()).send().await.expect(200);
        assert_eq!((&changed.json()["seats"], changed.etag()), (&json!(31), "\"2\""));
        assert_eq!(changed.header("Location"), None);
        let shown = read(app, &world).await;
        assert_eq!((&shown.text, shown.etag()), (&changed.text, changed.etag()));
        set(app, &world, &body()).if_match(first.etag()).send().await.problem(412, "precondition-failed");
        assert_eq!((read(app, &world).await.text, app.events("council.set").await), (changed.text, 2));
    })
    .await;
}

#[actix_web::test]
async fn who_only_wants_to_create_a_council_never_changes_one_and_the_other_way_round() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for tag in ["*", "\"1\""] {
            let change = set(app, &world, &body()).if_match(tag);
            change.send().await.problem(412, "precondition-failed");
        }
        app.get(&address(&world)).send().await.problem(404, "not-found");
        assert_eq!(app.events("council.set").await, 0);
        let create = |body: &Value| set(app, &world, body).header("If-None-Match", "*");
        let made = create(&body()).send().await.expect(201);
        for body in [body(), larger()] {
            create(&body).send().await.problem(412, "precondition-failed");
        }
        assert_eq!((read(app, &world).await.text, app.events("council.set").await), (made.text, 1));
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_council_is_told_with_its_pointers() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let colleges = |colleges: Value| {
            let mut wrong = body();
            wrong["colleges"] = colleges;
            wrong
        };
        let mut named = body();
        named["president"] = json!("Madame Durand");
        named["colleges"][1]["members"] = json!(["Monsieur Martin"]);
        let residents = json!({"kind": "residents", "seats": 20});
        for (wrong, expected) in [
            (colleges(json!([residents, residents])), vec![("/colleges/1/kind", "duplicate")]),
            (colleges(json!([{"kind": "residents", "seats": 0}])), vec![("/colleges/0/seats", "too-small")]),
            (
                colleges(json!([residents, {"kind": "localActors", "seats": 501}])),
                vec![("/colleges/1/seats", "too-large")],
            ),
            (colleges(json!([])), vec![("/colleges", "too-few")]),
            (
                colleges(json!([residents, {"kind": "elected", "seats": 1.5}])),
                vec![("/colleges/1/kind", "not-allowed-value"), ("/colleges/1/seats", "wrong-type")],
            ),
            (named, vec![("/colleges/1/members", "unknown-field"), ("/president", "unknown-field")]),
            (
                json!({"createdOn": "2015-02-30"}),
                vec![("/colleges", "required"), ("/createdOn", "wrong-format"), ("/parity", "required")],
            ),
        ] {
            let problem = set(app, &world, &wrong).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&expected), "{wrong}");
        }
        app.get(&address(&world)).send().await.problem(404, "not-found");
        assert_eq!(app.events("council.set").await, 0);
        for seats in [1, 500] {
            let edge = colleges(json!([{"kind": "residents", "seats": seats}]));
            let path = format!("{}/council", draft_contract(app, &world, &format!("CV-{seats}")).await);
            app.put(&path).token(&world.administrator).json(&edge).send().await.expect(201);
        }
    })
    .await;
}

#[actix_web::test]
async fn faults_of_a_council_are_told_in_the_reader_s_language() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut wrong = body();
        wrong["colleges"][1]["kind"] = json!("residents");
        let problem = set(app, &world, &wrong).send().await.problem(422, "validation-failed");
        assert_eq!(problem["errors"][0]["detail"], "is given twice");
        let problem = set(app, &world, &wrong).french().send().await.problem(422, "validation-failed");
        assert_eq!(problem["errors"][0]["detail"], "est donné deux fois");
        assert_eq!(problem["title"], "Certains éléments ne sont pas valides");
        wrong["colleges"] =
            json!([{"kind": "residents", "seats": 0}, {"kind": "localActors", "seats": 501, "name": "A"}]);
        let details = |problem: &Value| -> Vec<String> {
            let errors = problem["errors"].as_array().unwrap().iter();
            errors.map(|one| one["detail"].as_str().unwrap().to_owned()).collect()
        };
        let english = set(app, &world, &wrong).send().await.problem(422, "validation-failed");
        assert_eq!(details(&english), ["is less than 1", "is not known here", "is greater than 500"]);
        let french = set(app, &world, &wrong).french().send().await.problem(422, "validation-failed");
        assert_eq!(details(&french), ["est inférieur à 1", "n’est pas connu ici", "est supérieur à 500"]);
        assert_eq!(app.events("council.set").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_council_is_set_by_an_administrator_only() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for token in [&world.caf_token, &world.instructor, &world.applicant, &world.council] {
            let refused = app.put(&address(&world)).token(token).json(&body()).send().await;
            assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "contracts:write");
        }
        app.put(&address(&world)).json(&body()).send().await.problem(401, "invalid-token");
        let unknown = "/v1/contracts/01890a5d-ac96-774b-bcce-b302099a8057/council";
        let nowhere = app.put(unknown).token(&world.administrator).json(&body());
        nowhere.send().await.problem(404, "not-found");
        app.get(&address(&world)).send().await.problem(404, "not-found");
        assert_eq!(app.events("council.set").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn the_council_of_a_draft_contract_is_shown_to_its_parties() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let contract = draft_contract(app, &world, "CV-2").await;
        let path = format!("{contract}/council");
        let made = app.put(&path).token(&world.administrator).json(&body()).send().await.expect(201);
        app.get(&path).send().await.problem(404, "not-found");
        for token in [&world.applicant, &world.council, &world.instructor, &world.landlord_token] {
            app.get(&path).token(token).send().await.problem(404, "not-found");
        }
        for token in [&world.administrator, &world.caf_token] {
            assert_eq!(app.get(&path).token(token).send().await.expect(200).text, made.text);
        }
        let sign = app.post(&format!("{contract}/signatures")).token(&world.caf_token);
        sign.json(&json!({"signedOn": "2015-07-02"})).send().await.expect(201);
        assert_eq!(app.get(&path).send().await.expect(200).text, made.text);
    })
    .await;
}

#[actix_web::test]
async fn a_contract_shows_its_council_from_the_day_it_was_created_on() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let contract = format!("/v1/contracts/{}", world.contract);
        let before = app.get(&contract).send().await.expect(200);
        assert_eq!(before.json()["council"], Value::Null);
        let council = set(app, &world, &body()).send().await.expect(201).json();
        let known = app.get(&contract).header("If-None-Match", before.etag());
        assert_eq!(known.send().await.expect(200).json()["council"], council);
        for (day, shown) in [("2015-07-01", &Value::Null), ("2015-07-02", &council), ("2030-01-01", &council)]
        {
            let read = app.get(&format!("{contract}?asOf={day}")).send().await.expect(200).json();
            assert_eq!(&read["council"], shown, "{day}");
        }
    })
    .await;
}

#[actix_web::test]
async fn of_first_councils_sent_at_once_exactly_one_is_the_first() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for round in 1..=5_i64 {
            let same = format!("{}/council", draft_contract(app, &world, &format!("CV-{round}-A")).await);
            let put = |path: &str, seats: i32| {
                let mut body = body();
                body["colleges"][0]["seats"] = json!(seats);
                app.put(path).token(&world.administrator).json(&body)
            };
            let answers = at_once((0..8).map(|_| put(&same, 20))).await;
            assert_eq!((count(&answers, 201), count(&answers, 200)), (1, 7), "{answers:?}");
            let other = format!("{}/council", draft_contract(app, &world, &format!("CV-{round}-B")).await);
            let answers = at_once((1..=8).map(|seats| put(&other, seats))).await;
            assert_eq!((count(&answers, 201), count(&answers, 428)), (1, 7), "{answers:?}");
            let first = answers.iter().find(|answer| answer.status == 201).unwrap();
            let kept = app.get(&other).token(&world.administrator).send().await.expect(200);
            assert_eq!((&kept.text, kept.etag()), (&first.text, "\"1\""));
            assert_eq!(app.events("council.set").await, 2 * round);
        }
    })
    .await;
}
