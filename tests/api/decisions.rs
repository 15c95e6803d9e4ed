//! The main push: what a co-funder's system meets when it writes its line.

use contrat_de_ville::auth::{Binding, Role};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{OPEN, World, eur, faults, on_each_database, voted};

#[actix_web::test]
async fn a_push_is_made_once_and_repeated_without_trace() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let push = app.put(&line).token(&world.caf_token).json(&voted("4000.00"));
        let made = push.send().await.expect(201);
        assert_eq!(made.etag(), "\"1\"");
        assert_eq!(made.header("Location"), Some(line.as_str()));
        assert_eq!(made.json()["requested"], eur("5000.00"));
        let again = push.send().await.expect(200);
        assert_eq!((again.etag(), &again.text), (made.etag(), &made.text));
        let read = app.get(&line).token(&world.caf_token).send().await.expect(200);
        assert_eq!(read.text, made.text);
        let history =
            app.get(&format!("{line}/history")).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(history["items"].as_array().unwrap().len(), 1);
        assert_eq!(app.events("decision.recorded").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_change_needs_the_version_it_changes() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let push = |amount: &str| app.put(&line).token(&world.caf_token).json(&voted(amount));
        push("3000.00").send().await.expect(201);
        push("4000.00").send().await.problem(428, "precondition-required");
        push("4000.00").if_match("\"7\"").send().await.problem(412, "precondition-failed");
        let changed = push("4000.00").if_match("\"1\"").send().await.expect(200);
        assert_eq!((changed.etag(), &changed.json()["revision"]), ("\"2\"", &json!(2)));
        // A retry of that change, its answer lost, finds itself done although its If-Match is stale.
        push("4000.00").if_match("\"1\"").send().await.expect(200);
        push("4000.00").header("If-None-Match", "*").send().await.problem(412, "precondition-failed");
        let history = app.get(&format!("{line}/history")).token(&world.caf_token).send().await.json();
        let amounts: Vec<_> =
            history["items"].as_array().unwrap().iter().map(|one| &one["line"]["granted"]).collect();
        assert_eq!(amounts, [&eur("3000.00"), &eur("4000.00")]);
        assert_eq!(app.events("decision.superseded").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_line_is_written_by_its_own_co_funder_only() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let landlord = format!("/v1/applications/{application}/decisions/{}", world.landlord);
        let refused = app.put(&landlord).token(&world.caf_token).json(&voted("1.00")).send().await;
        refused.problem(403, "not-your-line");
        let staff = app.put(&landlord).token(&world.administrator).json(&voted("1.00")).send().await;
        let problem = staff.problem(403, "insufficient-scope");
        assert_eq!(problem["scope"], "decisions:write");
        let unknown = "/v1/applications/01890a5d-ac96-774b-bcce-b302099a8057/decisions";
        let path = format!("{unknown}/{}", world.caf);
        app.put(&path).token(&world.caf_token).json(&voted("1.00")).send().await.problem(404, "not-found");
        app.get(&landlord).token(&world.caf_token).send().await.problem(404, "not-found");
        assert_eq!(app.events("decision.recorded").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn an_application_must_be_admissible() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        app.set_clock(OPEN);
        let draft = world.draft(app, &world.application_body()).await;
        let id = draft["id"].as_str().unwrap();
        let line = world.caf_line(id);
        let push = app.put(&line).token(&world.caf_token).json(&json!({
            "firmness": "intended", "proposed": eur("100.00"), "credits": "mainstream"
        }));
        push.send().await.problem(404, "not-found");
        app.put(&format!("/v1/applications/{id}/submission"))
            .token(&world.applicant)
            .send()
            .await
            .expect(200);
        push.send().await.problem(409, "not-admissible");
    })
    .await;
}

#[actix_web::test]
async fn an_envelope_is_never_exceeded() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let first = world.caf_line(&world.admissible(app).await);
        let second = world.caf_line(&world.admissible(app).await);
        app.put(&first).token(&world.caf_token).json(&voted("8000.00")).send().await.expect(201);
        let refused = app.put(&second).token(&world.caf_token).json(&voted("2000.01")).send().await;
        assert_eq!(refused.problem(409, "envelope-exceeded")["remaining"], eur("2000.00"));
        app.put(&second).token(&world.caf_token).json(&voted("2000.00")).send().await.expect(201);
        let envelope = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let shown = app.get(&envelope).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!((&shown["committed"], &shown["remaining"]), (&eur("10000.00"), &eur("0.00")));
        // Changing one's own line counts the line once: 8,000 may become 7,500, not 8,000.01.
        let lower = json!({
            "firmness": "voted", "granted": eur("7500.00"), "credits": "mainstream", "actReference": "ACT-2",
            "actDate": "2023-03-17", "reason": "budget revu"
        });
        app.put(&first).token(&world.caf_token).if_match("\"1\"").json(&lower).send().await.expect(200);
        let higher =
            app.put(&first).token(&world.caf_token).if_match("\"2\"").json(&voted("8000.01")).send().await;
        assert_eq!(higher.problem(409, "envelope-exceeded")["remaining"], eur("8000.00"));
    })
    .await;
}

