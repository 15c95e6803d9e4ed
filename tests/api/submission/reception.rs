//! Reception: in time by the service's clock, numbered without a gap, once however often it is sent (rule S4).

use serde_json::json;

use super::{path, submit};
use crate::support::{OPEN, World, at_once, count, id, on_each_database, siret};

#[actix_web::test]
async fn an_application_is_received_while_the_call_is_open_by_the_services_clock() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for (now, received) in [
            ("2022-10-03T06:59:59.999999Z", false),
            ("2022-10-03T07:00:00Z", true),
            ("2022-11-18T22:59:59Z", true),
            ("2022-11-18T22:59:59.000001Z", false),
            ("2023-03-20T10:00:00Z", false),
        ] {
            app.set_clock(now);
            let draft = world.draft(app, &world.application_body()).await;
            let answer = submit(app, &world, &id(&draft)).await;
            if received {
                assert_eq!(answer.expect(200).json()["submittedAt"], now);
            } else {
                let detail = answer.problem(409, "call-not-open")["detail"].clone();
                assert_eq!(
                    detail,
                    format!(
                        "it is {now}; the call is open from 2022-10-03T07:00:00Z to 2022-11-18T22:59:59Z"
                    )
                );
                let read = app.get(&path(&id(&draft))).token(&world.applicant).send().await.json();
                assert_eq!(read, draft);
            }
        }
        assert_eq!(app.events("application.submitted").await, 2);
        // The deadline moves, and with it what is received.
        let call = format!("/v1/calls/{}", world.call);
        let etag = app.get(&call).send().await.etag().to_owned();
        let extend = app.patch(&call).token(&world.administrator).if_match(&etag);
        extend.json(&json!({"closesAt": "2023-03-20T10:00:00Z"})).send().await.expect(200);
        let draft = world.draft(app, &world.application_body()).await;
        submit(app, &world, &id(&draft)).await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn submitting_again_answers_the_application_as_it_is() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, foreign) = world.another_organisation(app, "Autre", &siret(5)).await;
        let application = id(&world.draft(app, &world.application_body()).await);
        let address = format!("{}/submission", path(&application));
        app.put(&address).token(&foreign).send().await.problem(404, "not-found");
        app.put(&address).token(&world.instructor).send().await.problem(403, "not-your-institution");
        app.put(&address).token(&world.caf_token).send().await.problem(403, "insufficient-scope");
        assert_eq!(app.events("application.submitted").await, 0);
        let first = submit(app, &world, &application).await.expect(200);
        let shown = first.json();
        let expected = (&json!("submitted"), &json!("2023-0001"), &json!(OPEN));
        assert_eq!((&shown["status"], &shown["number"], &shown["submittedAt"]), expected);
        app.set_clock("2022-10-21T10:00:00Z");
        let again = submit(app, &world, &application).await.expect(200);
        assert_eq!((&again.text, again.etag()), (&first.text, first.etag()));
        let judge = app.put(&format!("{}/admissibility", path(&application))).token(&world.instructor);
        judge.json(&json!({"admissible": true})).send().await.expect(200);
        let judged = app.get(&path(&application)).token(&world.applicant).send().await.expect(200);
        app.set_clock("2023-03-20T10:00:00Z");
        assert_eq!(submit(app, &world, &application).await.expect(200).etag(), judged.etag());
        assert_eq!(app.events("application.submitted").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn thirty_at_once_get_thirty_numbers_without_a_gap() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut addresses = Vec::new();
        for rank in 0..33 {
            let mut body = world.application_body();
            if rank % 11 == 10 {
                // These are refused and use no number up.
                body["title"] = json!("");
            }
            addresses.push(format!("{}/submission", path(&id(&world.draft(app, &body).await))));
        }
        let answers = at_once(addresses.iter().map(|address| app.put(address).token(&world.applicant))).await;
        assert_eq!((count(&answers, 200), count(&answers, 422)), (30, 3));
        let submitted = answers.iter().filter(|answer| answer.status == 200);
        let mut numbers: Vec<String> =
            submitted.map(|one| one.json()["number"].as_str().unwrap().to_owned()).collect();
        numbers.sort();
        assert_eq!(numbers, (1..=30).map(|rank| format!("2023-{rank:04}")).collect::<Vec<_>>());
        let next = world.submitted(app, &world.application_body()).await;
        let shown = app.get(&path(&next)).token(&world.applicant).send().await.json();
        assert_eq!((&shown["number"], app.events("application.submitted").await), (&json!("2023-0031"), 31));
    })
    .await;
}

#[actix_web::test]
async fn five_clicks_at_once_submit_once_and_a_change_meanwhile_loses_nothing() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for round in 1..=8 {
            let application = id(&world.draft(app, &world.application_body()).await);
            let before = app.get(&path(&application)).token(&world.applicant).send().await.expect(200);
            let submission = app.put(&format!("{}/submission", path(&application))).token(&world.applicant);
            let patch = app.patch(&path(&application)).token(&world.applicant).if_match(before.etag());
            let patch = patch.json(&json!({"title": "Autre"}));
            let mut answers = at_once([vec![patch], vec![submission; 5]].concat()).await;
            let patched = answers.remove(0);
            assert_eq!(count(&answers, 200), 5, "{answers:?}");
            let read = app.get(&path(&application)).token(&world.applicant).send().await.expect(200);
            assert!(answers.iter().all(|one| one.text == read.text), "{answers:?}");
            assert_eq!(read.json()["number"], format!("2023-{round:04}"));
            let title = if patched.status == 200 { "Autre" } else { "Un jardin pour tous" };
            assert_eq!(read.json()["title"], title);
            assert!([200, 409, 412].contains(&patched.status), "{}", patched.text);
            assert_eq!(app.events("application.submitted").await, round);
        }
    })
    .await;
}

#[actix_web::test]
async fn who_submits_what_has_changed_since_is_told() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = id(&world.draft(app, &world.application_body()).await);
        let before = app.get(&path(&application)).token(&world.applicant).send().await.expect(200);
        let patch = app.patch(&path(&application)).token(&world.applicant).if_match(before.etag());
        let changed = patch.json(&json!({"title": "Autre"})).send().await.expect(200);
        let submission = app.put(&format!("{}/submission", path(&application))).token(&world.applicant);
        submission.clone().if_match(before.etag()).send().await.problem(412, "precondition-failed");
        assert_eq!(app.events("application.submitted").await, 0);
        submission.if_match(changed.etag()).send().await.expect(200);
    })
    .await;
}
