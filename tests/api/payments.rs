//! Payments on a voted line (rule D8): they add up to what is granted, and hold the line to what was paid.

use serde_json::{Value, json};

use crate::support::{
    OPEN, Request, TestApp, World, at_once, count, eur, id, items, on_each_database, siret, sorted_faults,
    told, voted,
};

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn payment(kind: &str, amount: &str, reference: &str) -> Value {
    json!({"kind": kind, "amount": eur(amount), "paidOn": "2023-03-20", "reference": reference})
}

fn pay(app: &TestApp, line: &str, token: &str, body: &Value) -> Request {
    app.post(&format!("{line}/payments")).token(token).json(body)
}

fn push(app: &TestApp, line: &str, token: &str, body: &Value) -> Request {
    app.put(line).token(token).json(body)
}

/// The address of a line of the Caf, which has voted 4,000.00 EUR.
async fn granted(app: &TestApp, world: &World) -> String {
    let line = world.caf_line(&world.admissible(app).await);
    push(app, &line, &world.caf_token, &voted("4000.00")).send().await.expect(201);
    line
}

/// What stands on the line as paid, and how many payments were recorded in all.
async fn paid(app: &TestApp, world: &World, line: &str) -> (Value, i64) {
    let shown = app.get(line).token(&world.landlord_token).send().await.expect(200).json();
    (shown["paid"].clone(), app.events("payment.recorded").await)
}

async fn listed(app: &TestApp, line: &str, token: &str) -> Vec<Value> {
    items(&app.get(&format!("{line}/payments")).token(token).send().await.expect(200).json())
}

fn application(line: &str) -> String {
    line.split("/decisions/").next().unwrap().to_owned()
}

fn city_line(world: &World, line: &str) -> String {
    format!("{}/decisions/{}", application(line), world.city)
}

fn because(mut body: Value) -> Value {
    body["reason"] = json!("budget revu");
    body
}

#[actix_web::test]
async fn payments_add_up_on_the_line_and_in_the_funding() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let mut made = Vec::new();
        let amounts = [("advance", "1000.00", "1000.00"), ("instalment", "1999.99", "2999.99")];
        for (kind, amount, sum) in amounts.into_iter().chain([("balance", "1000.01", "4000.00")]) {
            let body = payment(kind, amount, kind);
            let answer = pay(app, &line, &world.caf_token, &body).send().await.expect(201);
            let read = app.get(answer.header("Location").unwrap()).token(&world.caf_token).send().await;
            assert_eq!(read.expect(200).text, answer.text);
            let shown = answer.json();
            for member in ["kind", "amount", "paidOn", "reference"] {
                assert_eq!(shown[member], body[member]);
            }
            made.push(shown);
            assert_eq!(paid(app, &world, &line).await.0, eur(sum));
            let seen = app.get(&application(&line)).token(&world.city_token).send().await.expect(200).json();
            let funding = &seen["funding"];
            assert_eq!((&funding["paid"], &funding["byCoFunder"][0]["paid"]), (&eur(sum), &eur(sum)));
            assert_eq!((&funding["voted"], &funding["gap"]), (&eur("4000.00"), &eur("6000.00")));
        }
        assert_eq!(listed(app, &line, &world.city_token).await, made);
        // A payment is not a push: the line is in the version it was pushed in.
        let shown = app.get(&line).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!((&shown["revision"], &shown["firmness"]), (&json!(1), &json!("voted")));
        assert_eq!((app.events("payment.recorded").await, app.events("decision.superseded").await), (3, 0));
    })
    .await;
}

#[actix_web::test]
async fn no_more_is_paid_than_is_granted_and_no_more_given_back_than_was_paid() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let send = |kind: &str, amount: &str, rank: u32| {
            pay(app, &line, &world.caf_token, &payment(kind, amount, &format!("MDT-{rank}")))
        };
        let exceeded = async |request: Request, remaining: &str| {
            let before = paid(app, &world, &line).await;
            let problem = request.send().await.problem(409, "payment-exceeded");
            assert_eq!(problem["remaining"], eur(remaining));
            assert_eq!(paid(app, &world, &line).await, before);
        };
        exceeded(send("recovery", "0.01", 1), "0.00").await;
        exceeded(send("advance", "4000.01", 1), "4000.00").await;
        send("advance", "3000.00", 1).send().await.expect(201);
        exceeded(send("instalment", "1000.01", 2), "1000.00").await;
        exceeded(send("balance", "1000.01", 2), "1000.00").await;
        exceeded(send("recovery", "3000.01", 2), "3000.00").await;
        send("recovery", "500.00", 2).send().await.expect(201);
        exceeded(send("recovery", "2500.01", 3), "2500.00").await;
        exceeded(send("instalment", "1500.01", 3), "1500.00").await;
        send("instalment", "1500.00", 3).send().await.expect(201);
        assert_eq!(paid(app, &world, &line).await, (eur("4000.00"), 3));
        exceeded(send("instalment", "0.01", 4), "0.00").await;
    })
    .await;
}

