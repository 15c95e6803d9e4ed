//! What changed between two days of a contract, told in words a person can read.

use serde_json::{Value, json};

use crate::commitments::{add, amended};
use crate::support::{Request, TestApp, World, on_each_database};

fn reading(app: &TestApp, world: &World, query: &str) -> Request {
    app.get(&format!("/v1/contracts/{}{query}", world.contract))
}

/// What differs on `as_of` from what was on `other`, once it is known that the rest is the plain reading.
async fn differences(app: &TestApp, world: &World, as_of: &str, other: &str) -> Vec<Value> {
    let query = format!("?asOf={as_of}&compareWith={other}");
    let mut compared = reading(app, world, &query).send().await.expect(200).json();
    let plain = reading(app, world, &format!("?asOf={as_of}")).send().await.expect(200).json();
    assert_eq!((&plain["comparedWith"], &plain["differences"]), (&Value::Null, &Value::Null));
    assert_eq!(compared["comparedWith"], other);
    let told = compared["differences"].as_array().unwrap().clone();
    (compared["comparedWith"], compared["differences"]) = (Value::Null, Value::Null);
    assert_eq!(compared, plain);
    told
}

/// Part, key, before, after.
fn facts(differences: &[Value]) -> Vec<Value> {
    let members = ["part", "key", "before", "after"];
    differences.iter().map(|one| members.iter().map(|name| one[*name].clone()).collect()).collect()
}

fn label(code: &str, title: &str, since: &str) -> Value {
    json!({"code": code, "title": title, "since": since})
}

async fn set_labels(app: &TestApp, world: &World, labels: Value) {
    let contract = reading(app, world, "").send().await.expect(200);
    let patch = app.patch(&format!("/v1/contracts/{}", world.contract)).token(&world.administrator);
    patch.if_match(contract.etag()).json(&json!({"labels": labels})).send().await.expect(200);
}

/// A world whose contract changed in every part on 1 January 2020.
async fn changed(app: &TestApp) -> World {
    let world = World::new(app).await;
    let sud = json!({"code": "sud", "name": "Sud", "kind": "watch"});
    let changes = json!([
        {"type": "extendPeriod", "endsOn": "2023-03-01"},
        {"type": "addChallenge", "challenge": {"number": 1, "title": "santé"}},
        {"type": "reviseChallenge", "challenge": {"number": 5, "title": "cadre de vie"}},
        {"type": "retireChallenge", "number": 4},
        {"type": "addNeighbourhood", "neighbourhood": sud},
        {"type": "removeNeighbourhood", "code": "nord"},
        {"type": "addNeighbourhood", "neighbourhood": {"code": "nord", "name": "Quartiers Nord", "kind": "watch"}},
        {"type": "addSignatory", "coFunderId": world.landlord},
        add("desk", &world.landlord, 1, "Ouvrir une permanence."),
    ]);
    let signing = [&world.caf_token, &world.city_token, &world.landlord_token].map(String::as_str);
    amended(app, &world, "2020-01-01", changes, &signing).await;
    set_labels(app, &world, json!([label("school", "Cité éducative", "2020-01-01")])).await;
    world
}

/// What `changed` changed.
fn expected(world: &World) -> Vec<Value> {
    vec![
        json!(["period", "endsOn", "2022-12-31", "2023-03-01"]),
        json!(["challenge", "1", null, "santé"]),
        json!(["challenge", "4", "éducation", null]),
        json!(["challenge", "5", "quartier", "cadre de vie"]),
        json!(["neighbourhood", "nord", "Quartiers Nord (priority)", "Quartiers Nord (watch)"]),
        json!(["neighbourhood", "sud", null, "Sud (watch)"]),
        json!(["signatory", world.landlord, null, "Bailleur"]),
        json!(["commitment", "desk", null, "Ouvrir une permanence."]),
        json!(["label", "school", null, "Cité éducative"]),
    ]
}

