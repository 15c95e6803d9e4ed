//! Amendments: refused when they cannot apply (A3), frozen once signed (A1), folded in from their day on (A2).

mod signing;

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, contract_body, count, id, items, on_each_database,
    sorted_faults, told,
};

fn body(effective_on: &str, changes: Value) -> Value {
    json!({"kind": "ordinary", "title": "Avenant", "effectiveOn": effective_on, "changes": changes})
}

fn retire(challenge: i32) -> Value {
    json!([{"type": "retireChallenge", "number": challenge}])
}

fn draft(app: &TestApp, world: &World, body: &Value) -> Request {
    app.post(&format!("/v1/contracts/{}/amendments", world.contract)).token(&world.administrator).json(body)
}

/// Drafts an amendment that can be drafted, and answers its address.
async fn drafted(app: &TestApp, world: &World, body: &Value) -> String {
    let made = draft(app, world, body).send().await.expect(201);
    made.header("Location").unwrap().to_owned()
}

/// Signs before any amendment of these tests takes effect.
fn sign(app: &TestApp, address: &str, token: &str) -> Request {
    sign_on(app, address, token, "2017-01-02")
}

fn sign_on(app: &TestApp, address: &str, token: &str, day: &str) -> Request {
    app.post(&format!("{address}/signatures")).token(token).json(&json!({"signedOn": day}))
}

/// Drafts an amendment and has everyone sign it.
async fn signed(app: &TestApp, world: &World, body: &Value) -> String {
    let address = drafted(app, world, body).await;
    for token in [&world.caf_token, &world.city_token] {
        sign(app, &address, token).send().await.expect(201);
    }
    address
}

async fn as_of(app: &TestApp, world: &World, day: &str) -> Answer {
    app.get(&format!("/v1/contracts/{}?asOf={day}", world.contract)).send().await.expect(200)
}

#[actix_web::test]
async fn an_amendment_is_drafted_by_an_administrator_on_a_signed_contract_only() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let perr = body("2020-01-01", json!([{"type": "extendPeriod", "endsOn": "2023-12-31"}]));
        let mut unsigned = contract_body(&[&world.caf]);
        unsigned["reference"] = json!("CV-2");
        let contract =
            app.post("/v1/contracts").token(&world.administrator).json(&unsigned).send().await.expect(201);
        let path = format!("{}/amendments", contract.header("Location").unwrap());
        app.post(&path)
            .token(&world.administrator)
            .json(&perr)
            .send()
            .await
            .problem(409, "invalid-transition");
        let path = format!("/v1/contracts/{}/amendments", world.contract);
        for token in [&world.instructor, &world.caf_token, &world.applicant] {
            app.post(&path).token(token).json(&perr).send().await.problem(403, "insufficient-scope");
        }
        assert_eq!(app.events("amendment.drafted").await, 0);
        let made = draft(app, &world, &perr).send().await.expect(201);
        let shown = made.json();
        assert_eq!((&shown["status"], &shown["contractId"]), (&json!("draft"), &json!(world.contract)));
        assert_eq!(shown["changes"], perr["changes"]);
        let address = made.header("Location").unwrap();
        let read = app.get(address).token(&world.caf_token).send().await.expect(200);
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        for path in [address, &format!("{address}/signatures")] {
            app.get(path).send().await.problem(404, "not-found");
            app.get(path).token(&world.applicant).send().await.problem(404, "not-found");
        }
        assert!(items(&app.get(&path).send().await.expect(200).json()).is_empty());
        assert_eq!(items(&app.get(&path).token(&world.city_token).send().await.json()), [shown]);
        assert_eq!(app.events("amendment.drafted").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn each_change_that_cannot_apply_is_told_with_its_pointer() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let commitment = |code: &str, who: &str, challenge: i32| {
            json!({"type": "addCommitment", "commitment": {
                "code": code, "coFunderId": who, "challenge": challenge, "text": "Ouvrir une permanence."
            }})
        };
        let changes = json!([
            {"type": "extendPeriod", "endsOn": "2022-12-31"},
            {"type": "extendPeriod", "endsOn": "2021-12-31"},
            {"type": "addChallenge", "challenge": {"number": 5, "title": "encore"}},
            {"type": "reviseChallenge", "challenge": {"number": 7, "title": "sept"}},
            {"type": "retireChallenge", "number": 8},
            {"type": "addNeighbourhood", "neighbourhood": {"code": "nord", "name": "Nord", "kind": "watch"}},
            {"type": "removeNeighbourhood", "code": "sud"},
            {"type": "addSignatory", "coFunderId": world.caf},
            commitment("one", &world.caf, 9),
            commitment("two", &world.landlord, 5),
            {"type": "retireCommitment", "code": "three"},
            commitment("four", &world.caf, 5),
            commitment("four", &world.caf, 5)
        ]);
        let problem =
            draft(app, &world, &body("2020-01-01", changes)).send().await.problem(422, "validation-failed");
        let pointers = [
            "/changes/0/endsOn",
            "/changes/1/endsOn",
            "/changes/2/challenge/number",
            "/changes/3/challenge/number",
            "/changes/4/number",
            "/changes/5/neighbourhood/code",
            "/changes/6/code",
            "/changes/7/coFunderId",
            "/changes/8/commitment/challenge",
            "/changes/9/commitment/coFunderId",
            "/changes/10/code",
            "/changes/12/commitment/code",
        ];
        assert_eq!(sorted_faults(&problem), told(&pointers.map(|pointer| (pointer, "not-applicable"))));
        assert_eq!(app.events("amendment.drafted").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn an_unknown_signatory_does_not_hide_the_other_faults() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let changes = json!([
            {"type": "addSignatory", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8057"},
            {"type": "retireChallenge", "number": 8}
        ]);
        let problem =
            draft(app, &world, &body("2020-01-01", changes)).send().await.problem(422, "validation-failed");
        let expected =
            [("/changes/0/coFunderId", "unknown-reference"), ("/changes/1/number", "not-applicable")];
        assert_eq!(sorted_faults(&problem), told(&expected));
    })
    .await;
}

