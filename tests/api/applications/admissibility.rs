//! Admissibility: judged once, by an instructor, repeated without trace.

use serde_json::{Value, json};

use super::{PATH, drafted, read};
use crate::support::{World, at_once, count, on_each_database, sorted_faults, told, voted};

#[actix_web::test]
async fn an_instructor_judges_once_and_repeats_without_trace() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let address = format!("{PATH}/{application}");
        let judge =
            |token: &str, body: Value| app.put(&format!("{address}/admissibility")).token(token).json(&body);
        judge(&world.applicant, json!({"admissible": true}))
            .send()
            .await
            .problem(403, "not-your-institution");
        for token in [&world.administrator, &world.caf_token, &world.council] {
            judge(token, json!({"admissible": true})).send().await.problem(403, "insufficient-scope");
        }
        let bare = judge(&world.instructor, json!({"admissible": false})).french().send().await;
        let problem = bare.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/reason", "reason-required")]));
        assert_eq!(problem["errors"][0]["detail"], "un motif est obligatoire");
        let problem = judge(&world.instructor, json!({})).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/admissible", "required")]));
        assert_eq!(read(app, &address, &world.applicant).await.json()["status"], "submitted");
        let no = json!({"admissible": false, "reason": "hors du périmètre"});
        let judged = judge(&world.instructor, no.clone()).send().await.expect(200);
        let shown = judged.json();
        assert_eq!(
            (&shown["status"], &shown["statusReason"]),
            (&json!("inadmissible"), &json!("hors du périmètre"))
        );
        let again = judge(&world.instructor, no).send().await.expect(200);
        assert_eq!((&again.text, again.etag()), (&judged.text, judged.etag()));
        for other in [json!({"admissible": true}), json!({"admissible": false, "reason": "autre"})] {
            judge(&world.instructor, other).send().await.problem(409, "invalid-transition");
        }
        assert_eq!(read(app, &address, &world.instructor).await.text, judged.text);
        assert_eq!(
            (app.events("application.inadmissible").await, app.events("application.admissible").await),
            (1, 0)
        );
    })
    .await;
}

#[actix_web::test]
async fn a_draft_cannot_be_judged_and_a_judgement_survives_the_vote() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (address, made) = drafted(app, &world).await;
        let yes = |address: &str| {
            app.put(&format!("{address}/admissibility"))
                .token(&world.instructor)
                .json(&json!({"admissible": true}))
        };
        yes(&address).send().await.problem(409, "invalid-transition");
        assert_eq!(read(app, &address, &world.applicant).await.text, made.text);
        let application = world.admissible(app).await;
        let address = format!("{PATH}/{application}");
        let pushed = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&voted("1.00"));
        pushed.send().await.expect(201);
        // The instructor's system repeats what it never heard the answer of.
        let repeated = yes(&address).send().await.expect(200);
        assert_eq!(repeated.json()["status"], "underway");
        let no = app.put(&format!("{address}/admissibility")).token(&world.instructor);
        no.json(&json!({"admissible": false, "reason": "x"})).send().await.problem(409, "invalid-transition");
        assert_eq!(app.events("application.admissible").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn the_same_judgement_sent_five_times_at_once_is_made_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for round in 1..=5 {
            let application = world.submitted(app, &world.application_body()).await;
            let path = format!("{PATH}/{application}/admissibility");
            let judge = || app.put(&path).token(&world.instructor).json(&json!({"admissible": true}));
            let answers = at_once((0..5).map(|_| judge())).await;
            assert_eq!(count(&answers, 200), 5, "{answers:?}");
            assert_eq!(app.events("application.admissible").await, round);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_judgement_of_what_has_changed_since_is_refused() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (address, made) = drafted(app, &world).await;
        app.put(&format!("{address}/submission")).token(&world.applicant).send().await.expect(200);
        let judge = app.put(&format!("{address}/admissibility")).token(&world.instructor);
        let stale = judge.if_match(made.etag()).json(&json!({"admissible": true}));
        stale.send().await.problem(412, "precondition-failed");
        assert_eq!(app.events("application.admissible").await, 0);
    })
    .await;
}