#[actix_web::test]
async fn every_part_of_a_contract_that_changed_is_told() {
    on_each_database(async |app| {
        let world = changed(app).await;
        let told = differences(app, &world, "2020-01-01", "2019-12-31").await;
        assert_eq!(facts(&told), expected(&world));
        // However far the two days lie from the change.
        let far = differences(app, &world, "2022-10-20", "2015-01-01").await;
        assert_eq!(far, told);
    })
    .await;
}

#[actix_web::test]
async fn what_changed_is_said_in_both_languages() {
    on_each_database(async |app| {
        let world = changed(app).await;
        let told = differences(app, &world, "2020-01-01", "2019-12-31").await;
        let words = [
            (
                "The contract ends on 1 March 2023 instead of 31 December 2022.",
                "Le contrat s’achève le 1er mars 2023 au lieu du 31 décembre 2022.",
            ),
            ("Challenge 1 “santé” is added.", "L’enjeu 1 « santé » s’ajoute."),
            ("Challenge 4 “éducation” is no longer there.", "L’enjeu 4 « éducation » n’y figure plus."),
            (
                "Challenge 5 now reads “cadre de vie”; it read “quartier”.",
                "L’enjeu 5 devient « cadre de vie » ; c’était « quartier ».",
            ),
            (
                "The neighbourhood now reads “Quartiers Nord (watch)”",
                "Le quartier devient « Quartiers Nord (",
            ),
            ("The neighbourhood “Sud (watch)” is added.", "Le quartier « Sud ("),
            ("The signatory “Bailleur” is added.", "Le signataire « Bailleur » s’ajoute."),
            (
                "The commitment desk “Ouvrir une permanence.” is added.",
                "L’engagement desk « Ouvrir une permanence. » s’ajoute.",
            ),
            ("The label “Cité éducative” is added.", "Le label « Cité éducative » s’ajoute."),
        ];
        assert_eq!(told.len(), words.len());
        for (one, (en, fr)) in told.iter().zip(words) {
            // Spaces before French signs may be of those that do not break.
            let plain = |text: &Value| text.as_str().unwrap().replace(['\u{a0}', '\u{202f}'], " ");
            assert!(plain(&one["text"]["en"]).contains(en), "{one}");
            assert!(plain(&one["text"]["fr"]).contains(fr), "{one}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_kind_of_neighbourhood_is_told_to_the_french_in_french() {
    on_each_database(async |app| {
        let world = changed(app).await;
        let told = differences(app, &world, "2020-01-01", "2019-12-31").await;
        let sud = told.iter().find(|one| one["key"] == "sud").unwrap();
        let french = sud["text"]["fr"].as_str().unwrap();
        assert!(french.contains("veille") && !french.contains("watch"), "{french}");
    })
    .await;
}

#[actix_web::test]
async fn looking_back_is_the_mirror_image_of_looking_forward() {
    on_each_database(async |app| {
        let world = changed(app).await;
        let mirrored: Vec<Value> =
            expected(&world).iter().map(|one| json!([one[0], one[1], one[3], one[2]])).collect();
        let back = differences(app, &world, "2019-12-31", "2020-01-01").await;
        assert_eq!(facts(&back), mirrored);
        assert_eq!(back[1]["text"]["en"], "Challenge 1 “santé” is no longer there.");
        assert_eq!(back[2]["text"]["en"], "Challenge 4 “éducation” is added.");
        let period = &back[0]["text"];
        assert_eq!(period["en"], "The contract ends on 31 December 2022 instead of 1 March 2023.");
        assert_eq!(period["fr"], "Le contrat s’achève le 31 décembre 2022 au lieu du 1er mars 2023.");
    })
    .await;
}

#[actix_web::test]
async fn between_days_of_the_same_terms_nothing_differs() {
    on_each_database(async |app| {
        let world = changed(app).await;
        for (day, other) in [
            ("2020-01-01", "2020-01-01"),
            ("2019-12-31", "2019-12-31"),
            ("2022-10-20", "2020-01-01"),
            ("2015-01-01", "2019-12-31"),
        ] {
            assert_eq!(differences(app, &world, day, other).await, Vec::<Value>::new(), "{day} {other}");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_came_and_went_between_the_two_days_is_not_told() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let signing = [world.caf_token.as_str(), world.city_token.as_str()];
        let changes = json!([add("desk", &world.caf, 5, "Ouvrir une permanence.")]);
        amended(app, &world, "2018-01-01", changes, &signing).await;
        let changes = json!([{"type": "retireCommitment", "code": "desk"}]);
        amended(app, &world, "2020-01-01", changes, &signing).await;
        let mut passing = label("school", "Cité éducative", "2018-03-01");
        passing["until"] = json!("2019-02-28");
        set_labels(app, &world, json!([passing])).await;
        assert_eq!(differences(app, &world, "2020-01-01", "2017-12-31").await, Vec::<Value>::new());
        let gone = differences(app, &world, "2020-01-01", "2019-02-28").await;
        let expected = [
            json!(["commitment", "desk", "Ouvrir une permanence.", null]),
            json!(["label", "school", "Cité éducative", null]),
        ];
        assert_eq!(facts(&gone), expected);
    })
    .await;
}

#[actix_web::test]
async fn a_reading_is_compared_with_today_s_when_only_the_other_day_is_named() {
    on_each_database(async |app| {
        let world = changed(app).await;
        let plain = reading(app, &world, "").send().await.expect(200);
        let compared = reading(app, &world, "?compareWith=2019-12-31").send().await.expect(200);
        let shown = compared.json();
        assert_eq!((&shown["asOf"], &shown["comparedWith"]), (&json!("2022-10-20"), &json!("2019-12-31")));
        assert_eq!(facts(shown["differences"].as_array().unwrap()), expected(&world));
        assert_ne!(compared.etag(), plain.etag());
        let known = reading(app, &world, "?compareWith=2019-12-31").header("If-None-Match", compared.etag());
        assert_eq!(known.send().await.expect(304).text, "");
    })
    .await;
}

#[actix_web::test]
async fn a_day_to_compare_with_is_a_day() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for wrong in ["2020-13-01", "2023-02-29", "yesterday", "", "2020-01-01T00:00:00Z"] {
            let refused = reading(app, &world, &format!("?compareWith={wrong}")).send().await;
            let problem = refused.problem(400, "invalid-parameter");
            assert_eq!(problem["errors"][0]["pointer"], "compareWith", "{wrong}");
        }
        let twice = "?compareWith=2020-01-01&compareWith=2020-01-02";
        reading(app, &world, twice).send().await.problem(400, "invalid-parameter");
    })
    .await;
}

#[actix_web::test]
async fn a_draft_is_compared_for_those_who_see_it_only() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let changes = json!([{"type": "extendPeriod", "endsOn": "2023-03-01"}]);
        amended(app, &world, "2020-01-01", changes, &[&world.caf_token]).await;
        assert_eq!(differences(app, &world, "2020-01-01", "2019-12-31").await, Vec::<Value>::new());
        let mut draft = crate::support::contract_body(&[&world.caf]);
        draft["reference"] = json!("CV-2");
        draft["labels"] = json!([label("school", "Cité éducative", "2020-01-01")]);
        let made =
            app.post("/v1/contracts").token(&world.administrator).json(&draft).send().await.expect(201);
        let path = format!("{}?asOf=2020-01-01&compareWith=2019-12-31", made.header("Location").unwrap());
        app.get(&path).send().await.problem(404, "not-found");
        let shown = app.get(&path).token(&world.caf_token).send().await.expect(200).json();
        let expected = [json!(["label", "school", null, "Cité éducative"])];
        assert_eq!(facts(shown["differences"].as_array().unwrap()), expected);
    })
    .await;
}
