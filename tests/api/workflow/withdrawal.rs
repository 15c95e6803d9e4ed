//! Withdrawals, and acts that race or come too late.

use serde_json::json;

use super::{CLOSED, edit, judge, path, read, send_back, submit, withdraw};
use crate::support::{World, at_once, count, eur, id, on_each_database, voted};

#[actix_web::test]
async fn in_an_archived_call_nothing_moves_on() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let submitted = world.submitted(app, &world.application_body()).await;
        let returned = world.submitted(app, &world.application_body()).await;
        send_back(app, &world, &returned).send().await.expect(201);
        app.set_clock(CLOSED);
        for noun in ["conclusion", "archival"] {
            let step = app.put(&format!("/v1/calls/{}/{noun}", world.call)).token(&world.administrator);
            step.send().await.expect(200);
        }
        let events = app.event_kinds().await;
        send_back(app, &world, &submitted).send().await.problem(409, "invalid-transition");
        withdraw(app, &world, &submitted).send().await.problem(409, "invalid-transition");
        submit(app, &world, &returned).send().await.problem(409, "call-not-open");
        let edited = edit(app, &world, &returned, &json!({"title": "x"})).await;
        assert_eq!(edited.problem(409, "invalid-transition")["detail"], "the call is archived");
        for (one, token) in
            [(&submitted, &world.instructor), (&submitted, &world.applicant), (&returned, &world.applicant)]
        {
            assert_eq!(read(app, one, token).await.json()["transitions"], json!([]));
        }
        assert_eq!(app.event_kinds().await, events);
    })
    .await;
}

#[actix_web::test]
async fn a_withdrawn_application_frees_what_was_meant_for_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let mut agreed = voted("4000.00");
        agreed["firmness"] = json!("agreed");
        let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&agreed);
        let line = push.send().await.expect(201);
        let envelope = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let remaining =
            async || app.get(&envelope).token(&world.caf_token).send().await.json()["remaining"].clone();
        assert_eq!(remaining().await, eur("6000.00"));
        let gone = withdraw(app, &world, &application).send().await.expect(200).json();
        assert_eq!(
            (&gone["status"], &gone["statusReason"], &gone["transitions"]),
            (&json!("withdrawn"), &json!("L’action n’aura pas lieu."), &json!([]))
        );
        assert_eq!(remaining().await, eur("10000.00"));
        let again = withdraw(app, &world, &application).send().await.expect(200).json();
        assert_eq!((&again, app.events("application.withdrawn").await), (&gone, 1));
        let seen = read(app, &application, &world.caf_token).await.json();
        assert_eq!((&seen["funding"]["agreed"], &seen["funding"]["status"]), (&eur("0.00"), &json!("none")));
        // The line stays readable, says that it stands no more, and moves no more.
        let kept = app.get(&world.caf_line(&application)).token(&world.caf_token).send().await.expect(200);
        assert_eq!((&kept.json()["standing"], &kept.json()["granted"]), (&json!(false), &eur("4000.00")));
        assert_ne!(kept.etag(), line.etag());
        let mut more = agreed.clone();
        more["granted"] = eur("4500.00");
        let pushed = app.put(&world.caf_line(&application)).token(&world.caf_token).if_match(line.etag());
        pushed.json(&more).send().await.problem(409, "not-admissible");
        submit(app, &world, &application).send().await.problem(409, "invalid-transition");
        judge(app, &world, &application).send().await.problem(409, "invalid-transition");
    })
    .await;
}

#[actix_web::test]
async fn an_application_is_withdrawn_by_its_own_before_any_vote() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let draft = id(&world.draft(app, &world.application_body()).await);
        withdraw(app, &world, &draft).send().await.problem(409, "invalid-transition");
        let application = world.admissible(app).await;
        let at = format!("{}/withdrawal", path(&application));
        let reason = json!({"reason": null});
        app.put(&at).token(&world.instructor).json(&reason).send().await.problem(403, "not-your-institution");
        app.put(&at).token(&world.caf_token).json(&reason).send().await.problem(403, "insufficient-scope");
        let stale = withdraw(app, &world, &application).if_match("\"x\"").send().await;
        stale.problem(412, "precondition-failed");
        let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&voted("10.00"));
        push.send().await.expect(201);
        let before = read(app, &application, &world.applicant).await;
        assert_eq!(before.json()["transitions"], json!([]));
        let problem =
            withdraw(app, &world, &application).french().send().await.problem(409, "invalid-transition");
        assert_eq!(problem["detail"], "un dossier en cours ne peut être retiré");
        assert_eq!(read(app, &application, &world.applicant).await.text, before.text);
        assert_eq!(app.events("application.withdrawn").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn of_acts_at_once_one_moves_the_application_on() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for _ in 0..6 {
            let application = world.submitted(app, &world.application_body()).await;
            let answers = at_once([
                judge(app, &world, &application),
                send_back(app, &world, &application),
                send_back(app, &world, &application),
            ])
            .await;
            let (judged, returned) = (count(&answers[..1], 200), count(&answers[1..], 201));
            assert!([(1, 0), (0, 2)].contains(&(judged, returned)), "{judged} {returned}");
            assert_eq!(count(&answers, 409), 3 - judged - returned);
            let status = read(app, &application, &world.instructor).await.json()["status"].clone();
            assert_eq!(status, if judged == 1 { "admissible" } else { "returned" });
        }
        let mut agreed = voted("10.00");
        agreed["firmness"] = json!("agreed");
        for _ in 0..6 {
            let application = world.admissible(app).await;
            let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&agreed);
            let answers = at_once([push, withdraw(app, &world, &application)]).await;
            assert!(
                [201, 409].contains(&answers[0].status) && answers[1].status == 200,
                "{}",
                answers[1].text
            );
        }
        let envelope = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let envelope = app.get(&envelope).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(envelope["committed"], eur("0.00"), "whichever came first");
        for _ in 0..6 {
            let application = world.admissible(app).await;
            let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&voted("10.00"));
            let answers = at_once([push, withdraw(app, &world, &application)]).await;
            let voted = answers[0].status == 201;
            assert_eq!(
                answers[1].status,
                if voted { 409 } else { 200 },
                "{} {}",
                answers[0].text,
                answers[1].text
            );
            let status = read(app, &application, &world.instructor).await.json()["status"].clone();
            assert_eq!(status, if voted { "underway" } else { "withdrawn" });
        }
    })
    .await;
}
