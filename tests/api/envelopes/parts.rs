//! Envelopes in parts: by credits, and by strand where a co-funder says so. A grant comes out of one part.

use serde_json::{Value, json};

use super::{caf_envelope, read};
use crate::support::{
    Request, TestApp, World, at_once, count, eur, on_each_database, sorted_faults, told, voted,
};

fn part(credits: &str, strand: Option<&str>, amount: &str) -> Value {
    json!({"credits": credits, "strand": strand, "amount": eur(amount)})
}

fn set(app: &TestApp, world: &World, parts: &[Value], etag: &str) -> Request {
    app.put(&caf_envelope(world)).token(&world.caf_token).if_match(etag).json(&json!({"parts": parts}))
}

/// Sets the parts of the Caf's envelope in the world's call.
async fn split(app: &TestApp, world: &World, parts: &[Value]) -> Value {
    let etag = read(app, world, &caf_envelope(world)).await.etag().to_owned();
    set(app, world, parts, &etag).send().await.expect(200).json()
}

/// What the Caf grants out of these credits.
fn grant(app: &TestApp, world: &World, application: &str, credits: &str, amount: &str) -> Request {
    let mut line = voted(amount);
    line["credits"] = json!(credits);
    app.put(&world.caf_line(application)).token(&world.caf_token).json(&line)
}

/// Committed and remaining, part by part.
fn usage(envelope: &Value) -> Vec<(String, String)> {
    let euros = |part: &Value, member: &str| part[member]["amount"].as_str().unwrap().to_owned();
    let parts = envelope["parts"].as_array().unwrap();
    parts.iter().map(|part| (euros(part, "committed"), euros(part, "remaining"))).collect()
}

fn figures(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(committed, remaining)| ((*committed).to_owned(), (*remaining).to_owned())).collect()
}

#[actix_web::test]
async fn each_part_shows_what_is_committed_out_of_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let parts = [
            part("mainstream", None, "3000.00"),
            part("mainstream", Some("life"), "5000.00"),
            part("specific", None, "2000.00"),
        ];
        let shown = split(app, &world, &parts).await;
        assert_eq!((&shown["amount"], &shown["remaining"]), (&eur("10000.00"), &eur("10000.00")));
        grant(app, &world, &world.admissible(app).await, "mainstream", "4000.00").send().await.expect(201);
        grant(app, &world, &world.admissible(app).await, "specific", "500.00").send().await.expect(201);
        let shown = read(app, &world, &caf_envelope(&world)).await.json();
        assert_eq!((&shown["committed"], &shown["remaining"]), (&eur("4500.00"), &eur("5500.00")));
        let expected = [("0.00", "3000.00"), ("4000.00", "1000.00"), ("500.00", "1500.00")];
        assert_eq!(usage(&shown), figures(&expected));
    })
    .await;
}

#[actix_web::test]
async fn a_grant_never_exceeds_its_part_whatever_the_others_hold() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let parts = [part("mainstream", Some("life"), "1000.00"), part("specific", None, "9000.00")];
        split(app, &world, &parts).await;
        let application = world.admissible(app).await;
        let push = |credits: &str, amount: &str| grant(app, &world, &application, credits, amount);
        let problem = push("mainstream", "1000.01").send().await.problem(409, "envelope-exceeded");
        assert_eq!(problem["remaining"], eur("1000.00"));
        let none = push("tfpbAbatement", "0.01").french().send().await.problem(409, "envelope-exceeded");
        assert_eq!(
            (&none["remaining"], &none["detail"]),
            (&eur("0.00"), &json!("l’enveloppe ne suffit pas : il reste 0.00 EUR"))
        );
        assert_eq!(app.events("decision.recorded").await, 0);
        let first = push("mainstream", "1000.00").send().await.expect(201);
        let other = grant(app, &world, &world.admissible(app).await, "mainstream", "0.01").send().await;
        assert_eq!(other.problem(409, "envelope-exceeded")["remaining"], eur("0.00"));
        // The same line out of other credits: what it held of the first part is free again.
        push("specific", "1000.00").if_match(first.etag()).send().await.expect(200);
        let shown = read(app, &world, &caf_envelope(&world)).await.json();
        assert_eq!(usage(&shown), figures(&[("0.00", "1000.00"), ("1000.00", "8000.00")]));
    })
    .await;
}

