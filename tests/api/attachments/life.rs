//! What attachments do to their application: required ones hold it back, received ones stay.

use serde_json::{Value, json};

use super::{draft, piece, stored};
use crate::support::{
    Request, TestApp, World, at_once, count, faults, items, on_each_database, sorted_faults, told,
};

/// A world whose call requires the statutes and the list of officers.
pub async fn requiring(app: &TestApp) -> World {
    let mut world = World::new(app).await;
    let mut body = world.call_body();
    body["requiredAttachments"] = json!(["statutes", "officers"]);
    world.call = world.published(app, &body).await;
    world
}

pub fn submission(app: &TestApp, world: &World, path: &str) -> Request {
    app.put(&path.replace("/attachments", "/submission")).token(&world.applicant)
}

pub async fn send_back(app: &TestApp, world: &World, path: &str) {
    let back = json!({"reasons": [{"pointer": "", "comment": "Il manque une pièce."}], "correctBy": "2022-12-05T22:59:59Z"});
    let request = app.post(&path.replace("/attachments", "/returns")).token(&world.instructor).json(&back);
    request.send().await.expect(201);
}

/// The warnings of an application: pointers and codes.
fn warnings(application: &Value) -> Vec<(String, String)> {
    faults(&json!({"errors": application["warnings"]}))
}

async fn application(app: &TestApp, world: &World, path: &str) -> Value {
    app.get(path.trim_end_matches("/attachments")).token(&world.applicant).send().await.expect(200).json()
}

#[actix_web::test]
async fn what_the_call_requires_is_told_until_it_is_there() {
    on_each_database(async |app| {
        let world = requiring(app).await;
        let call = app.get(&format!("/v1/calls/{}", world.call)).send().await.expect(200).json();
        assert_eq!(call["requiredAttachments"], json!(["statutes", "officers"]));
        let path = draft(app, &world).await;
        let missing = ("/attachments", "required");
        let shown = application(app, &world, &path).await;
        assert_eq!(warnings(&shown), told(&[missing, missing]));
        piece(app, &world, &path, "statutes").send().await.expect(201);
        let shown = application(app, &world, &path).await;
        assert_eq!(warnings(&shown), told(&[missing]));
        let checks = app.get(&path.replace("/attachments", "/checks")).token(&world.applicant);
        let checks = checks.send().await.expect(200).json();
        assert_eq!((&checks["done"], &checks["total"]), (&json!(7), &json!(8)));
        let part = &checks["parts"][7];
        assert_eq!((&part["part"], &part["done"]), (&json!("attachments"), &json!(false)));
        let detail = json!({
            "en": "attachments: the list of officers (officers) is missing",
            "fr": "pièces jointes : il manque : liste des personnes chargées de l’administration (officers)"
        });
        assert_eq!(
            part["missing"],
            json!([{"pointer": "/attachments", "code": "required", "detail": detail}])
        );
        let refused = submission(app, &world, &path).french().send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&refused), told(&[("/attachments", "required")]));
        assert_eq!(refused["errors"][0]["detail"], detail["fr"]);
        piece(app, &world, &path, "officers").send().await.expect(201);
        let submitted = submission(app, &world, &path).send().await.expect(200).json();
        assert_eq!(submitted["warnings"], json!([]));
        let list = items(&app.get(&path).token(&world.applicant).send().await.expect(200).json());
        let received: Vec<Value> = list
            .iter()
            .map(|one| json!({"id": one["id"], "kind": one["kind"], "sha256": one["sha256"]}))
            .collect();
        assert_eq!(submitted["receipt"]["attachments"], json!(received));
        assert!(list.iter().all(|one| one["received"] == true) && list.len() == 2, "{list:?}");
    })
    .await;
}