#[actix_web::test]
async fn after_the_balance_money_only_comes_back() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let send = |kind: &str, amount: &str| {
            pay(app, &line, &world.caf_token, &payment(kind, amount, &format!("{kind} {amount}")))
        };
        send("balance", "3000.00").send().await.expect(201);
        for kind in ["advance", "instalment", "balance"] {
            send(kind, "1.00").send().await.problem(409, "invalid-transition");
        }
        assert_eq!(paid(app, &world, &line).await, (eur("3000.00"), 1));
        send("recovery", "250.00").send().await.expect(201);
        send("recovery", "50.00").send().await.expect(201);
        send("advance", "1.00").send().await.problem(409, "invalid-transition");
        assert_eq!(paid(app, &world, &line).await, (eur("2700.00"), 3));
    })
    .await;
}

#[actix_web::test]
async fn a_reference_names_one_payment_of_a_line() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let other = city_line(&world, &line);
        push(app, &other, &world.city_token, &voted("3000.00")).send().await.expect(201);
        let first = payment("advance", "100.00", "MDT-1");
        let racing = at_once((0..5).map(|_| pay(app, &line, &world.caf_token, &first))).await;
        assert_eq!((count(&racing, 201), count(&racing, 200)), (1, 4));
        for kind in ["advance", "instalment", "balance", "recovery"] {
            let again = pay(app, &line, &world.caf_token, &payment(kind, "50.00", "MDT-1"));
            again.send().await.problem(409, "conflict");
        }
        assert_eq!(paid(app, &world, &line).await, (eur("100.00"), 1));
        pay(app, &other, &world.city_token, &first).send().await.expect(201);
        assert_eq!(paid(app, &world, &other).await, (eur("100.00"), 2));
    })
    .await;
}

#[actix_web::test]
async fn the_same_payment_is_200_after_archival() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let first = pay(app, &line, &world.caf_token, &payment("advance", "1000.00", "MDT-1"));
        let made = first.send().await.expect(201).json();
        for noun in ["conclusion", "archival"] {
            let step = app.put(&format!("/v1/calls/{}/{noun}", world.call)).token(&world.administrator);
            step.send().await.expect(200);
        }
        assert_eq!(first.send().await.expect(200).json(), made);
        let more = pay(app, &line, &world.caf_token, &payment("instalment", "1000.00", "MDT-2"));
        more.send().await.problem(409, "invalid-transition");
    })
    .await;
}

#[actix_web::test]
async fn a_retry_with_its_key_pays_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let first = pay(app, &line, &world.caf_token, &payment("advance", "100.00", "MDT-1")).key("one");
        let made = first.send().await.expect(201);
        pay(app, &line, &world.caf_token, &payment("balance", "900.00", "MDT-2")).send().await.expect(201);
        let again = first.send().await.expect(201);
        assert_eq!((&again.text, again.lasting_headers()), (&made.text, made.lasting_headers()));
        let other = pay(app, &line, &world.caf_token, &payment("recovery", "100.00", "MDT-3")).key("one");
        other.send().await.problem(422, "idempotency-key-reused");
        assert_eq!(paid(app, &world, &line).await, (eur("1000.00"), 2));
    })
    .await;
}

#[actix_web::test]
async fn money_moves_after_the_act_and_not_tomorrow() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let with = |member: &str, value: Value| {
            let mut body = payment("advance", "100.00", "MDT-1");
            body[member] = value;
            pay(app, &line, &world.caf_token, &body)
        };
        for (member, value, pointer, code) in [
            ("paidOn", json!("2023-03-22"), "/paidOn", "in-the-future"),
            ("paidOn", json!("2023-03-15"), "/paidOn", "period-order"),
            ("paidOn", json!("20/03/2023"), "/paidOn", "wrong-format"),
            ("amount", eur("0.00"), "/amount", "too-small"),
            ("amount", eur("-1.00"), "/amount/amount", "wrong-format"),
            ("kind", json!("gift"), "/kind", "not-allowed-value"),
            ("reference", json!(""), "/reference", "too-short"),
        ] {
            let problem = with(member, value).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[(pointer, code)]));
        }
        let empty = pay(app, &line, &world.caf_token, &json!({})).send().await;
        let missing = ["/kind", "/amount", "/paidOn", "/reference"].map(|member| (member, "required"));
        assert_eq!(sorted_faults(&empty.problem(422, "validation-failed")), told(&missing));
        assert_eq!(paid(app, &world, &line).await, (eur("0.00"), 0));
        with("paidOn", json!("2023-03-16")).send().await.expect(201);
        assert_eq!(paid(app, &world, &line).await, (eur("100.00"), 1));
    })
    .await;
}