#[actix_web::test]
async fn no_part_is_lowered_or_dropped_below_what_is_committed_out_of_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        split(app, &world, &[part("mainstream", None, "5000.00"), part("specific", None, "5000.00")]).await;
        grant(app, &world, &world.admissible(app).await, "mainstream", "4000.00").send().await.expect(201);
        let before = read(app, &world, &caf_envelope(&world)).await;
        let events = app.event_kinds().await;
        let kept = part("specific", None, "9000.00");
        for (parts, detail) in [
            (
                vec![part("mainstream", None, "3999.99"), kept.clone()],
                "4000.00 EUR of mainstream credits are already committed",
            ),
            (
                vec![kept.clone()],
                "4000.00 EUR of mainstream credits for the strand life are already committed",
            ),
            (
                vec![part("mainstream", Some("life"), "3999.99"), part("mainstream", None, "9000.00")],
                "4000.00 EUR of mainstream credits for the strand life are already committed",
            ),
        ] {
            let problem =
                set(app, &world, &parts, before.etag()).send().await.problem(409, "envelope-exceeded");
            assert_eq!((&problem["committed"], &problem["detail"]), (&eur("4000.00"), &json!(detail)));
        }
        let french = set(app, &world, &[kept], before.etag()).french().send().await;
        assert_eq!(
            french.problem(409, "envelope-exceeded")["detail"],
            "4000.00 EUR (droit commun) pour le volet life sont déjà engagés"
        );
        assert_eq!(read(app, &world, &caf_envelope(&world)).await.text, before.text);
        assert_eq!(app.event_kinds().await, events);
        let moved = [part("mainstream", Some("life"), "4000.00"), part("specific", None, "1.00")];
        let moved = set(app, &world, &moved, before.etag()).send().await.expect(200).json();
        assert_eq!(usage(&moved), figures(&[("4000.00", "0.00"), ("0.00", "1.00")]));
    })
    .await;
}

#[actix_web::test]
async fn parts_are_of_different_money_and_of_strands_the_call_has() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let before = read(app, &world, &caf_envelope(&world)).await;
        let events = app.event_kinds().await;
        for (parts, expected) in [
            (vec![], vec![("/parts", "too-few")]),
            (
                vec![
                    part("specific", None, "1.00"),
                    part("specific", Some("life"), "1.00"),
                    part("specific", None, "2.00"),
                ],
                vec![("/parts/2", "duplicate")],
            ),
            (
                vec![part("specific", Some("work"), "1.00"), part("mainstream", Some("sport"), "1.00")],
                vec![("/parts/0/strand", "unknown-reference"), ("/parts/1/strand", "unknown-reference")],
            ),
        ] {
            for request in
                [set(app, &world, &parts, before.etag()), set(app, &world, &parts, before.etag()).french()]
            {
                let problem = request.send().await.problem(422, "validation-failed");
                assert_eq!(sorted_faults(&problem), told(&expected));
            }
        }
        assert_eq!(read(app, &world, &caf_envelope(&world)).await.text, before.text);
        assert_eq!(app.event_kinds().await, events);
    })
    .await;
}

#[actix_web::test]
async fn pushes_at_once_never_overrun_a_part() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        split(app, &world, &[part("mainstream", Some("life"), "1000.00"), part("specific", None, "9000.00")])
            .await;
        let mut pushes = Vec::new();
        for _ in 0..8 {
            pushes.push(grant(app, &world, &world.admissible(app).await, "mainstream", "300.00"));
        }
        let answers = at_once(pushes).await;
        assert_eq!((count(&answers, 201), count(&answers, 409)), (3, 5));
        let shown = read(app, &world, &caf_envelope(&world)).await.json();
        assert_eq!(usage(&shown), figures(&[("900.00", "100.00"), ("0.00", "9000.00")]));
    })
    .await;
}