#[actix_web::test]
async fn every_kind_of_change_is_read_back_from_its_day_on() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let commitment =
            json!({"code": "desk", "coFunderId": world.caf, "challenge": 1, "text": "Ouvrir une permanence."});
        signed(app, &world, &body("2020-01-01", json!([
            {"type": "extendPeriod", "endsOn": "2023-12-31"},
            {"type": "addChallenge", "challenge": {"number": 1, "title": "santé"}},
            {"type": "reviseChallenge", "challenge": {"number": 5, "title": "cadre de vie"}},
            {"type": "retireChallenge", "number": 4},
            {"type": "addNeighbourhood", "neighbourhood": {"code": "sud", "name": "Sud", "kind": "watch"}},
            {"type": "removeNeighbourhood", "code": "nord"},
            {"type": "addCommitment", "commitment": commitment},
        ])))
        .await;
        let before = as_of(app, &world, "2019-12-31").await.json();
        assert_eq!((&before["endsOn"], &before["includedAmendments"]), (&json!("2022-12-31"), &json!([])));
        assert_eq!(before["challenges"], contract_body(&[])["challenges"]);
        let after = as_of(app, &world, "2020-01-01").await.json();
        assert_eq!(after["endsOn"], "2023-12-31");
        let challenges = json!([{"number": 1, "title": "santé"}, {"number": 5, "title": "cadre de vie"}]);
        assert_eq!(after["challenges"], challenges);
        assert_eq!(after["neighbourhoods"], json!([{"code": "sud", "name": "Sud", "kind": "watch"}]));
        let mut shown = commitment.clone();
        shown["lastReport"] = Value::Null;
        assert_eq!(after["commitments"], json!([shown]));
        signed(app, &world, &body("2021-01-01", json!([{"type": "retireCommitment", "code": "desk"}]))).await;
        assert_eq!(as_of(app, &world, "2021-01-01").await.json()["commitments"], json!([]));
        assert_eq!(as_of(app, &world, "2020-12-31").await.json()["commitments"], json!([shown]));
    })
    .await;
}

