//! Envelopes: each co-funder sets its own; what is committed is never taken back.

mod parts;

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, count, envelope, eur, faults, items, on_each_database,
    sorted_faults, told, voted,
};

/// A draft call without envelopes, of the Caf and the city: its address.
async fn call(app: &TestApp, world: &World) -> String {
    let mut body = world.call_body();
    body["launchedBy"] = json!([world.caf, world.city]);
    let made = app.post("/v1/calls").token(&world.administrator).json(&body).send().await.expect(201);
    made.header("Location").unwrap().to_owned()
}

fn set(app: &TestApp, path: &str, token: &str, amount: &str) -> Request {
    app.put(path).token(token).json(&envelope(amount))
}

/// The address of the Caf's envelope in the world's own call, which holds 10,000.00.
fn caf_envelope(world: &World) -> String {
    format!("/v1/calls/{}/envelopes/{}", world.call, world.caf)
}

async fn read(app: &TestApp, world: &World, path: &str) -> Answer {
    app.get(path).token(&world.administrator).send().await.expect(200)
}

#[actix_web::test]
async fn an_envelope_is_set_by_its_co_funder_or_the_administrator() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for token in [&world.caf_token, &world.administrator] {
            let path = format!("{}/envelopes/{}", call(app, &world).await, world.caf);
            let made = set(app, &path, token, "75000.00").send().await.expect(201);
            assert_eq!(made.header("Location"), Some(path.as_str()));
            let shown = made.json();
            assert_eq!((&shown["amount"], &shown["remaining"]), (&eur("75000.00"), &eur("75000.00")));
            assert_eq!((&shown["committed"], &shown["name"]), (&eur("0.00"), &json!("Caf")));
            assert_eq!(
                (&shown["coFunderId"], shown["callId"].as_str()),
                (&json!(world.caf), path.split('/').nth(3))
            );
            let read = read(app, &world, &path).await;
            assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        }
        let zero = format!("{}/envelopes/{}", call(app, &world).await, world.city);
        assert_eq!(
            set(app, &zero, &world.city_token, "0.00").send().await.expect(201).json()["amount"],
            eur("0.00")
        );
        assert_eq!(app.events("envelope.set").await, 6);
    })
    .await;
}

#[actix_web::test]
async fn the_same_amount_again_changes_nothing_another_needs_if_match() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = caf_envelope(&world);
        let before = read(app, &world, &path).await;
        app.set_clock("2022-10-21T10:00:00Z");
        let same = set(app, &path, &world.caf_token, "10000.00").send().await.expect(200);
        assert_eq!((&same.text, same.etag()), (&before.text, before.etag()));
        let other = set(app, &path, &world.caf_token, "12000.00");
        other.send().await.problem(428, "precondition-required");
        other.clone().if_match("\"7\"").send().await.problem(412, "precondition-failed");
        assert_eq!(
            (read(app, &world, &path).await.text, app.events("envelope.set").await),
            (before.text.clone(), 3)
        );
        let changed = other.if_match(before.etag()).send().await.expect(200);
        assert_eq!(changed.json()["amount"], eur("12000.00"));
        assert_ne!(changed.etag(), before.etag());
        assert_eq!(
            (read(app, &world, &path).await.text, app.events("envelope.set").await),
            (changed.text, 4)
        );
        let new = format!("{}/envelopes/{}", call(app, &world).await, world.caf);
        set(app, &new, &world.caf_token, "1.00")
            .if_match("*")
            .send()
            .await
            .problem(412, "precondition-failed");
        app.get(&new).token(&world.caf_token).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn who_only_wants_to_create_an_envelope_never_changes_one() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = caf_envelope(&world);
        let before = read(app, &world, &path).await;
        for amount in ["10000.00", "12000.00"] {
            let create = set(app, &path, &world.caf_token, amount).header("If-None-Match", "*");
            create.send().await.problem(412, "precondition-failed");
        }
        assert_eq!(read(app, &world, &path).await.text, before.text);
        let new = format!("{}/envelopes/{}", call(app, &world).await, world.caf);
        set(app, &new, &world.caf_token, "1.00").header("If-None-Match", "*").send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn an_envelope_never_goes_below_what_is_committed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = caf_envelope(&world);
        let untouched = read(app, &world, &path).await;
        let line = world.caf_line(&world.admissible(app).await);
        app.put(&line).token(&world.caf_token).json(&voted("4000.00")).send().await.expect(201);
        let before = read(app, &world, &path).await;
        assert_eq!(
            (&before.json()["committed"], &before.json()["remaining"]),
            (&eur("4000.00"), &eur("6000.00"))
        );
        assert_ne!(before.etag(), untouched.etag(), "what is committed is part of the envelope");
        let lower = |amount: &str| set(app, &path, &world.caf_token, amount).if_match(before.etag());
        let problem = lower("3999.99").french().send().await.problem(409, "envelope-exceeded");
        assert_eq!(
            (&problem["committed"], &problem["detail"]),
            (&eur("4000.00"), &json!("4000.00 EUR (droit commun) sont déjà engagés"))
        );
        let events = app.events("envelope.set").await;
        assert_eq!(read(app, &world, &path).await.text, before.text);
        let exact = lower("4000.00").send().await.expect(200).json();
        assert_eq!((&exact["committed"], &exact["remaining"]), (&eur("4000.00"), &eur("0.00")));
        assert_eq!(app.events("envelope.set").await, events + 1);
    })
    .await;
}

