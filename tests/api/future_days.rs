//! The day of an act, a signature, a payment or a report has begun somewhere in France, at the latest in La Réunion.

use serde_json::{Value, json};

use crate::commitments::{add, amended};
use crate::support::{
    Request, TestApp, World, contract_body, eur, id, on_each_database, sorted_faults, told, voted,
};

/// A minute before the 21st of March begins in La Réunion, when it has begun in Auckland.
const EVENING: &str = "2023-03-20T19:59:00Z";
/// When it has begun in La Réunion, and not yet in Paris.
const MIDNIGHT: &str = "2023-03-20T20:00:00Z";
const TODAY: &str = "2023-03-20";
const TOMORROW: &str = "2023-03-21";

/// Refuses tomorrow under its pointer and changes nothing; accepts today, and tomorrow once it has begun.
async fn check(app: &TestApp, pointer: &str, request: impl Fn(&str) -> Request) {
    app.set_clock(EVENING);
    let events = app.all_events().await;
    for day in [TOMORROW, "2024-03-20"] {
        let problem = request(day).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[(pointer, "in-the-future")]));
    }
    let french = request(TOMORROW).french().send().await.problem(422, "validation-failed");
    assert_eq!(french["errors"][0]["detail"], "est dans le futur");
    assert_eq!(app.all_events().await, events);
}

async fn check_accepted(app: &TestApp, clock: &str, request: Request) {
    app.set_clock(clock);
    let answer = request.send().await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text);
}

fn dated(mut body: Value, member: &str, day: &str) -> Value {
    body[member] = json!(day);
    body
}

#[actix_web::test]
async fn an_act_and_a_payment_are_not_of_tomorrow() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let line = world.caf_line(&application);
        let push =
            |day: &str| app.put(&line).token(&world.caf_token).json(&dated(voted("100.00"), "actDate", day));
        check(app, "/actDate", push).await;
        check_accepted(app, EVENING, push(TODAY)).await;
        let pay = |day: &str| {
            let body =
                json!({"kind": "advance", "amount": eur("10.00"), "paidOn": day, "reference": "MDT-1"});
            app.post(&format!("{line}/payments")).token(&world.caf_token).json(&body)
        };
        check(app, "/paidOn", pay).await;
        check_accepted(app, MIDNIGHT, pay(TOMORROW)).await;
        let city = format!("/v1/applications/{application}/decisions/{}", world.city);
        let body = dated(voted("100.00"), "actDate", TOMORROW);
        check_accepted(app, MIDNIGHT, app.put(&city).token(&world.city_token).json(&body)).await;
    })
    .await;
}

#[actix_web::test]
async fn a_line_of_a_batch_is_not_of_tomorrow() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        app.set_clock(EVENING);
        let body = json!({"lines": [{
            "applicationId": application, "decision": dated(voted("100.00"), "actDate", TOMORROW)
        }]});
        let batch = app.post("/v1/decision-batches").token(&world.caf_token).json(&body);
        let made = batch.send().await.expect(201).json();
        assert_eq!(made["results"][0]["problem"]["errors"][0]["code"], "in-the-future", "{made}");
        app.get(&world.caf_line(&application)).token(&world.caf_token).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn a_signature_is_not_of_tomorrow() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = contract_body(&[&world.caf]);
        body["reference"] = json!("CV-2");
        let made = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
        let contract = format!("/v1/contracts/{}", id(&made.json()));
        let body = json!({
            "kind": "ordinary", "title": "Avenant", "effectiveOn": "2023-06-01",
            "changes": [{"type": "retireChallenge", "number": 4}]
        });
        let drafted = app.post(&format!("/v1/contracts/{}/amendments", world.contract));
        let drafted = drafted.token(&world.administrator).json(&body).send().await.expect(201);
        let amendment = drafted.header("Location").unwrap();
        for signed in [contract.as_str(), amendment] {
            let sign = |day: &str| {
                let sign = app.post(&format!("{signed}/signatures")).token(&world.caf_token);
                sign.json(&json!({"signedOn": day}))
            };
            check(app, "/signedOn", sign).await;
            check_accepted(app, MIDNIGHT, sign(TOMORROW)).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn reports_and_councils_are_not_of_tomorrow() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let changes = json!([add("desk", &world.caf, 5, "Ouvrir une permanence.")]);
        amended(app, &world, "2020-01-01", changes, &[&world.caf_token, &world.city_token]).await;
        let report = |day: &str| {
            let path = format!("/v1/contracts/{}/commitments/desk/reports", world.contract);
            let body = json!({"state": "underway", "note": "", "reportedOn": day});
            app.post(&path).token(&world.caf_token).json(&body)
        };
        check(app, "/reportedOn", report).await;
        check_accepted(app, EVENING, report(TODAY)).await;
        let set = |day: &str| {
            let colleges = json!([{"kind": "residents", "seats": 20}]);
            let body = json!({"createdOn": day, "parity": true, "colleges": colleges});
            app.put(&format!("/v1/contracts/{}/council", world.contract))
                .token(&world.administrator)
                .json(&body)
        };
        check(app, "/createdOn", set).await;
        check_accepted(app, EVENING, set(TODAY)).await;
    })
    .await;
}
