//! What is wrong with a body: every fault at once, each with the exact JSON pointer and a stable word.

use std::collections::BTreeSet;

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{TestApp, World, contract_body, eur, faults, on_each_database};

const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// The faults, whatever their order; a value may break two rules of its schema with one word.
fn set(problem: &Value) -> BTreeSet<(String, String)> {
    faults(problem).into_iter().collect()
}

fn expected(faults: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

#[actix_web::test]
async fn three_malformed_things_are_told_at_once_in_either_language() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let body = json!({"name": "", "kind": "bank", "siret": "73282932000075"});
        let post = app.post("/v1/co-funders").token(&token).json(&body);
        let english = post.send().await;
        let problem = english.problem(422, "validation-failed");
        let wanted = [("/kind", "not-allowed-value"), ("/name", "too-short"), ("/siret", "wrong-format")];
        assert_eq!(faults(&problem), wanted.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        assert_eq!(english.header("Content-Language"), Some("en"));
        let french = post.french().send().await;
        let translated = french.problem(422, "validation-failed");
        assert_eq!(french.header("Content-Language"), Some("fr"));
        assert_eq!(translated["title"], "Certains éléments ne sont pas valides");
        assert_eq!(faults(&translated), faults(&problem));
        for (place, start) in [(0, "doit être parmi"), (1, "compte moins de 1"), (2, "n’est pas valide")] {
            let detail = translated["errors"][place]["detail"].as_str().unwrap();
            assert!(detail.starts_with(start), "{detail}");
        }
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}

#[actix_web::test]
async fn rules_between_fields_are_told_with_pointers_in_either_language() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let mut body = contract_body(&[NOBODY]);
        body["endsOn"] = json!("2014-12-31");
        body["challenges"][1]["number"] = json!(4);
        let post = app.post("/v1/contracts").token(&token).json(&body);
        let problem = post.send().await.problem(422, "validation-failed");
        assert_eq!(
            set(&problem),
            expected(&[("/endsOn", "period-order"), ("/challenges/1/number", "duplicate")])
        );
        let french = post.french().send().await.problem(422, "validation-failed");
        let details: Vec<&Value> =
            french["errors"].as_array().unwrap().iter().map(|one| &one["detail"]).collect();
        assert_eq!(details, ["est donné deux fois", "doit être postérieur au début"]);
        let unknown = app.post("/v1/contracts").token(&token).json(&contract_body(&[NOBODY])).send().await;
        let problem = unknown.problem(422, "validation-failed");
        assert_eq!(set(&problem), expected(&[("/signatories/0", "unknown-reference")]));
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}

/// Each change of one value of a good contract, the pointer it is told at and the word.
fn broken_contracts() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    vec![
        ("/title", json!(5), "/title", "wrong-type"),
        ("/title", json!(null), "/title", "wrong-type"),
        ("/title", json!(""), "/title", "too-short"),
        ("/title", json!("é".repeat(201)), "/title", "too-long"),
        ("/title", json!("a\u{0}b"), "/title", "forbidden-character"),
        ("/reference", json!("-x"), "/reference", "wrong-format"),
        ("/territory", json!("Blois"), "/territory", "wrong-type"),
        ("/territory/name", json!("\u{0}"), "/territory/name", "forbidden-character"),
        ("/territory/inseeCode", json!("2C004"), "/territory/inseeCode", "wrong-format"),
        ("/startsOn", json!("2015-13-01"), "/startsOn", "wrong-format"),
        ("/startsOn", json!("2015-02-30"), "/startsOn", "wrong-format"),
        ("/startsOn", json!("01/01/2015"), "/startsOn", "wrong-format"),
        ("/startsOn", json!(20150101), "/startsOn", "wrong-type"),
        ("/challenges", json!({}), "/challenges", "wrong-type"),
        ("/challenges/1/number", json!(0), "/challenges/1/number", "too-small"),
        ("/challenges/1/number", json!(100), "/challenges/1/number", "too-large"),
        ("/challenges/1/number", json!("5"), "/challenges/1/number", "wrong-type"),
        ("/challenges/1/number", json!(4.5), "/challenges/1/number", "wrong-type"),
        (
            "/crossCuttingChallenges/0/code",
            json!("Not A Word"),
            "/crossCuttingChallenges/0/code",
            "wrong-format",
        ),
        ("/neighbourhoods/0/kind", json!("suburb"), "/neighbourhoods/0/kind", "not-allowed-value"),
        ("/neighbourhoods/0/kind", json!("Priority"), "/neighbourhoods/0/kind", "not-allowed-value"),
        ("/signatories", json!([]), "/signatories", "too-few"),
        ("/signatories/0", json!("1234"), "/signatories/0", "wrong-format"),
        ("/signatories/0", json!("01890a5dac96774bbcceb302099a8057"), "/signatories/0", "wrong-format"),
        ("/signatories/0", json!("01890a5d-ac96-774b-bcce-b302099a805g"), "/signatories/0", "wrong-format"),
    ]
}