#[actix_web::test]
async fn the_required_kinds_are_checked_frozen_and_copied() {
    on_each_database(async |app| {
        let world = requiring(app).await;
        let address = format!("/v1/calls/{}", world.call);
        let read = app.get(&address).token(&world.administrator).send().await.expect(200);
        let patch = app.patch(&address).token(&world.administrator).if_match(read.etag());
        let less = patch.json(&json!({"requiredAttachments": ["statutes"]}));
        less.send().await.problem(409, "invalid-transition");
        let copy = json!({"copiedFrom": world.call, "year": 2024});
        let copy = app.post("/v1/calls").token(&world.administrator).json(&copy).send().await.expect(201);
        assert_eq!(copy.json()["requiredAttachments"], json!(["statutes", "officers"]));
        let address = copy.header("Location").unwrap().to_owned();
        let patch = |kinds: Value| {
            let patch = app.patch(&address).token(&world.administrator).if_match("*");
            patch.json(&json!({"requiredAttachments": kinds}))
        };
        for (kinds, fault) in [
            (json!(["statutes", "statutes"]), ("/requiredAttachments/1", "duplicate")),
            (json!(["rib"]), ("/requiredAttachments/0", "not-allowed-value")),
        ] {
            let problem = patch(kinds).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[fault]));
        }
        assert_eq!(patch(json!([])).send().await.expect(200).json()["requiredAttachments"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn what_was_received_stays_and_more_is_added_while_it_is_corrected() {
    on_each_database(async |app| {
        let world = requiring(app).await;
        let path = draft(app, &world).await;
        let first = piece(app, &world, &path, "statutes")
            .send()
            .await
            .expect(201)
            .header("Location")
            .unwrap()
            .to_owned();
        piece(app, &world, &path, "officers").send().await.expect(201);
        submission(app, &world, &path).send().await.expect(200);
        send_back(app, &world, &path).await;
        let tag = app.get(&first).token(&world.applicant).send().await.expect(200).etag().to_owned();
        let delete = app.request("DELETE", &first).token(&world.applicant).if_match(&tag);
        let problem = delete.send().await.problem(409, "invalid-transition");
        assert_eq!(
            problem["detail"],
            "it was received with the application, and stays; a later one can be added"
        );
        let later = piece(app, &world, &path, "quote").send().await.expect(201);
        let address = later.header("Location").unwrap();
        let delete = app.request("DELETE", address).token(&world.applicant).if_match(later.etag());
        assert_eq!(delete.send().await.expect(204).text, "");
        app.get(address).token(&world.applicant).send().await.problem(404, "not-found");
        app.get(&format!("{address}/content")).token(&world.applicant).send().await.problem(404, "not-found");
        assert_eq!(stored(app).len(), 2);
        let second = piece(app, &world, &path, "quote").send().await.expect(201).json();
        let receipt = submission(app, &world, &path).send().await.expect(200).json()["receipt"].clone();
        let kinds: Vec<&Value> =
            receipt["attachments"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
        assert_eq!(kinds, ["statutes", "officers", "quote"]);
        let history = app.get(&path.replace("/attachments", "/history")).token(&world.applicant);
        let told: Vec<Value> = items(&history.send().await.expect(200).json());
        let kinds: Vec<&Value> = told.iter().map(|one| &one["event"]).collect();
        let (added, removed) = ("attachment.added", "attachment.removed");
        assert_eq!(
            kinds,
            [
                "application.created",
                added,
                added,
                "application.submitted",
                "application.returned",
                added,
                removed,
                added,
                "application.submitted"
            ]
        );
        assert_eq!(told[7]["data"], second);
    })
    .await;
}

#[actix_web::test]
async fn a_removal_needs_the_tag_that_was_read() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let made = piece(app, &world, &path, "quote").send().await.expect(201);
        let address = made.header("Location").unwrap();
        let delete = app.request("DELETE", address).token(&world.applicant);
        delete.send().await.problem(428, "precondition-required");
        delete.clone().if_match("\"0\"").send().await.problem(412, "precondition-failed");
        assert_eq!(stored(app).len(), 1);
        let removals = at_once((0..6).map(|_| delete.clone().if_match(made.etag()))).await;
        assert_eq!((count(&removals, 204), count(&removals, 404)), (1, 5));
        assert_eq!((stored(app).len(), app.events("attachment.removed").await), (0, 1));
    })
    .await;
}

#[actix_web::test]
async fn a_required_piece_is_removed_or_received_never_both() {
    on_each_database(async |app| {
        let world = requiring(app).await;
        let (mut kept, mut removed) = (0, 0);
        for round in 0..12 {
            let path = draft(app, &world).await;
            piece(app, &world, &path, "officers").send().await.expect(201);
            let made = piece(app, &world, &path, "statutes").send().await.expect(201);
            let delete = app.request("DELETE", made.header("Location").unwrap()).token(&world.applicant);
            let delete = delete.if_match(made.etag());
            let submit = submission(app, &world, &path);
            let both = if round % 2 == 0 { [delete, submit] } else { [submit, delete] };
            let mut statuses: Vec<u16> = at_once(both).await.iter().map(|answer| answer.status).collect();
            if round % 2 == 0 {
                statuses.reverse();
            }
            let left = items(&app.get(&path).token(&world.applicant).send().await.expect(200).json()).len();
            match (statuses[0], left) {
                (200, 2) => {
                    // The tag it named is that of a piece that is not received yet.
                    assert!([409, 412].contains(&statuses[1]), "{statuses:?}");
                    kept += 1;
                }
                (422, 1) => {
                    assert_eq!(statuses[1], 204);
                    removed += 1;
                }
                other => panic!("{other:?} {statuses:?}"),
            }
        }
        assert_eq!(kept + removed, 12);
    })
    .await;
}