#[actix_web::test]
async fn only_the_co_funder_itself_pays_on_its_line_once_it_has_voted() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        let line = granted(app, &world).await;
        let body = payment("advance", "100.00", "MDT-1");
        for token in [&world.instructor, &world.administrator, &world.applicant, &world.council] {
            let refused = pay(app, &line, token, &body).send().await;
            assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "decisions:write");
        }
        pay(app, &line, &world.city_token, &body).send().await.problem(403, "not-your-line");
        pay(app, &line, &stranger, &body).send().await.problem(404, "not-found");
        let own = city_line(&world, &line);
        pay(app, &own, &world.city_token, &body).send().await.problem(404, "not-found");
        app.set_clock(OPEN);
        let draft = id(&world.draft(app, &world.application_body()).await);
        app.set_clock("2023-03-20T10:00:00Z");
        for unseen in [UNKNOWN, draft.as_str()] {
            let line = world.caf_line(unseen);
            pay(app, &line, &world.caf_token, &body).send().await.problem(404, "not-found");
        }
        let agreed = json!({"firmness": "agreed", "granted": eur("100.00"), "credits": "mainstream"});
        let made = push(app, &own, &world.city_token, &agreed).send().await.expect(201);
        pay(app, &own, &world.city_token, &body).send().await.problem(409, "invalid-transition");
        assert_eq!(app.get(&own).token(&world.city_token).send().await.text, made.text);
        let refused = because(json!({"firmness": "refused", "credits": "mainstream"}));
        push(app, &own, &world.city_token, &refused).if_match("*").send().await.expect(200);
        pay(app, &own, &world.city_token, &body).send().await.problem(409, "invalid-transition");
        assert_eq!(paid(app, &world, &line).await, (eur("0.00"), 0));
    })
    .await;
}

#[actix_web::test]
async fn what_was_paid_stays_granted() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let before = app.get(&line).token(&world.caf_token).send().await.expect(200);
        pay(app, &line, &world.caf_token, &payment("advance", "2000.00", "MDT-1")).send().await.expect(201);
        let change = |body: Value| push(app, &line, &world.caf_token, &because(body)).if_match("*");
        let agreed = json!({"firmness": "agreed", "granted": eur("4000.00"), "credits": "mainstream"});
        let of = |firmness: &str| json!({"firmness": firmness, "credits": "mainstream"});
        for body in [voted("1999.99"), agreed, of("refused"), of("deferred")] {
            change(body).send().await.problem(409, "invalid-transition");
        }
        // The tag tells of payments too: who has not seen this one changes nothing.
        let stale = push(app, &line, &world.caf_token, &because(voted("3000.00"))).if_match(before.etag());
        stale.send().await.problem(412, "precondition-failed");
        let shown = app.get(&line).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!((&shown["granted"], &shown["revision"]), (&eur("4000.00"), &json!(1)));
        assert_eq!(app.events("decision.superseded").await, 0);
        change(voted("2000.00")).send().await.expect(200);
        assert_eq!(paid(app, &world, &line).await, (eur("2000.00"), 1));
    })
    .await;
}

#[actix_web::test]
async fn a_line_is_paid_once_its_payments_are_all_of_its_grant() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let mut all = voted("4000.00");
        all["firmness"] = json!("paid");
        let other = world.caf_line(&world.admissible(app).await);
        push(app, &other, &world.caf_token, &all).send().await.problem(409, "invalid-transition");
        app.get(&other).token(&world.caf_token).send().await.problem(404, "not-found");
        let close = push(app, &line, &world.caf_token, &all).if_match("*");
        for (kind, amount) in [("instalment", "3999.99"), ("balance", "0.01")] {
            close.send().await.problem(409, "invalid-transition");
            pay(app, &line, &world.caf_token, &payment(kind, amount, kind)).send().await.expect(201);
        }
        assert_eq!(app.events("decision.superseded").await, 0);
        close.send().await.expect(200);
        let seen = app.get(&line).token(&world.applicant).send().await.expect(200).json();
        assert_eq!((&seen["firmness"], &seen["paid"]), (&json!("paid"), &eur("4000.00")));
    })
    .await;
}

