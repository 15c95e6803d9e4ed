//! Commitments: taken by amendment, reported on by their own party, never mixed up with one another.

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, count, items, on_each_database, sorted_faults, told,
};

/// Before any amendment of these tests takes effect.
const SIGNED_ON: &str = "2017-01-02";

pub fn draft(app: &TestApp, world: &World, effective_on: &str, changes: Value) -> Request {
    let body =
        json!({"kind": "ordinary", "title": "Avenant", "effectiveOn": effective_on, "changes": changes});
    app.post(&format!("/v1/contracts/{}/amendments", world.contract)).token(&world.administrator).json(&body)
}

/// An amendment that all of them sign: its address.
pub async fn amended(
    app: &TestApp,
    world: &World,
    effective_on: &str,
    changes: Value,
    signing: &[&str],
) -> String {
    let made = draft(app, world, effective_on, changes).send().await.expect(201);
    let address = made.header("Location").unwrap().to_owned();
    for token in signing {
        let sign = app.post(&format!("{address}/signatures")).token(token);
        sign.json(&json!({"signedOn": SIGNED_ON})).send().await.expect(201);
    }
    address
}

pub fn add(code: &str, party: &str, challenge: i32, text: &str) -> Value {
    let terms = json!({"code": code, "coFunderId": party, "challenge": challenge, "text": text});
    json!({"type": "addCommitment", "commitment": terms})
}

fn retire(code: &str) -> Value {
    json!({"type": "retireCommitment", "code": code})
}

/// A world in which, from 2020 on, the Caf is committed to `desk` (challenge 5) and the city to `school` (4).
async fn committed(app: &TestApp) -> World {
    let world = World::new(app).await;
    let changes = json!([
        add("desk", &world.caf, 5, "Ouvrir une permanence."),
        add("school", &world.city, 4, "Ouvrir l’école le soir.")
    ]);
    amended(app, &world, "2020-01-01", changes, &[&world.caf_token, &world.city_token]).await;
    world
}

fn path(world: &World, code: &str) -> String {
    format!("/v1/contracts/{}/commitments/{code}", world.contract)
}

fn underway(day: &str) -> Value {
    json!({"state": "underway", "note": "Deux jours par semaine.", "reportedOn": day})
}

fn report(app: &TestApp, world: &World, code: &str, body: &Value) -> Request {
    app.post(&format!("{}/reports", path(world, code))).token(&world.caf_token).json(body)
}

/// The commitments the contract shows on a day, known to be those of their own list.
async fn as_of(app: &TestApp, world: &World, day: &str) -> Vec<Value> {
    let contract = format!("/v1/contracts/{}", world.contract);
    let read = app.get(&format!("{contract}?asOf={day}")).send().await.expect(200).json();
    let listed = app.get(&format!("{contract}/commitments?asOf={day}")).send().await.expect(200).json();
    assert_eq!((&listed["items"], &listed["next"]), (&read["commitments"], &Value::Null), "{day}");
    items(&listed)
}

async fn reports(app: &TestApp, world: &World, code: &str) -> Vec<Value> {
    items(&app.get(&format!("{}/reports", path(world, code))).send().await.expect(200).json())
}

/// What must stand as it was when something is refused.
async fn everything(app: &TestApp, world: &World) -> (Answer, Vec<Value>, i64) {
    let contract = app.get(&format!("/v1/contracts/{}", world.contract)).send().await.expect(200);
    (contract, reports(app, world, "desk").await, app.all_events().await)
}

async fn assert_unchanged(app: &TestApp, world: &World, before: &(Answer, Vec<Value>, i64)) {
    let after = everything(app, world).await;
    assert_eq!((&after.0.text, after.0.etag()), (&before.0.text, before.0.etag()));
    assert_eq!((&after.1, after.2), (&before.1, before.2));
}

