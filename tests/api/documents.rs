//! Labels and documents: kept up to date on what is signed already, which changes in nothing else.

use serde_json::{Value, json};

use crate::commitments::amended;
use crate::support::{Answer, Request, TestApp, World, contract_body, on_each_database, sorted_faults, told};

fn document(name: &str) -> Value {
    json!({
        "title": format!("Texte {name}"), "url": format!("https://example.org/{name}.pdf"),
        "mediaType": "application/pdf", "language": "fr"
    })
}

fn label(code: &str, since: &str, until: Option<&str>, challenge: Option<i32>) -> Value {
    json!({
        "code": code, "title": "Cité éducative", "since": since, "until": until, "challenge": challenge,
        "objectives": ["conforter le rôle de l’école"]
    })
}

/// A contract of the Caf and the city that could be created beside the world's.
fn contract(world: &World) -> Value {
    let mut body = contract_body(&[&world.caf, &world.city]);
    body["reference"] = json!("CV-2");
    body
}

/// Creates what the path lists, and answers its address.
async fn created(app: &TestApp, world: &World, path: &str, body: &Value) -> String {
    let made = app.post(path).token(&world.administrator).json(body).send().await.expect(201);
    made.header("Location").unwrap().to_owned()
}

async fn read(app: &TestApp, world: &World, address: &str) -> Answer {
    app.get(address).token(&world.administrator).send().await.expect(200)
}

/// A change by somebody who has read what stands now.
async fn patch(app: &TestApp, world: &World, address: &str, change: &Value) -> Request {
    let etag = read(app, world, address).await.etag().to_owned();
    app.patch(address).token(&world.administrator).if_match(&etag).json(change)
}

async fn sign(app: &TestApp, address: &str, token: &str) {
    let sign = app.post(&format!("{address}/signatures")).token(token);
    sign.json(&json!({"signedOn": "2017-01-02"})).send().await.expect(201);
}

/// Refused with this code and these words, and nothing changed.
async fn refused(app: &TestApp, world: &World, address: &str, change: &Value, code: &str, words: [&str; 2]) {
    let (before, events) = (read(app, world, address).await, app.all_events().await);
    let patch = patch(app, world, address, change).await;
    let problem = patch.send().await.problem(409, code);
    assert!(problem["detail"].as_str().unwrap().contains(words[0]), "{change}: {problem}");
    let problem = patch.french().send().await.problem(409, code);
    assert!(problem["detail"].as_str().unwrap().contains(words[1]), "{change}: {problem}");
    let after = read(app, world, address).await;
    assert_eq!((&after.text, after.etag()), (&before.text, before.etag()), "{change}");
    assert_eq!(app.all_events().await, events, "{change}");
}

/// Changes of `documents`, whose first two are those that stand, that no signature allows; the rest would be allowed.
fn not_only_more_documents(others: &[(&str, Value)]) -> Vec<Value> {
    let (one, two, more) = (document("one"), document("two"), document("more"));
    let mut reworded = one.clone();
    reworded["title"] = json!("Autre titre");
    let mut changes = vec![
        json!({"documents": [one, more]}),
        json!({"documents": []}),
        json!({"documents": null}),
        json!({"documents": [reworded, two, more]}),
    ];
    for (member, value) in others {
        changes.push(json!({"documents": [one, two, more], *member: value}));
    }
    changes
}