#[actix_web::test]
async fn nothing_is_paid_before_conditions_are_met_and_what_was_paid_on_is_met_for_good() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let other = city_line(&world, &line);
        let grants = |co_funder: &str, amount: &str| {
            json!([{"type": "coFunderGrants", "coFunderId": co_funder, "amount": eur(amount)}])
        };
        let mut waiting = voted("4000.00");
        waiting["conditions"] = grants(&world.city, "3000.00");
        push(app, &line, &world.caf_token, &waiting).send().await.expect(201);
        let advance = pay(app, &line, &world.caf_token, &payment("advance", "1000.00", "MDT-1"));
        advance.send().await.problem(409, "conditions-unmet");
        let mut circular = voted("3000.00");
        circular["conditions"] = grants(&world.caf, "4000.00");
        push(app, &other, &world.city_token, &circular).send().await.expect(201);
        let waits = pay(app, &other, &world.city_token, &payment("advance", "1000.00", "MDT-1"));
        waits.send().await.problem(409, "conditions-unmet");
        advance.send().await.problem(409, "conditions-unmet");
        assert_eq!(paid(app, &world, &line).await, (eur("0.00"), 0));
        push(app, &other, &world.city_token, &voted("3000.00")).if_match("*").send().await.expect(200);
        let moved = app.events("decision.resolved").await;
        advance.send().await.expect(201);
        let lower = push(app, &other, &world.city_token, &because(voted("100.00"))).if_match("*");
        lower.send().await.expect(200);
        for token in [&world.caf_token, &world.applicant] {
            let shown = app.get(&line).token(token).send().await.expect(200).json();
            assert_eq!(shown["resolution"], json!({"state": "met", "circle": []}));
        }
        let seen = app.get(&application(&line)).token(&world.applicant).send().await.expect(200).json();
        assert_eq!((&seen["funding"]["voted"], &seen["funding"]["paid"]), (&eur("4100.00"), &eur("1000.00")));
        assert_eq!(app.events("decision.resolved").await, moved);
    })
    .await;
}

#[actix_web::test]
async fn payments_are_shown_to_those_who_see_the_line() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, foreign) = world.another_organisation(app, "Autre", &siret(5)).await;
        let line = granted(app, &world).await;
        let other = city_line(&world, &line);
        let agreed = json!({"firmness": "agreed", "granted": eur("10.00"), "credits": "mainstream"});
        push(app, &other, &world.city_token, &agreed).send().await.expect(201);
        let made = pay(app, &line, &world.caf_token, &payment("advance", "1000.00", "MDT-1"));
        let made = made.send().await.expect(201);
        let (address, made) = (made.header("Location").unwrap().to_owned(), made.json());
        assert!(made["recordedBy"].is_string());
        for token in [&world.city_token, &world.instructor, &world.administrator] {
            assert_eq!(listed(app, &line, token).await, std::slice::from_ref(&made));
        }
        let mut outside = made.clone();
        outside["recordedBy"] = Value::Null;
        for token in [&world.applicant, &world.council] {
            assert_eq!(listed(app, &line, token).await, [outside.clone()]);
            assert_eq!(app.get(&address).token(token).send().await.expect(200).json(), outside);
            let seen = app.get(&application(&line)).token(token).send().await.expect(200).json();
            assert_eq!(seen["funding"]["paid"], eur("1000.00"));
            app.get(&format!("{other}/payments")).token(token).send().await.problem(404, "not-found");
        }
        assert!(listed(app, &other, &world.caf_token).await.is_empty());
        for wrong in [address.replace(&line, &other), format!("{line}/payments/{UNKNOWN}")] {
            app.get(&wrong).token(&world.caf_token).send().await.problem(404, "not-found");
        }
        for path in [&address, &format!("{line}/payments")] {
            app.get(path).token(&foreign).send().await.problem(404, "not-found");
            app.get(path).send().await.problem(401, "invalid-token");
        }
    })
    .await;
}

#[actix_web::test]
async fn of_ten_payments_at_once_as_many_are_made_as_the_grant_holds() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = granted(app, &world).await;
        let send = |rank: u32| {
            pay(app, &line, &world.caf_token, &payment("instalment", "900.00", &format!("MDT-{rank}")))
        };
        let answers = at_once((0..10).map(send)).await;
        assert_eq!(count(&answers, 201), 4);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(refused.problem(409, "payment-exceeded")["remaining"], eur("400.00"));
        }
        assert_eq!(paid(app, &world, &line).await, (eur("3600.00"), 4));
    })
    .await;
}