#[actix_web::test]
async fn a_contract_lists_the_commitments_its_amendments_add() {
    on_each_database(async |app| {
        let world = committed(app).await;
        assert_eq!(as_of(app, &world, "2019-12-31").await, Vec::<Value>::new());
        let mut expected = Vec::new();
        for (code, party, challenge, text) in [
            ("desk", &world.caf, 5, "Ouvrir une permanence."),
            ("school", &world.city, 4, "Ouvrir l’école le soir."),
        ] {
            let mut shown = add(code, party, challenge, text)["commitment"].clone();
            shown["lastReport"] = Value::Null;
            assert_eq!(app.get(&path(&world, code)).send().await.expect(200).json(), shown);
            let before = format!("{}?asOf=2019-12-31", path(&world, code));
            app.get(&before).send().await.problem(404, "not-found");
            assert_eq!(reports(app, &world, code).await, Vec::<Value>::new());
            expected.push(shown);
        }
        assert_eq!(as_of(app, &world, "2020-01-01").await, expected);
        let wrong = format!("{}?asOf=2020-02-30", path(&world, "desk"));
        assert_eq!(
            app.get(&wrong).send().await.problem(400, "invalid-parameter")["errors"][0]["pointer"],
            "asOf"
        );
    })
    .await;
}

#[actix_web::test]
async fn a_party_reports_on_its_own_commitment() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let made = report(app, &world, "desk", &underway("2021-06-30")).send().await.expect(201);
        let shown = made.json();
        assert_eq!((&shown["commitment"], &shown["state"]), (&json!("desk"), &json!("underway")));
        assert_eq!(
            (&shown["note"], &shown["reportedOn"], &shown["recordedAt"]),
            (&json!("Deux jours par semaine."), &json!("2021-06-30"), &json!("2022-10-20T10:00:00Z"))
        );
        let address = made.header("Location").unwrap();
        assert!(address.starts_with(&format!("{}/reports/", path(&world, "desk"))), "{address}");
        let read = app.get(address).send().await.expect(200);
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        assert_eq!(reports(app, &world, "desk").await, std::slice::from_ref(&shown));
        let listed = as_of(app, &world, "2022-10-20").await;
        assert_eq!((&listed[0]["lastReport"], &listed[1]["lastReport"]), (&shown, &Value::Null));
        // A report is found under its own commitment only.
        let astray = address.replace("/desk/", "/school/");
        app.get(&astray).send().await.problem(404, "not-found");
        assert_eq!(app.events("commitment.reported").await, 1);
        let bare = json!({"state": "planned", "reportedOn": "2021-07-01"});
        assert_eq!(report(app, &world, "desk", &bare).send().await.expect(201).json()["note"], "");
    })
    .await;
}

#[actix_web::test]
async fn a_reading_shows_the_last_report_by_its_day_however_late_it_was_recorded() {
    on_each_database(async |app| {
        let world = committed(app).await;
        for (state, day) in
            [("fulfilled", "2022-01-31"), ("planned", "2020-02-01"), ("delayed", "2021-06-30")]
        {
            let body = json!({"state": state, "reportedOn": day});
            report(app, &world, "desk", &body).send().await.expect(201);
        }
        for (day, state) in [
            ("2020-01-31", Value::Null),
            ("2020-02-01", json!("planned")),
            ("2021-06-29", json!("planned")),
            ("2021-06-30", json!("delayed")),
            ("2022-01-30", json!("delayed")),
            ("2022-01-31", json!("fulfilled")),
        ] {
            let listed = as_of(app, &world, day).await;
            assert_eq!(listed[0]["lastReport"]["state"], state, "{day}");
            assert_eq!(listed[1]["lastReport"], Value::Null, "{day}");
            let one = app.get(&format!("{}?asOf={day}", path(&world, "desk"))).send().await.expect(200);
            assert_eq!(one.json(), listed[0]);
        }
        // Of two on one day, the one that was recorded last.
        let body = json!({"state": "abandoned", "reportedOn": "2021-06-30"});
        report(app, &world, "desk", &body).send().await.expect(201);
        assert_eq!(as_of(app, &world, "2021-06-30").await[0]["lastReport"]["state"], "abandoned");
        assert_eq!(as_of(app, &world, "2022-01-31").await[0]["lastReport"]["state"], "fulfilled");
    })
    .await;
}

#[actix_web::test]
async fn nobody_reports_on_the_commitment_of_another() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let before = everything(app, &world).await;
        let post = app.post(&format!("{}/reports", path(&world, "desk"))).json(&underway("2021-06-30"));
        for token in [&world.city_token, &world.landlord_token] {
            let refused = post.clone().token(token).send().await.problem(403, "not-your-institution");
            assert!(refused["detail"].as_str().unwrap().contains("party"), "{refused}");
            let refused =
                post.clone().token(token).french().send().await.problem(403, "not-your-institution");
            assert!(refused["detail"].as_str().unwrap().contains("engagement"), "{refused}");
        }
        for token in [&world.administrator, &world.instructor, &world.applicant, &world.council] {
            let refused = post.clone().token(token).send().await.problem(403, "insufficient-scope");
            assert_eq!(refused["scope"], "commitments:write");
        }
        post.send().await.problem(401, "invalid-token");
        assert_unchanged(app, &world, &before).await;
    })
    .await;
}