#[actix_web::test]
async fn one_wrong_value_is_told_at_its_own_pointer() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        for (place, value, pointer, code) in broken_contracts() {
            let mut body = contract_body(&[NOBODY]);
            *body.pointer_mut(place).unwrap() = value.clone();
            let answer = app.post("/v1/contracts").token(&token).json(&body).send().await;
            let found = set(&answer.problem(422, "validation-failed"));
            assert!(found.contains(&(pointer.to_owned(), code.to_owned())), "{place} {value}: {found:?}");
            let places: BTreeSet<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
            assert_eq!(places, BTreeSet::from([pointer]), "{place} {value}");
        }
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}

#[actix_web::test]
async fn unknown_and_missing_fields_are_told_wherever_they_are() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let mut body = contract_body(&[NOBODY]);
        body["surprise"] = json!(1);
        body["a/b~c"] = json!(2);
        body["territory"]["mayor"] = json!("x");
        body["challenges"][0]["weight"] = json!(3);
        body["id"] = json!(NOBODY);
        body.as_object_mut().unwrap().remove("title");
        body["neighbourhoods"][0].as_object_mut().unwrap().remove("code");
        let answer = app.post("/v1/contracts").token(&token).json(&body).send().await;
        let unknown = "unknown-field";
        assert_eq!(
            set(&answer.problem(422, "validation-failed")),
            expected(&[
                ("/surprise", unknown),
                ("/a~1b~0c", unknown),
                ("/territory/mayor", unknown),
                ("/challenges/0/weight", unknown),
                ("/id", unknown),
                ("/title", "required"),
                ("/neighbourhoods/0/code", "required"),
            ])
        );
        for body in [json!([]), json!("contract"), json!(null), json!(7)] {
            let answer = app.post("/v1/contracts").token(&token).json(&body).send().await;
            assert_eq!(set(&answer.problem(422, "validation-failed")), expected(&[("", "wrong-type")]));
        }
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_whole_number_written_with_a_point_is_taken_or_told_at_its_pointer() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let caf = app.post("/v1/co-funders").token(&token).json(&json!({"name": "Caf", "kind": "caf"}));
        let caf = caf.send().await.expect(201).json();
        let mut body = contract_body(&[caf["id"].as_str().unwrap()]);
        body["challenges"][0]["number"] = json!(4.0);
        let answer = app.post("/v1/contracts").token(&token).json(&body).send().await;
        if answer.status == 201 {
            assert_eq!(answer.json()["challenges"][0]["number"], 4);
        } else {
            let told = set(&answer.problem(422, "validation-failed"));
            assert_eq!(told, expected(&[("/challenges/0/number", "wrong-type")]));
        }
    })
    .await;
}

