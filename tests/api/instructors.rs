//! Instructors work on their contract: what belongs to another one is as foreign to them as to anybody.

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{TestApp, World, contract_body, id, items, on_each_database};

/// A second contract with a published and a draft call, and its instructor's token.
struct Other {
    contract: String,
    published: String,
    draft: String,
    instructor: String,
}

async fn other(app: &TestApp, world: &World) -> Other {
    let mut body = contract_body(&[&world.caf]);
    body["reference"] = json!("CV-AUTRE");
    let made = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
    let contract = id(&made.json());
    let path = format!("/v1/contracts/{contract}/signatures");
    app.post(&path).token(&world.caf_token).json(&json!({"signedOn": "2015-07-02"})).send().await.expect(201);
    let instructor = app.token(Role::Instructor, Binding::Instruction(contract.parse().unwrap())).await;
    let mut body = world.call_body();
    body["contractId"] = json!(contract);
    body["launchedBy"] = json!([world.caf]);
    let published = world.published(app, &body).await;
    let draft = app.post("/v1/calls").token(&instructor).json(&body).send().await.expect(201);
    Other { contract, published, draft: id(&draft.json()), instructor }
}

async fn listed(app: &TestApp, path: &str, token: &str) -> Vec<String> {
    items(&app.get(path).token(token).send().await.expect(200).json()).iter().map(id).collect()
}

#[actix_web::test]
async fn applications_of_another_contract_are_foreign() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let other = other(app, &world).await;
        let own = world.submitted(app, &world.application_body()).await;
        let path = format!("/v1/applications/{own}");
        app.get(&path).token(&world.instructor).send().await.expect(200);
        assert_eq!(listed(app, "/v1/applications", &world.instructor).await, std::slice::from_ref(&own));
        assert_eq!(listed(app, "/v1/applications", &other.instructor).await, [""; 0]);
        for part in ["", "/checks", "/history", "/returns", "/decisions", "/evaluations"] {
            let read = app.get(&format!("{path}{part}")).token(&other.instructor);
            read.send().await.problem(404, "not-found");
        }
        let judge = |token: &str| {
            app.put(&format!("{path}/admissibility")).token(token).json(&json!({"admissible": true}))
        };
        let reason = json!({"pointer": "/title", "comment": "Précisez."});
        let back = json!({"correctBy": "2022-12-01T22:59:59Z", "reasons": [reason]});
        judge(&other.instructor).send().await.problem(404, "not-found");
        let back = app.post(&format!("{path}/returns")).token(&other.instructor).json(&back);
        back.send().await.problem(404, "not-found");
        judge(&world.instructor).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn calls_of_another_contract_are_read_when_published_and_never_written() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let other = other(app, &world).await;
        let (published, draft) =
            (format!("/v1/calls/{}", other.published), format!("/v1/calls/{}", other.draft));
        app.get(&draft).token(&other.instructor).send().await.expect(200);
        app.get(&draft).token(&world.instructor).send().await.problem(404, "not-found");
        let read = app.get(&published).token(&world.instructor).send().await.expect(200);
        let seen = listed(app, "/v1/calls", &world.instructor).await;
        assert!(
            seen.contains(&other.published) && seen.contains(&world.call) && !seen.contains(&other.draft)
        );
        assert!(listed(app, "/v1/calls", &other.instructor).await.contains(&other.draft));
        let foreign = |act: &str| app.put(&format!("{published}/{act}")).token(&world.instructor);
        for act in ["publication", "conclusion", "archival"] {
            foreign(act).send().await.problem(403, "not-your-institution");
        }
        let later = json!({"closesAt": "2022-12-18T22:59:59Z"});
        let change = |token: &str| app.patch(&published).token(token).if_match(read.etag()).json(&later);
        change(&world.instructor).send().await.problem(403, "not-your-institution");
        let mut body = world.call_body();
        body["contractId"] = json!(other.contract);
        let create = app.post("/v1/calls").token(&world.instructor).json(&body);
        create.send().await.problem(403, "not-your-institution");
        app.get(&format!("{published}/envelopes"))
            .token(&world.instructor)
            .send()
            .await
            .problem(404, "not-found");
        app.get(&format!("{published}/envelopes")).token(&other.instructor).send().await.expect(200);
        change(&other.instructor).send().await.expect(200);
        // Nor is an own draft moved into another contract.
        let own =
            app.post("/v1/calls").token(&world.instructor).json(&world.call_body()).send().await.expect(201);
        let own_path = own.header("Location").unwrap();
        let moved = json!({"contractId": other.contract});
        let moved =
            app.patch(own_path).token(&world.instructor).if_match(own.etag()).json(&moved).send().await;
        moved.problem(403, "not-your-institution");
    })
    .await;
}