#[actix_web::test]
async fn a_report_is_true_of_a_day_that_was_and_that_the_commitment_was_in_force_on() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let before = everything(app, &world).await;
        for (day, code) in [("2022-10-22", "in-the-future"), ("2019-12-31", "outside-period")] {
            let refused = report(app, &world, "desk", &underway(day)).send().await;
            let problem = refused.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("/reportedOn", code)]));
        }
        let french = report(app, &world, "desk", &underway("2019-12-31")).french().send().await;
        let detail = french.problem(422, "validation-failed")["errors"][0]["detail"].clone();
        assert_eq!(detail, "l’engagement n’était pas en vigueur ce jour-là");
        let wrong = json!({"state": "done", "note": "x".repeat(2_001), "reportedOn": "hier", "by": "x"});
        let problem = report(app, &world, "desk", &wrong).send().await.problem(422, "validation-failed");
        let expected = [
            ("/by", "unknown-field"),
            ("/note", "too-long"),
            ("/reportedOn", "wrong-format"),
            ("/state", "not-allowed-value"),
        ];
        assert_eq!(sorted_faults(&problem), told(&expected));
        assert_unchanged(app, &world, &before).await;
        for day in ["2020-01-01", "2022-10-20"] {
            report(app, &world, "desk", &underway(day)).send().await.expect(201);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_commitment_that_no_signed_amendment_adds_is_not_there() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let changes = json!([add("garden", &world.caf, 5, "Planter un jardin.")]);
        amended(app, &world, "2021-01-01", changes, &[&world.caf_token]).await;
        let before = everything(app, &world).await;
        for code in ["garden", "nothing"] {
            report(app, &world, code, &underway("2021-06-30")).send().await.problem(404, "not-found");
            for address in [path(&world, code), format!("{}/reports", path(&world, code))] {
                app.get(&address).token(&world.caf_token).send().await.problem(404, "not-found");
            }
        }
        assert_unchanged(app, &world, &before).await;
    })
    .await;
}

#[actix_web::test]
async fn a_report_sent_again_under_its_key_is_one_report() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let send = report(app, &world, "desk", &underway("2021-06-30")).key("one");
        let first = send.send().await.expect(201);
        app.set_clock("2022-10-25T10:00:00Z");
        let again = send.send().await.expect(201);
        assert_eq!((&again.text, again.lasting_headers()), (&first.text, first.lasting_headers()));
        let other = report(app, &world, "desk", &underway("2021-07-01")).key("one");
        other.send().await.problem(422, "idempotency-key-reused");
        assert_eq!(reports(app, &world, "desk").await, [first.json()]);
        assert_eq!(app.events("commitment.reported").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn what_was_reported_on_a_retired_commitment_stays_readable() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let made = report(app, &world, "desk", &underway("2021-06-30")).send().await.expect(201);
        let signing = [world.caf_token.as_str(), world.city_token.as_str()];
        amended(app, &world, "2022-01-01", json!([retire("desk")]), &signing).await;
        let codes = async |day: &str| -> Vec<Value> {
            as_of(app, &world, day).await.iter().map(|one| one["code"].clone()).collect()
        };
        assert_eq!(codes("2021-12-31").await, ["desk", "school"]);
        assert_eq!(codes("2022-01-01").await, ["school"]);
        app.get(&path(&world, "desk")).send().await.problem(404, "not-found");
        let then = format!("{}?asOf=2021-12-31", path(&world, "desk"));
        assert_eq!(app.get(&then).send().await.expect(200).json()["lastReport"], made.json());
        assert_eq!(app.get(made.header("Location").unwrap()).send().await.expect(200).text, made.text);
        let before = everything(app, &world).await;
        let late = report(app, &world, "desk", &underway("2022-01-01")).send().await;
        let problem = late.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/reportedOn", "outside-period")]));
        assert_unchanged(app, &world, &before).await;
        let last = report(app, &world, "desk", &underway("2021-12-31")).send().await.expect(201);
        assert_eq!(reports(app, &world, "desk").await, [made.json(), last.json()]);
    })
    .await;
}

