//! Signing an amendment: everyone once, with its own client; from the first signature on it is frozen (rule A1).

use serde_json::{Value, json};

use super::{as_of, body, drafted, retire, sign, sign_on, signed};
use crate::support::{World, at_once, contract_body, id, on_each_database, sorted_faults, told, voted};

#[actix_web::test]
async fn an_amendment_is_in_force_only_once_everyone_has_signed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = drafted(app, &world, &body("2020-01-01", retire(4))).await;
        let contract = app.get(&format!("/v1/contracts/{}", world.contract)).send().await.expect(200);
        sign(app, &address, &world.landlord_token).send().await.problem(404, "not-found");
        sign(app, &address, &world.administrator).send().await.problem(403, "insufficient-scope");
        let future = app.post(&format!("{address}/signatures")).token(&world.caf_token);
        let problem =
            future.json(&json!({"signedOn": "2022-10-22"})).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/signedOn", "in-the-future")]));
        let first = sign(app, &address, &world.caf_token).send().await.expect(201);
        assert_eq!(first.json(), json!({"coFunderId": world.caf, "name": "Caf", "signedOn": "2017-01-02"}));
        sign(app, &address, &world.caf_token).send().await.problem(409, "conflict");
        let half = app.get(&address).token(&world.city_token).send().await.expect(200).json();
        assert_eq!((&half["status"], &half["signatories"][0]), (&json!("signing"), &first.json()));
        app.get(&address).send().await.problem(404, "not-found");
        assert_eq!(as_of(app, &world, "2022-10-20").await.json(), contract.json());
        assert_eq!(app.events("amendment.signed").await, 1);
        sign(app, &address, &world.city_token).send().await.expect(201);
        assert_eq!(app.get(&address).send().await.expect(200).json()["status"], "signed");
        let after =
            app.get(&format!("/v1/contracts/{}", world.contract)).header("If-None-Match", contract.etag());
        assert_eq!(
            after.send().await.expect(200).json()["challenges"],
            json!([{"number": 5, "title": "quartier"}])
        );
        sign(app, &address, &world.city_token).send().await.problem(409, "conflict");
        assert_eq!(app.events("amendment.signed").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn an_amendment_can_be_edited_until_the_first_signature() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = drafted(app, &world, &body("2020-01-01", retire(4))).await;
        let read = async || app.get(&address).token(&world.administrator).send().await.expect(200);
        let patch = |change: Value| app.patch(&address).token(&world.administrator).json(&change);
        let made = read().await;
        patch(json!({"title": "x"})).send().await.problem(428, "precondition-required");
        patch(json!({"title": "x"})).if_match("\"8\"").send().await.problem(412, "precondition-failed");
        let wrong = patch(json!({"changes": retire(9)})).if_match(made.etag()).send().await;
        let problem = wrong.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/changes/0/number", "not-applicable")]));
        assert_eq!((read().await.text, app.events("amendment.updated").await), (made.text.clone(), 0));
        let change = json!({"effectiveOn": "2021-01-01", "changes": retire(5)});
        let changed = patch(change).if_match(made.etag()).send().await.expect(200);
        assert_eq!((read().await.text, app.events("amendment.updated").await), (changed.text.clone(), 1));
        assert_eq!(changed.json()["effectiveOn"], "2021-01-01");
        for token in [&world.caf_token, &world.city_token] {
            sign(app, &address, token).send().await.expect(201);
            let before = read().await;
            let frozen = patch(json!({"title": "Autre"})).if_match(before.etag()).send().await;
            frozen.problem(409, "amendment-signed");
            for change in
                [json!({"changes": retire(4)}), json!({"effectiveOn": "2022-01-01"}), json!({"kind": "perr"})]
            {
                let frozen = patch(change).if_match(before.etag()).french().send().await;
                let problem = frozen.problem(409, "amendment-signed");
                assert_eq!(problem["title"], "Un avenant signé ne change jamais");
            }
            assert_eq!((read().await.text, app.events("amendment.updated").await), (before.text, 1));
        }
    })
    .await;
}