#[actix_web::test]
async fn a_draft_s_documents_and_labels_are_edited_freely() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = contract(&world);
        body["documents"] = json!([document("one"), document("two")]);
        body["labels"] = json!([label("school", "2019-11-01", None, Some(4))]);
        let contract = created(app, &world, "/v1/contracts", &body).await;
        let shown = read(app, &world, &contract).await.json();
        assert_eq!((&shown["documents"], &shown["labels"]), (&body["documents"], &body["labels"]));
        let amendments = format!("/v1/contracts/{}/amendments", world.contract);
        let body = json!({
            "kind": "ordinary", "title": "Avenant", "effectiveOn": "2020-01-01", "documents": [document("one")],
            "changes": [{"type": "retireChallenge", "number": 4}]
        });
        let amendment = created(app, &world, &amendments, &body).await;
        assert_eq!(read(app, &world, &amendment).await.json()["documents"], body["documents"]);
        for address in [&contract, &amendment] {
            for documents in [json!([document("three")]), json!([]), json!([document("one")])] {
                let change = json!({"documents": documents, "title": "Autre titre"});
                let changed = patch(app, &world, address, &change).await.send().await.expect(200);
                assert_eq!(changed.json()["documents"], documents);
                assert_eq!(read(app, &world, address).await.text, changed.text);
            }
        }
        let change = json!({"labels": []});
        let changed = patch(app, &world, &contract, &change).await.send().await.expect(200);
        assert_eq!((&changed.json()["labels"], app.events("contract.updated").await), (&json!([]), 4));
        assert_eq!(app.events("amendment.updated").await, 3);
    })
    .await;
}