#[actix_web::test]
async fn twenty_parallel_pushes_never_overrun_the_envelope() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut lines = Vec::new();
        for _ in 0..20 {
            lines.push(world.caf_line(&world.admissible(app).await));
        }
        // 20 × 900.00 would be 18,000.00; the envelope holds 10,000.00: eleven fit.
        let pushes = lines.iter().map(|line| app.put(line).token(&world.caf_token).json(&voted("900.00")));
        let answers = join_all(pushes.map(|push| async move { push.send().await })).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 11);
        answers.iter().filter(|answer| answer.status != 201).for_each(|answer| {
            answer.problem(409, "envelope-exceeded");
        });
        let envelope = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let shown = app.get(&envelope).token(&world.caf_token).send().await.json();
        assert_eq!((&shown["committed"], &shown["remaining"]), (&eur("9900.00"), &eur("100.00")));
    })
    .await;
}

#[actix_web::test]
async fn of_two_clients_with_one_etag_exactly_one_wins_a_thousand_times() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let other = app.token(Role::CoFunder, Binding::CoFunder(world.caf.parse().unwrap())).await;
        let push = |token: &str, amount: String| app.put(&line).token(token).json(&voted(&amount));
        let mut etag = push(&world.caf_token, "1.00".to_owned()).send().await.expect(201).etag().to_owned();
        for round in 2..=1_001_u32 {
            let one = push(&world.caf_token, format!("{round}.10")).if_match(&etag);
            let two = push(&other, format!("{round}.20")).if_match(&etag);
            let answers = join_all([one.send(), two.send()]).await;
            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 412], "round {round}");
            let won = answers.iter().find(|answer| answer.status == 200).unwrap();
            etag = won.etag().to_owned();
            assert_eq!(won.json()["revision"], round);
        }
    })
    .await;
}

#[actix_web::test]
async fn the_budget_and_the_public_share_are_ceilings() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let city = format!("/v1/applications/{application}/decisions/{}", world.city);
        app.put(&world.caf_line(&application))
            .token(&world.caf_token)
            .json(&voted("9000.00"))
            .send()
            .await
            .expect(201);
        // The action costs 20,000.00; public money may be 80 % of it.
        let refused = app.put(&city).token(&world.city_token).json(&voted("7000.01")).send().await;
        assert_eq!(refused.problem(409, "public-share-exceeded")["remaining"], eur("7000.00"));
        app.put(&city).token(&world.city_token).json(&voted("7000.00")).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn an_act_is_required_from_voted_on_and_a_reason_to_go_back() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let push = |body: serde_json::Value| app.put(&line).token(&world.caf_token).json(&body);
        let bare = json!({"firmness": "voted", "granted": eur("10.00"), "credits": "mainstream"});
        let problem = push(bare).send().await.problem(422, "validation-failed");
        let required = |pointer: &str| (pointer.to_owned(), "required".to_owned());
        assert_eq!(faults(&problem), [required("/actDate"), required("/actReference")]);
        let mut future = voted("10.00");
        future["actDate"] = json!("2023-03-22");
        let problem = push(future).send().await.problem(422, "validation-failed");
        assert_eq!(faults(&problem), [("/actDate".to_owned(), "in-the-future".to_owned())]);
        push(voted("10.00")).send().await.expect(201);
        let mut lower = voted("9.00");
        let problem = push(lower.clone()).if_match("\"1\"").send().await.problem(422, "validation-failed");
        assert_eq!(faults(&problem), [("/reason".to_owned(), "reason-required".to_owned())]);
        lower["reason"] = json!("erreur de saisie");
        push(lower).if_match("\"1\"").send().await.expect(200);
        let down = json!({"firmness": "agreed", "granted": eur("9.00"), "credits": "mainstream"});
        push(down.clone()).if_match("\"2\"").send().await.problem(422, "validation-failed");
        let refused = json!({"firmness": "refused", "credits": "mainstream", "reason": "abandon"});
        push(refused).if_match("\"2\"").send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn amounts_have_their_place_on_the_ladder() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        for (body, pointer, code) in [
            (json!({"firmness": "intended", "credits": "mainstream"}), "/proposed", "required"),
            (json!({"firmness": "agreed", "credits": "mainstream"}), "/granted", "required"),
            (
                json!({"firmness": "refused", "granted": eur("1.00"), "credits": "mainstream"}),
                "/granted",
                "amount-not-allowed",
            ),
        ] {
            let answer = app.put(&line).token(&world.caf_token).json(&body).send().await;
            let problem = answer.problem(422, "validation-failed");
            assert_eq!(faults(&problem), [(pointer.to_owned(), code.to_owned())]);
        }
        assert_eq!(app.events("decision.recorded").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn funding_follows_the_lines_and_each_reader_sees_its_own() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let path = format!("/v1/applications/{application}");
        let city = format!("{path}/decisions/{}", world.city);
        let agreed = json!({"firmness": "agreed", "granted": eur("3000.00"), "credits": "mainstream"});
        app.put(&city).token(&world.city_token).json(&agreed).send().await.expect(201);
        let funding = |token: String| {
            let get = app.get(&path).token(&token);
            async move { get.send().await.expect(200).json()["funding"].clone() }
        };
        let seen = funding(world.caf_token.clone()).await;
        assert_eq!(
            (&seen["agreed"], &seen["voted"], &seen["status"]),
            (&eur("3000.00"), &eur("0.00"), &json!("partial"))
        );
        assert_eq!((&seen["gap"], &seen["viability"]), (&eur("7000.00"), &json!("scaledDown")));
        let hidden = funding(world.applicant.clone()).await;
        assert_eq!((&hidden["agreed"], &hidden["status"]), (&eur("0.00"), &json!("none")));
        for (token, lines) in
            [(&world.caf_token, 1), (&world.instructor, 1), (&world.applicant, 0), (&world.council, 0)]
        {
            let list = app.get(&format!("{path}/decisions")).token(token).send().await.expect(200).json();
            assert_eq!(list["items"].as_array().unwrap().len(), lines);
        }
        app.get(&city).token(&world.applicant).send().await.problem(404, "not-found");
        app.put(&world.caf_line(&application))
            .token(&world.caf_token)
            .json(&voted("5000.00"))
            .send()
            .await
            .expect(201);
        let known = funding(world.applicant.clone()).await;
        assert_eq!((&known["voted"], &known["agreed"]), (&eur("5000.00"), &eur("5000.00")));
        let status = app.get(&path).token(&world.applicant).send().await.json()["status"].clone();
        assert_eq!(status, "underway");
    })
    .await;
}