#[actix_web::test]
async fn a_new_signatory_signs_the_amendment_that_adds_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let adding = body("2020-01-01", json!([{"type": "addSignatory", "coFunderId": world.landlord}]));
        let address = signed(app, &world, &adding).await;
        let waiting = app.get(&address).token(&world.landlord_token).send().await.expect(200).json();
        assert_eq!(
            (&waiting["status"], &waiting["signatories"][2]["signedOn"]),
            (&json!("signing"), &Value::Null)
        );
        assert_eq!(as_of(app, &world, "2022-01-01").await.json()["signatories"].as_array().unwrap().len(), 2);
        sign(app, &address, &world.landlord_token).send().await.expect(201);
        let after = as_of(app, &world, "2022-01-01").await.json();
        assert_eq!(
            (&after["status"], &after["signatories"][2]["name"]),
            (&json!("signed"), &json!("Bailleur"))
        );
        assert_eq!(after["signatories"][2]["signedOn"], "2017-01-02");
        assert_eq!(as_of(app, &world, "2019-12-31").await.json()["signatories"].as_array().unwrap().len(), 2);
        // From now on it signs the next ones too.
        let next = signed(app, &world, &body("2021-01-01", retire(4))).await;
        let waiting = app.get(&next).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(waiting["status"], "signing");
        sign(app, &next, &world.landlord_token).send().await.expect(201);
        assert_eq!(app.get(&next).send().await.expect(200).json()["status"], "signed");
    })
    .await;
}

#[actix_web::test]
async fn a_signed_amendment_never_waits_for_a_signatory_that_came_after_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let first = signed(app, &world, &body("2021-01-01", retire(4))).await;
        let before = app.get(&first).send().await.expect(200);
        let adding = body("2020-01-01", json!([{"type": "addSignatory", "coFunderId": world.landlord}]));
        let second = signed(app, &world, &adding).await;
        sign(app, &second, &world.landlord_token).send().await.expect(201);
        let after = app.get(&first).send().await.expect(200);
        assert_eq!((&after.text, after.etag()), (&before.text, before.etag()));
        let late = sign(app, &first, &world.landlord_token).send().await;
        late.problem(403, "not-your-institution");
        assert_eq!(app.get(&first).send().await.text, before.text);
    })
    .await;
}

#[actix_web::test]
async fn a_signature_is_of_the_text_that_stands_whoever_changes_it_meanwhile() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        for round in 0..12 {
            let mut terms = contract_body(&[&world.caf]);
            terms["reference"] = json!(format!("CV-{round}"));
            let made =
                app.post("/v1/contracts").token(&world.administrator).json(&terms).send().await.expect(201);
            world.contract = id(&made.json());
            sign(app, made.header("Location").unwrap(), &world.caf_token).send().await.expect(201);
            let address = drafted(app, &world, &body("2020-01-01", retire(4))).await;
            let before = app.get(&address).token(&world.administrator).send().await.expect(200);
            let change = json!({"changes": [{"type": "addSignatory", "coFunderId": world.landlord}]});
            let patch = app.patch(&address).token(&world.administrator).if_match(before.etag()).json(&change);
            let answers = at_once([patch, sign(app, &address, &world.caf_token)]).await;
            assert_eq!(answers[1].status, 201, "{}", answers[1].text);
            let read = app.get(&address).token(&world.caf_token).send().await.expect(200).json();
            if answers[0].status == 200 {
                // The change came first: now the landlord must sign, too.
                assert_eq!((&read["status"], &read["changes"]), (&json!("signing"), &change["changes"]));
            } else {
                assert!([409, 412].contains(&answers[0].status), "{}", answers[0].text);
                assert_eq!((&read["status"], &read["changes"]), (&json!("signed"), &retire(4)));
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn an_amendment_signed_late_is_in_force_from_its_last_signature_on() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = drafted(app, &world, &body("2020-01-01", retire(4))).await;
        sign_on(app, &address, &world.city_token, "2020-06-30").send().await.expect(201);
        sign_on(app, &address, &world.caf_token, "2019-12-12").send().await.expect(201);
        for (day, included) in [("2020-06-29", 0), ("2020-06-30", 1)] {
            let read = as_of(app, &world, day).await.json();
            assert_eq!(read["includedAmendments"].as_array().unwrap().len(), included, "{day}");
            assert_eq!(read["challenges"].as_array().unwrap().len(), 2 - included, "{day}");
        }
        let included = as_of(app, &world, "2022-01-01").await.json()["includedAmendments"][0].clone();
        let expected = (&json!("2020-01-01"), &json!("2020-06-30"));
        assert_eq!((&included["effectiveOn"], &included["inForceFrom"]), expected);
    })
    .await;
}