#[actix_web::test]
async fn money_is_told_to_its_innermost_member() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let before = app.all_events().await;
        for (amount, pointer, code) in [
            (json!(12500), "/parts/0/amount", "wrong-type"),
            (json!("12500.00"), "/parts/0/amount", "wrong-type"),
            (json!(null), "/parts/0/amount", "wrong-type"),
            (json!({"amount": 12500.0, "currency": "EUR"}), "/parts/0/amount/amount", "wrong-type"),
            (json!({"amount": "12500", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (json!({"amount": "12500.5", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (json!({"amount": "12500.005", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (json!({"amount": "-1.00", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (json!({"amount": "01.00", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (json!({"amount": "1e3", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (
                json!({"amount": "10000000000.00", "currency": "EUR"}),
                "/parts/0/amount/amount",
                "wrong-format",
            ),
            (json!({"amount": "١.٠٠", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (json!({"amount": "1.\n00", "currency": "EUR"}), "/parts/0/amount/amount", "wrong-format"),
            (json!({"amount": "1.00", "currency": "USD"}), "/parts/0/amount/currency", "not-allowed-value"),
            (
                json!({"amount": "1.00", "currency": "EUR", "cents": 1}),
                "/parts/0/amount/cents",
                "unknown-field",
            ),
            (json!({"amount": "1.00"}), "/parts/0/amount/currency", "required"),
        ] {
            let part = json!({"parts": [{"credits": "mainstream", "amount": amount}]});
            let put = app.put(&path).token(&world.caf_token).if_match("\"1\"").json(&part);
            let told = faults(&put.send().await.problem(422, "validation-failed"));
            assert!(told.contains(&(pointer.to_owned(), code.to_owned())), "{amount}: {told:?}");
            assert!(told.iter().all(|(at, _)| at == pointer), "{amount}: {told:?}");
        }
        assert_eq!(app.all_events().await, before);
        let shown = app.get(&path).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(shown["amount"], eur("10000.00"));
    })
    .await;
}

#[actix_web::test]
async fn an_optional_amount_is_told_inside_too() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let push = async |granted: Value| {
            let body = json!({"firmness": "agreed", "granted": granted, "credits": "mainstream"});
            let answer = app.put(&line).token(&world.caf_token).json(&body).send().await;
            set(&answer.problem(422, "validation-failed"))
        };
        let one = push(json!({"amount": "1", "currency": "EUR"})).await;
        assert_eq!(one, expected(&[("/granted/amount", "wrong-format")]));
        let two = push(json!({"amount": 1, "currency": "USD"})).await;
        assert_eq!(
            two,
            expected(&[("/granted/amount", "wrong-type"), ("/granted/currency", "not-allowed-value")])
        );
        assert_eq!(push(json!(1)).await, expected(&[("/granted", "wrong-type")]));
        assert_eq!(app.events("decision.recorded").await, 0);
    })
    .await;
}

/// Changes of an amendment that are wrong inside, with the faults below `/changes/1`.
fn broken_changes() -> Vec<(Value, Vec<(&'static str, &'static str)>)> {
    vec![
        (json!({"type": "extendPeriod", "endsOn": "soon"}), vec![("/endsOn", "wrong-format")]),
        (json!({"type": "extendPeriod"}), vec![("/endsOn", "required")]),
        (json!({"type": "extendPeriod", "endsOn": "2024-12-31", "x": 1}), vec![("/x", "unknown-field")]),
        (json!({"type": "retireChallenge", "number": "4"}), vec![("/number", "wrong-type")]),
        (json!({"type": "removeNeighbourhood", "code": 4}), vec![("/code", "wrong-type")]),
        (json!({"type": "addChallenge", "challenge": {"number": 6}}), vec![("/challenge/title", "required")]),
        (
            json!({"type": "reviseChallenge", "challenge": {"number": "4", "title": 5}}),
            vec![("/challenge/number", "wrong-type"), ("/challenge/title", "wrong-type")],
        ),
        (
            json!({"type": "addNeighbourhood", "neighbourhood": {"code": "No", "name": "", "kind": "suburb"}}),
            vec![
                ("/neighbourhood/code", "wrong-format"),
                ("/neighbourhood/name", "too-short"),
                ("/neighbourhood/kind", "not-allowed-value"),
            ],
        ),
        (
            json!({"type": "addCommitment", "commitment": {"code": 1, "coFunderId": 2, "challenge": "3", "text": 4}}),
            vec![
                ("/commitment/code", "wrong-type"),
                ("/commitment/coFunderId", "wrong-type"),
                ("/commitment/challenge", "wrong-type"),
                ("/commitment/text", "wrong-type"),
            ],
        ),
        (json!({"type": "renameContract", "title": "x"}), vec![("/type", "not-allowed-value")]),
        (json!({}), vec![("/type", "required")]),
        (json!("extendPeriod"), vec![("", "wrong-type")]),
    ]
}

#[actix_web::test]
async fn a_change_is_judged_as_the_variant_it_names() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = format!("/v1/contracts/{}/amendments", world.contract);
        let before = app.all_events().await;
        let mut wrong = Vec::new();
        for (change, below) in broken_changes() {
            let body = json!({
                "kind": "ordinary", "title": "Essai", "effectiveOn": "2023-01-01",
                "changes": [{"type": "extendPeriod", "endsOn": "2024-12-31"}, change]
            });
            let answer = app.post(&path).token(&world.administrator).json(&body).send().await;
            let found = set(&answer.problem(422, "validation-failed"));
            let wanted: BTreeSet<(String, String)> =
                below.iter().map(|(at, code)| (format!("/changes/1{at}"), (*code).to_owned())).collect();
            if found != wanted {
                wrong.push(format!("{change}\n  wanted {wanted:?}\n  found  {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(app.all_events().await, before);
    })
    .await;
}

#[actix_web::test]
async fn a_patch_tells_unknown_members_and_wrong_values_at_once() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let made = app.post("/v1/co-funders").token(&token).json(&json!({"name": "Caf", "kind": "caf"}));
        let path = made.send().await.expect(201).header("Location").unwrap().to_owned();
        let body = json!({"surprise": 1, "kind": "bank", "siret": "1"});
        let answer = app.patch(&path).token(&token).if_match("*").json(&body).send().await;
        assert_eq!(
            set(&answer.problem(422, "validation-failed")),
            expected(&[
                ("/surprise", "unknown-field"),
                ("/kind", "not-allowed-value"),
                ("/siret", "wrong-format")
            ])
        );
        assert_eq!(app.all_events().await, 1);
    })
    .await;
}

#[actix_web::test]
async fn at_most_200_faults_of_one_body_are_told() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        for (unknown, told) in [(199, 199), (200, 200), (2_000, 200)] {
            let mut body = json!({"name": "Caf", "kind": "caf"});
            for rank in 0..unknown {
                body[format!("x{rank}")] = json!(1);
            }
            let answer = app.post("/v1/co-funders").token(&token).json(&body).send().await;
            assert_eq!(faults(&answer.problem(422, "validation-failed")).len(), told);
        }
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}