#[actix_web::test]
async fn drafts_of_another_contract_are_not_shown() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = contract_body(&[&world.caf]);
        body["reference"] = json!("CV-PROJET");
        let made = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
        let address = made.header("Location").unwrap();
        app.get(address).token(&world.instructor).send().await.problem(404, "not-found");
        assert_eq!(
            listed(app, "/v1/contracts", &world.instructor).await,
            std::slice::from_ref(&world.contract)
        );
        let amendment = json!({
            "kind": "ordinary", "title": "Avenant", "effectiveOn": "2023-01-01",
            "changes": [{"type": "extendPeriod", "endsOn": "2023-12-31"}]
        });
        let path = format!("/v1/contracts/{}/amendments", world.contract);
        let drafted = app.post(&path).token(&world.administrator).json(&amendment).send().await.expect(201);
        let other = other(app, &world).await;
        let read = |token: &str| app.get(drafted.header("Location").unwrap()).token(token);
        read(&world.instructor).send().await.expect(200);
        read(&other.instructor).send().await.problem(404, "not-found");
        let seen = app.get(&path).token(&other.instructor).send().await.expect(200).json();
        assert_eq!(seen["items"], Value::Array(vec![]));
        let bound = app.tokens.read(&other.instructor).unwrap();
        assert_eq!(bound.binding, Binding::Instruction(other.contract.parse().unwrap()));
    })
    .await;
}

#[actix_web::test]
async fn organisations_that_only_apply_elsewhere_keep_their_people_and_are_not_changed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let other = other(app, &world).await;
        let path = format!("/v1/organisations/{}", world.organisation);
        let own = app.get(&path).token(&world.applicant).send().await;
        let people = json!({"contacts": [{"name": "Claude Essai"}]});
        let patch = app.patch(&path).token(&world.applicant).if_match(own.etag()).json(&people);
        patch.send().await.expect(200);
        let read = async |token: &str| app.get(&path).token(token).send().await.expect(200);
        assert!(read(&other.instructor).await.text.contains("Claude"), "it applies nowhere yet");
        world.draft(app, &world.application_body()).await;
        assert!(read(&world.instructor).await.text.contains("Claude"));
        let seen = read(&other.instructor).await;
        assert_eq!((seen.json()["contacts"].clone(), seen.text.contains("Claude")), (Value::Null, false));
        let rename = |token: &str, etag: &str| {
            app.patch(&path).token(token).if_match(etag).json(&json!({"name": "Autre"}))
        };
        let refused = rename(&other.instructor, seen.etag()).send().await;
        refused.problem(403, "not-your-institution");
        // Made again by its number, it is answered to each as each may see it.
        let again = app.post("/v1/organisations").token(&other.instructor);
        let again = again.json(&json!({"name": "x", "siret": "00000000100008"})).send().await.expect(200);
        assert!(!again.text.contains("Claude"), "{}", again.text);
        rename(&world.instructor, read(&world.instructor).await.etag()).send().await.expect(200);
    })
    .await;
}