#[actix_web::test]
async fn the_perr_gives_two_end_dates_and_today_is_the_services_day() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut perr = body("2020-01-01", json!([{"type": "extendPeriod", "endsOn": "2024-12-31"}]));
        (perr["kind"], perr["title"]) = (json!("perr"), json!("PERR"));
        let address = signed(app, &world, &perr).await;
        let (before, after) =
            (as_of(app, &world, "2019-12-31").await, as_of(app, &world, "2020-01-01").await);
        assert_eq!(
            (&before.json()["endsOn"], &after.json()["endsOn"]),
            (&json!("2022-12-31"), &json!("2024-12-31"))
        );
        assert_eq!(
            (&before.json()["asOf"], &after.json()["asOf"]),
            (&json!("2019-12-31"), &json!("2020-01-01"))
        );
        let included = json!([{
            "id": address.rsplit('/').next(), "kind": "perr", "title": "PERR", "effectiveOn": "2020-01-01",
            "inForceFrom": "2020-01-01"
        }]);
        assert_eq!(
            (&before.json()["includedAmendments"], &after.json()["includedAmendments"]),
            (&json!([]), &included)
        );
        assert_ne!(before.etag(), after.etag());
        assert_ne!(after.etag(), as_of(app, &world, "2020-01-02").await.etag());
        let contract = format!("/v1/contracts/{}", world.contract);
        for (now, ends_on) in [("2019-12-31T23:59:59Z", "2022-12-31"), ("2020-01-01T00:00:00Z", "2024-12-31")]
        {
            app.set_clock(now);
            let today = app.get(&contract).send().await.expect(200).json();
            assert_eq!((&today["endsOn"], &today["asOf"]), (&json!(ends_on), &json!(now[..10])));
            assert_eq!(items(&app.get("/v1/contracts").send().await.json()), [today]);
        }
        for wrong in ["2020-13-01", "2023-02-29", "today", "", "2020-01-01T00:00:00Z", "01/01/2020"] {
            let answer =
                app.get(&format!("{contract}?asOf={wrong}")).send().await.problem(400, "invalid-parameter");
            assert_eq!(answer["errors"][0]["pointer"], "asOf", "{wrong}");
        }
        app.get(&format!("{contract}?asof=2020-01-01")).send().await.problem(400, "invalid-parameter");
    })
    .await;
}

#[actix_web::test]
async fn two_amendments_apply_by_their_days_not_by_their_signatures() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let revise =
            |title: &str| json!([{"type": "reviseChallenge", "challenge": {"number": 5, "title": title}}]);
        let later = signed(app, &world, &body("2021-01-01", revise("plus tard"))).await;
        let earlier = signed(app, &world, &body("2020-06-01", revise("plus tôt"))).await;
        for (day, title, included) in [
            ("2020-05-31", "quartier", vec![]),
            ("2020-06-01", "plus tôt", vec![&earlier]),
            ("2020-12-31", "plus tôt", vec![&earlier]),
            ("2021-01-01", "plus tard", vec![&earlier, &later]),
        ] {
            let read = as_of(app, &world, day).await.json();
            assert_eq!(read["challenges"][1]["title"], title, "{day}");
            let ids = read["includedAmendments"].as_array().unwrap().iter().map(id);
            let addresses: Vec<String> = ids.map(|id| format!("/v1/amendments/{id}")).collect();
            assert_eq!(addresses.iter().collect::<Vec<_>>(), included, "{day}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_later_signed_amendment_is_never_made_inapplicable() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        app.set_clock("2019-12-15T10:00:00Z");
        let earlier = drafted(app, &world, &body("2020-01-01", retire(4))).await;
        let later = signed(app, &world, &body("2021-01-01", retire(4))).await;
        let refused =
            draft(app, &world, &body("2020-06-01", retire(4))).send().await.problem(409, "conflict");
        assert!(refused["detail"].as_str().unwrap().contains(later.rsplit('/').next().unwrap()), "{refused}");
        sign(app, &earlier, &world.caf_token).send().await.expect(201);
        sign(app, &earlier, &world.city_token).send().await.problem(409, "conflict");
        let kept = app.get(&earlier).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!((&kept["status"], &kept["signatories"][1]["signedOn"]), (&json!("signing"), &Value::Null));
        assert_eq!(as_of(app, &world, "2020-12-31").await.json()["challenges"].as_array().unwrap().len(), 2);
        // Of two that exclude each other, the last signatures at once bring exactly one into force.
        for _ in 0..5 {
            let revise = json!([{"type": "addNeighbourhood", "neighbourhood": {
                "code": format!("q{}", app.event_kinds().await.len()), "name": "Q", "kind": "watch"
            }}]);
            let one = drafted(app, &world, &body("2018-01-01", revise.clone())).await;
            let other = drafted(app, &world, &body("2019-01-01", revise)).await;
            sign(app, &one, &world.caf_token).send().await.expect(201);
            sign(app, &other, &world.caf_token).send().await.expect(201);
            let answers = at_once([&one, &other].map(|address| sign(app, address, &world.city_token))).await;
            let refused = count(&answers, 409) + count(&answers, 422);
            assert_eq!((count(&answers, 201), refused), (1, 1), "{answers:?}");
        }
    })
    .await;
}