#[actix_web::test]
async fn a_contract_with_a_signature_gains_documents_and_keeps_its_labels_up_to_date() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = contract(&world);
        body["documents"] = json!([document("one")]);
        let contract = created(app, &world, "/v1/contracts", &body).await;
        for (round, token) in [&world.caf_token, &world.city_token].into_iter().enumerate() {
            sign(app, &contract, token).await;
            let before = read(app, &world, &contract).await;
            let mut documents = before.json()["documents"].as_array().unwrap().clone();
            documents.insert(0, document(&format!("more-{round}")));
            let labels =
                json!([label("school", "2019-11-01", None, Some(4 + i32::try_from(round).unwrap()))]);
            for change in [json!({"documents": documents}), json!({"labels": labels})] {
                let events = app.events("contract.updated").await;
                let changed = patch(app, &world, &contract, &change).await.send().await.expect(200);
                assert_eq!(app.events("contract.updated").await, events + 1);
                assert_eq!(read(app, &world, &contract).await.text, changed.text);
            }
            let after = read(app, &world, &contract).await.json();
            assert_eq!((&after["documents"], &after["labels"]), (&json!(documents), &labels));
            for member in ["status", "title", "endsOn", "challenges", "signatories"] {
                assert_eq!(after[member], before.json()[member]);
            }
            let change = json!({"documents": [], "labels": []});
            let late = app.patch(&contract).token(&world.administrator).json(&change);
            late.clone().if_match(before.etag()).send().await.problem(412, "precondition-failed");
            late.send().await.problem(428, "precondition-required");
            assert_eq!(read(app, &world, &contract).await.json(), after);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_contract_with_a_signature_loses_no_document_and_changes_in_nothing_else() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = contract(&world);
        body["documents"] = json!([document("one"), document("two")]);
        let contract = created(app, &world, "/v1/contracts", &body).await;
        let words = ["draft an amendment", "préparez un avenant"];
        let labels = json!([label("school", "2019-11-01", None, None)]);
        for token in [&world.caf_token, &world.city_token] {
            sign(app, &contract, token).await;
            let mut changes = not_only_more_documents(&[
                ("title", json!("Autre titre")),
                ("endsOn", json!("2023-12-31")),
                ("description", json!("Autrement dit")),
            ]);
            changes.push(json!({"labels": labels, "description": "Autrement dit"}));
            changes.push(json!({"labels": labels, "documents": [document("two")]}));
            for change in changes {
                refused(app, &world, &contract, &change, "contract-in-force", words).await;
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn an_amendment_with_a_signature_gains_documents_and_changes_in_nothing_else() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = format!("/v1/contracts/{}/amendments", world.contract);
        let body = json!({
            "kind": "ordinary", "title": "Avenant", "effectiveOn": "2020-01-01",
            "documents": [document("one"), document("two")],
            "changes": [{"type": "retireChallenge", "number": 4}]
        });
        let amendment = created(app, &world, &path, &body).await;
        let others = [("title", json!("Autre titre")), ("effectiveOn", json!("2021-01-01"))];
        let words = ["Draft another amendment", "Préparez un autre avenant"];
        let mut documents = vec![document("one"), document("two")];
        for (round, token) in [&world.caf_token, &world.city_token].into_iter().enumerate() {
            sign(app, &amendment, token).await;
            let before = read(app, &world, &amendment).await;
            for change in not_only_more_documents(&others) {
                refused(app, &world, &amendment, &change, "amendment-signed", words).await;
            }
            documents.push(document(&format!("more-{round}")));
            let change = json!({"documents": documents});
            let changed = patch(app, &world, &amendment, &change).await.send().await.expect(200);
            assert_eq!(read(app, &world, &amendment).await.text, changed.text);
            assert_eq!(changed.json()["documents"], json!(documents));
            for member in ["status", "title", "inForceFrom", "changes", "signatories"] {
                assert_eq!(changed.json()[member], before.json()[member]);
            }
            let late = app.patch(&amendment).token(&world.administrator).if_match(before.etag());
            late.json(&change).send().await.problem(412, "precondition-failed");
            assert_eq!(app.events("amendment.updated").await, i64::try_from(round).unwrap() + 1);
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_document_is_told_with_its_pointers() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let amendment = json!({
            "kind": "ordinary", "title": "Avenant", "effectiveOn": "2020-01-01",
            "changes": [{"type": "retireChallenge", "number": 4}]
        });
        let amendments = format!("/v1/contracts/{}/amendments", world.contract);
        let with = |member: &str, value: &str| {
            let mut wrong = document("wrong");
            wrong[member] = json!(value);
            json!([document("one"), wrong])
        };
        let mut cases = vec![
            (json!([document("one"), document("two"), document("one")]), ("/documents/2/url", "duplicate")),
            (json!([{"url": "https://a.fr"}]), ("/documents/0/language", "required")),
            (json!([document("one"), "https://a.fr"]), ("/documents/1", "wrong-type")),
            (with("title", ""), ("/documents/1/title", "too-short")),
            (with("url", "https://a.fr/a\u{200b}.pdf"), ("/documents/1/url", "forbidden-character")),
            (with("url", "https://a.fr/\u{202e}fdp.a"), ("/documents/1/url", "forbidden-character")),
            (with("author", "Madame Durand"), ("/documents/1/author", "unknown-field")),
        ];
        let wrong = [
            (
                "url",
                vec!["", "a.pdf", "ftp://a.fr/a.pdf", "javascript:alert(1)", "https://a.fr/a b", "https://"],
            ),
            ("mediaType", vec!["", "pdf", "application/", "application/pdf; charset=x", "APPLICATION/PDF"]),
            ("language", vec!["", "f", "français", "fr_FR", "FR", "fr-"]),
        ];
        for (member, values) in &wrong {
            let at = ["/documents/1/url", "/documents/1/mediaType", "/documents/1/language"];
            let at = at.into_iter().find(|at| at.ends_with(member)).unwrap();
            cases.extend(values.iter().map(|value| (with(member, value), (at, "wrong-format"))));
        }
        let events = app.all_events().await;
        for (path, body) in [("/v1/contracts", contract(&world)), (amendments.as_str(), amendment)] {
            for (documents, expected) in &cases {
                let mut body = body.clone();
                body["documents"] = documents.clone();
                let refused = app.post(path).token(&world.administrator).json(&body).send().await;
                let found = sorted_faults(&refused.problem(422, "validation-failed"));
                assert!(found.contains(&told(&[*expected])[0]), "{documents}: {found:?}");
            }
        }
        assert_eq!(app.all_events().await, events);
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_label_is_told_with_its_pointers() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("/v1/contracts/{}", world.contract);
        let (before, events) = (read(app, &world, &address).await, app.all_events().await);
        let good = label("good", "2019-11-01", None, Some(4));
        let mut objectives = label("wrong", "2019-11-01", None, None);
        objectives["objectives"] = json!(["", "bien"]);
        for (wrong, expected) in [
            (label("wrong", "2019-11-02", Some("2019-11-01"), None), ("/labels/1/until", "period-order")),
            (label("wrong", "2019-11-01", None, Some(7)), ("/labels/1/challenge", "unknown-reference")),
            (label("wrong", "2019-11-01", None, Some(100)), ("/labels/1/challenge", "too-large")),
            (label("good", "2021-11-01", None, None), ("/labels/1/code", "duplicate")),
            (label("Cité", "2021-11-01", None, None), ("/labels/1/code", "wrong-format")),
            (label("wrong", "2019-02-30", None, None), ("/labels/1/since", "wrong-format")),
            (objectives, ("/labels/1/objectives/0", "too-short")),
        ] {
            let change = json!({"labels": [good, wrong]});
            let refused = patch(app, &world, &address, &change).await.send().await;
            let problem = refused.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[expected]), "{wrong}");
        }
        let change = json!({"labels": [label("wrong", "2019-11-01", None, Some(7))]});
        let refused = patch(app, &world, &address, &change).await.french().send().await;
        let problem = refused.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/labels/0/challenge", "unknown-reference")]));
        assert_eq!(problem["errors"][0]["detail"], "ne désigne rien de connu comme enjeu : 7");
        let after = read(app, &world, &address).await;
        assert_eq!((&after.text, after.etag()), (&before.text, before.etag()));
        assert_eq!(app.all_events().await, events);
        let one_day = json!({"labels": [label("day", "2019-11-01", Some("2019-11-01"), None)]});
        patch(app, &world, &address, &one_day).await.send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn labels_are_shown_with_their_days_so_that_what_was_read_can_be_sent_back() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("/v1/contracts/{}", world.contract);
        let mut labels = vec![
            label("school", "2019-11-01", Some("2022-08-31"), Some(4)),
            label("garden", "2031-01-01", None, None),
        ];
        let change = json!({"labels": labels});
        let changed = patch(app, &world, &address, &change).await.send().await.expect(200).json();
        assert_eq!(changed["labels"], json!(labels), "one that is over and one that is to come");
        let read = app.get(&address).send().await.expect(200).json();
        labels.clone_from(read["labels"].as_array().unwrap());
        labels.push(label("river", "2021-01-01", None, None));
        let change = json!({"labels": labels});
        patch(app, &world, &address, &change).await.send().await.expect(200);
        for day in ["2016-01-01", "2020-01-01", "2030-01-01"] {
            let read = app.get(&format!("{address}?asOf={day}")).send().await.expect(200).json();
            assert_eq!(read["labels"], json!(labels), "{day}");
        }
        let again = patch(app, &world, &address, &change).await.send().await.expect(200);
        assert_eq!((&again.json()["labels"], app.events("contract.updated").await), (&json!(labels), 2));
    })
    .await;
}