#[actix_web::test]
async fn a_challenge_is_retired_only_after_the_commitments_that_serve_it() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let challenge = json!({"type": "retireChallenge", "number": 5});
        let before = everything(app, &world).await;
        for changes in [json!([challenge]), json!([challenge, retire("desk")])] {
            let refused = draft(app, &world, "2022-01-01", changes).send().await;
            let problem = refused.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("/changes/0/number", "not-applicable")]));
            assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("desk"), "{problem}");
        }
        let french = draft(app, &world, "2022-01-01", json!([challenge])).french().send().await;
        let detail = french.problem(422, "validation-failed")["errors"][0]["detail"].clone();
        assert_eq!(detail, "l’engagement desk sert encore l’enjeu 5 : retirez-le d’abord");
        assert_unchanged(app, &world, &before).await;
        let signing = [world.caf_token.as_str(), world.city_token.as_str()];
        amended(app, &world, "2022-01-01", json!([retire("desk"), challenge]), &signing).await;
        assert_eq!(as_of(app, &world, "2022-01-01").await.len(), 1);
        // Before the day of the commitment nothing serves the challenge, but the commitment comes to serve it.
        let early = draft(app, &world, "2019-01-01", json!([{"type": "retireChallenge", "number": 4}]));
        app.set_clock("2019-06-01T10:00:00Z");
        early.send().await.problem(409, "conflict");
    })
    .await;
}

#[actix_web::test]
async fn the_code_of_a_commitment_is_never_given_to_another() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let signing = [world.caf_token.as_str(), world.city_token.as_str()];
        amended(app, &world, "2021-01-01", json!([retire("desk")]), &signing).await;
        let before = everything(app, &world).await;
        let again = add("desk", &world.city, 4, "Ouvrir une autre permanence.");
        for (changes, pointer) in [
            (json!([again]), "/changes/0/commitment/code"),
            (json!([retire("school"), add("school", &world.city, 4, "x")]), "/changes/1/commitment/code"),
        ] {
            let refused = draft(app, &world, "2022-01-01", changes).send().await;
            let problem = refused.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[(pointer, "not-applicable")]));
        }
        assert_unchanged(app, &world, &before).await;
        app.set_clock("2019-06-01T10:00:00Z");
        draft(app, &world, "2019-07-01", json!([again])).send().await.problem(409, "conflict");
        assert_eq!(app.all_events().await, before.2);
    })
    .await;
}

#[actix_web::test]
async fn a_walk_through_the_reports_meets_each_of_them_once_as_they_were_recorded() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let mut made = Vec::new();
        for day in ["2022-03-01", "2020-03-01", "2021-03-01"] {
            made.push(report(app, &world, "desk", &underway(day)).send().await.expect(201).json());
        }
        let school = app.post(&format!("{}/reports", path(&world, "school"))).token(&world.city_token);
        let school = school.json(&underway("2021-01-01")).send().await.expect(201).json();
        let mut seen = Vec::new();
        let mut next = Some(format!("{}/reports?limit=1", path(&world, "desk")));
        while let Some(here) = next {
            let page = app.get(&here).send().await.expect(200).json();
            assert_eq!(items(&page).len(), 1, "{page}");
            seen.extend(items(&page));
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(seen, made);
        assert_eq!(reports(app, &world, "school").await, [school]);
        let unknown = format!("{}/reports?limit=0", path(&world, "desk"));
        app.get(&unknown).send().await.problem(400, "invalid-parameter");
    })
    .await;
}

#[actix_web::test]
async fn a_report_sent_at_once_under_one_key_is_recorded_once() {
    on_each_database(async |app| {
        let world = committed(app).await;
        let send = report(app, &world, "desk", &underway("2021-06-30")).key("at-once");
        let answers = at_once((0..6).map(|_| send.clone())).await;
        let made = count(&answers, 201);
        assert!(made >= 1 && made + count(&answers, 409) == 6, "{answers:?}");
        assert_eq!(
            (reports(app, &world, "desk").await.len(), app.events("commitment.reported").await),
            (1, 1)
        );
    })
    .await;
}