#[actix_web::test]
async fn a_hidden_push_leaves_no_trace_in_what_the_applicant_reads() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let path = format!("/v1/applications/{application}");
        let line = world.caf_line(&application);
        let read = app.get(&path).token(&world.applicant);
        let before = read.send().await.expect(200);
        app.set_clock("2023-03-20T11:00:00Z");
        let intended = json!({"firmness": "intended", "proposed": eur("4500.00"), "credits": "mainstream"});
        app.put(&line).token(&world.caf_token).json(&intended).send().await.expect(201);
        let after = read.send().await.expect(200);
        assert_eq!((&after.text, after.etag()), (&before.text, before.etag()));
        app.set_clock("2023-03-20T12:00:00Z");
        let voted = voted("4000.00");
        app.put(&line).token(&world.caf_token).if_match("\"1\"").json(&voted).send().await.expect(200);
        assert_ne!(read.send().await.etag(), before.etag());
        // The line it now sees tells nothing of the push it did not see.
        let seen = app.get(&line).token(&world.applicant).send().await.expect(200).json();
        let nothing = (&json!(null), &json!(null));
        assert_eq!((&seen["revision"], &seen["proposed"]), nothing);
        assert_eq!((&seen["createdAt"], &seen["granted"]), (&json!("2023-03-20T12:00:00Z"), &eur("4000.00")));
        let whole = app.get(&line).token(&world.city_token).send().await.expect(200).json();
        assert_eq!((&whole["revision"], &whole["createdAt"]), (&json!(2), &json!("2023-03-20T11:00:00Z")));
    })
    .await;
}

#[actix_web::test]
async fn a_vote_is_tied_to_a_condition_only_with_a_reason() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let line = world.caf_line(&application);
        let push =
            |body: &serde_json::Value| app.put(&line).token(&world.caf_token).json(body).if_match("\"1\"");
        app.put(&line).token(&world.caf_token).json(&voted("4000.00")).send().await.expect(201);
        let mut tied = voted("4000.00");
        tied["conditions"] = json!([{"type": "totalReaches", "amount": eur("9000.00")}]);
        let problem = push(&tied).send().await.problem(422, "validation-failed");
        assert_eq!(faults(&problem), [("/reason".to_owned(), "reason-required".to_owned())]);
        let published = format!("/v1/open-data/funded-projects/{application}");
        app.get(&published).send().await.expect(200);
        tied["reason"] = json!("plan de financement à compléter");
        push(&tied).send().await.expect(200);
        app.get(&published).send().await.problem(404, "not-found");
    })
    .await;
}