#[actix_web::test]
async fn a_label_is_attached_to_a_challenge_of_its_day_and_judged_when_it_comes() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("/v1/contracts/{}", world.contract);
        let future = label("later", "2031-01-01", None, Some(4));
        let change = json!({"labels": [future]});
        patch(app, &world, &address, &change).await.send().await.expect(200);
        let changes = json!([
            {"type": "retireChallenge", "number": 4},
            {"type": "addChallenge", "challenge": {"number": 1, "title": "santé"}}
        ]);
        amended(app, &world, "2020-01-01", changes, &[&world.caf_token, &world.city_token]).await;
        let events = app.all_events().await;
        let early = label("health", "2019-12-31", None, Some(1));
        let late = label("school", "2020-01-01", None, Some(4));
        let change = json!({"labels": [future, early, late]});
        let problem =
            patch(app, &world, &address, &change).await.send().await.problem(422, "validation-failed");
        let expected =
            [("/labels/1/challenge", "unknown-reference"), ("/labels/2/challenge", "unknown-reference")];
        assert_eq!(sorted_faults(&problem), told(&expected));
        assert_eq!(app.all_events().await, events);
        let change = json!({"labels": [
            future, label("health", "2020-01-01", None, Some(1)), label("school", "2019-12-31", None, Some(4))
        ]});
        patch(app, &world, &address, &change).await.send().await.expect(200);
        // The label whose challenge went away meanwhile bars no other change.
        let change = json!({"documents": [document("a")]});
        patch(app, &world, &address, &change).await.send().await.expect(200);
    })
    .await;
}