#[actix_web::test]
async fn the_last_signature_is_refused_when_its_day_comes_too_late_for_a_change() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        app.set_clock("2019-12-15T10:00:00Z");
        signed(app, &world, &body("2020-01-01", retire(4))).await;
        let revise = json!([{"type": "reviseChallenge", "challenge": {"number": 4, "title": "école"}}]);
        for (day, applies) in [("2020-01-02", false), ("2019-12-31", true)] {
            app.set_clock("2019-12-15T10:00:00Z");
            let address = drafted(app, &world, &body("2018-01-01", revise.clone())).await;
            sign(app, &address, &world.caf_token).send().await.expect(201);
            app.set_clock(&format!("{day}T12:00:00Z"));
            let last = sign_on(app, &address, &world.city_token, day).send().await;
            let read = app.get(&address).token(&world.caf_token).send().await.expect(200).json();
            if applies {
                assert_eq!((last.status, &read["status"]), (201, &json!("signed")));
            } else {
                assert!([409, 422].contains(&last.status), "{} {}", last.status, last.text);
                assert_eq!(read["status"], "signing");
            }
        }
        assert_eq!(as_of(app, &world, "2019-12-31").await.json()["challenges"][0]["title"], "école");
    })
    .await;
}

#[actix_web::test]
async fn who_is_a_signatory_on_the_day_it_comes_into_force_signs_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let adding = body("2021-01-01", json!([{"type": "addSignatory", "coFunderId": world.landlord}]));
        let adding = signed(app, &world, &adding).await;
        sign(app, &adding, &world.landlord_token).send().await.expect(201);
        let address = drafted(app, &world, &body("2020-01-01", retire(4))).await;
        for token in [&world.caf_token, &world.city_token] {
            sign_on(app, &address, token, "2022-10-20").send().await.expect(201);
        }
        let waiting = app.get(&address).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(waiting["status"], "signing", "{waiting}");
        sign_on(app, &address, &world.landlord_token, "2022-10-20").send().await.expect(201);
        assert_eq!(app.get(&address).send().await.expect(200).json()["status"], "signed");
    })
    .await;
}

#[actix_web::test]
async fn a_published_call_keeps_the_contract_it_opened_under() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        app.put(&line).token(&world.caf_token).json(&voted("4000.00")).send().await.expect(201);
        let summary = app.get("/v1/open-data/funded-projects/summary?groupBy=challenge");
        let before = summary.send().await.expect(200).json();
        assert_eq!(before["items"][0]["label"], "quartier");
        let address = drafted(app, &world, &body("2020-01-01", retire(5))).await;
        for token in [&world.caf_token, &world.city_token] {
            sign_on(app, &address, token, "2019-12-12").send().await.expect(201);
        }
        assert_eq!(as_of(app, &world, "2022-10-03").await.json()["challenges"].as_array().unwrap().len(), 1);
        assert_eq!(summary.send().await.expect(200).json(), before);
    })
    .await;
}

#[actix_web::test]
async fn who_names_the_text_that_was_read_signs_that_text_or_none() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = drafted(app, &world, &body("2024-01-01", retire(5))).await;
        let read = app.get(&address).token(&world.caf_token).send().await.expect(200);
        let change = app.patch(&address).token(&world.administrator).if_match(read.etag());
        change.json(&json!({"title": "Autre texte"})).send().await.expect(200);
        let sign = sign(app, &address, &world.caf_token);
        sign.clone().if_match(read.etag()).send().await.problem(412, "precondition-failed");
        let again = app.get(&address).token(&world.caf_token).send().await.expect(200);
        sign.if_match(again.etag()).send().await.expect(201);
    })
    .await;
}