#[actix_web::test]
async fn lowering_an_envelope_while_a_line_is_pushed_never_overruns_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = caf_envelope(&world);
        for round in 1..=10_u32 {
            let line = world.caf_line(&world.admissible(app).await);
            let etag = read(app, &world, &path).await.etag().to_owned();
            let lower = set(app, &path, &world.caf_token, &format!("{}.00", round - 1)).if_match(&etag);
            let push = app.put(&line).token(&world.caf_token).json(&voted("1.00"));
            let answers = at_once([lower, push]).await;
            let shown = read(app, &world, &path).await.json();
            let cents = |member: &str| -> u64 {
                shown[member]["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
            };
            assert!(cents("committed") <= cents("amount"), "{shown}");
            match (answers[0].status, answers[1].status) {
                (200, 409) => {
                    assert_eq!(answers[1].problem(409, "envelope-exceeded")["remaining"], eur("0.00"));
                    let etag = read(app, &world, &path).await.etag().to_owned();
                    set(app, &path, &world.caf_token, "10000.00").if_match(&etag).send().await.expect(200);
                    app.put(&line).token(&world.caf_token).json(&voted("1.00")).send().await.expect(201);
                }
                (409 | 412, 201) => {}
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn nobody_sets_the_envelope_of_another() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let call = call(app, &world).await;
        let address = |co_funder: &str| format!("{call}/envelopes/{co_funder}");
        let events = app.event_kinds().await;
        set(app, &address(&world.city), &world.caf_token, "1.00").send().await.problem(403, "not-your-line");
        for token in [&world.landlord_token, &world.administrator] {
            set(app, &address(&world.landlord), token, "1.00").send().await.problem(404, "not-found");
        }
        for token in [&world.applicant, &world.council] {
            let refused = set(app, &address(&world.caf), token, "1.00").send().await;
            assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "calls:write | decisions:write");
        }
        let anonymous = app.put(&address(&world.caf)).json(&envelope("1.00"));
        anonymous.send().await.problem(401, "invalid-token");
        let unknown = format!("/v1/calls/01890a5d-ac96-774b-bcce-b302099a8057/envelopes/{}", world.caf);
        set(app, &unknown, &world.caf_token, "1.00").send().await.problem(404, "not-found");
        let listed =
            app.get(&format!("{call}/envelopes")).token(&world.caf_token).send().await.expect(200).json();
        assert!(items(&listed).is_empty(), "{listed}");
        assert_eq!(app.event_kinds().await, events);
    })
    .await;
}

#[actix_web::test]
async fn the_amount_of_an_envelope_is_exact_euros() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = format!("{}/envelopes/{}", call(app, &world).await, world.caf);
        let put = |body: Value| app.put(&path).token(&world.caf_token).json(&body);
        for amount in ["-1.00", "1", "1.0", "1.000", "01.00", "1,00", "10000000000.00", "", "1e3.00"] {
            let problem = put(envelope(amount)).send().await.problem(422, "validation-failed");
            let mut found = faults(&problem);
            found.retain(|fault| *fault != ("/parts/0/amount/amount".to_owned(), "wrong-format".to_owned()));
            found.retain(|fault| *fault != ("/parts/0/amount/amount".to_owned(), "too-long".to_owned()));
            assert!(found.is_empty(), "{amount}: {problem}");
        }
        let number = put(
            json!({"parts": [{"credits": "all", "amount": {"amount": 1.5, "currency": "USD"}}], "note": "x"}),
        )
        .send()
        .await;
        let expected = [
            ("/note", "unknown-field"),
            ("/parts/0/amount/amount", "wrong-type"),
            ("/parts/0/amount/currency", "not-allowed-value"),
            ("/parts/0/credits", "not-allowed-value"),
        ];
        assert_eq!(sorted_faults(&number.problem(422, "validation-failed")), told(&expected));
        let bare = put(json!({})).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&bare), told(&[("/parts", "required")]));
        put(envelope("9999999999.99")).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn the_partners_of_a_call_read_its_envelopes_and_nobody_else() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (list, one) = (format!("/v1/calls/{}/envelopes", world.call), caf_envelope(&world));
        for token in [&world.administrator, &world.instructor, &world.caf_token, &world.landlord_token] {
            let listed = items(&app.get(&list).token(token).send().await.expect(200).json());
            assert_eq!(listed.len(), 3);
            let read = app.get(&one).token(token).send().await.expect(200).json();
            assert!(listed.contains(&read));
        }
        for path in [&list, &one] {
            app.get(path).send().await.problem(401, "invalid-token");
            for token in [&world.applicant, &world.council] {
                app.get(path).token(token).send().await.problem(403, "insufficient-scope");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_co_funder_of_other_calls_does_not_learn_what_is_committed_in_this_one() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        for path in [format!("/v1/calls/{}/envelopes", world.call), caf_envelope(&world)] {
            let answer = app.get(&path).token(&stranger).send().await;
            assert!([403, 404].contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
        }
    })
    .await;
}

#[actix_web::test]
async fn the_first_amount_sent_ten_times_at_once_is_set_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for round in 1..=5 {
            let path = format!("{}/envelopes/{}", call(app, &world).await, world.caf);
            let answers = at_once((0..10).map(|_| set(app, &path, &world.caf_token, "75000.00"))).await;
            assert_eq!((count(&answers, 201), count(&answers, 200)), (1, 9), "{answers:?}");
            assert_eq!(app.events("envelope.set").await, 3 + round);
        }
    })
    .await;
}
