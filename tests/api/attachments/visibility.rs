//! Who sees which attachments: those that name people are for those who instruct and fund.

use serde_json::Value;

use super::life::{requiring, send_back, submission};
use super::{draft, piece};
use crate::support::{TestApp, items, on_each_database};

/// The kinds that a reader is shown: in the list, and one by one, as metadata and as bytes.
async fn seen(app: &TestApp, path: &str, all: &[Value], token: &str) -> Vec<String> {
    let list = items(&app.get(path).token(token).send().await.expect(200).json());
    let kinds: Vec<String> = list.iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
    for one in all {
        let address = format!("{path}/{}", one["id"].as_str().unwrap());
        let shown = list.iter().any(|listed| listed["id"] == one["id"]);
        for address in [address.clone(), format!("{address}/content")] {
            let answer = app.get(&address).token(token).send().await;
            if shown { drop(answer.expect(200)) } else { drop(answer.problem(404, "not-found")) }
        }
    }
    kinds
}

/// The kinds on the receipt that a reader is shown.
async fn on_receipt(app: &TestApp, path: &str, token: &str) -> Vec<String> {
    let shown = app.get(path.trim_end_matches("/attachments")).token(token).send().await.expect(200).json();
    let list = shown["receipt"]["attachments"].as_array().unwrap().clone();
    list.iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn those_that_name_people_are_for_those_who_instruct_and_fund() {
    on_each_database(async |app| {
        let world = requiring(app).await;
        let path = draft(app, &world).await;
        for kind in ["statutes", "officers", "mandate"] {
            piece(app, &world, &path, kind).send().await.expect(201);
        }
        for token in [&world.caf_token, &world.council] {
            app.get(&path).token(token).send().await.problem(404, "not-found");
        }
        submission(app, &world, &path).send().await.expect(200);
        let all = items(&app.get(&path).token(&world.applicant).send().await.expect(200).json());
        let inside =
            [&world.applicant, &world.instructor, &world.administrator, &world.caf_token, &world.city_token];
        for token in inside {
            assert_eq!(seen(app, &path, &all, token).await, ["statutes", "officers", "mandate"]);
            assert_eq!(on_receipt(app, &path, token).await, ["statutes", "officers", "mandate"]);
        }
        // The landlord launched the call, and is not asked by this application.
        for token in [&world.landlord_token, &world.council] {
            assert_eq!(seen(app, &path, &all, token).await, ["statutes"]);
            assert_eq!(on_receipt(app, &path, token).await, ["statutes"]);
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_added_while_it_is_corrected_is_seen_once_it_is_received() {
    on_each_database(async |app| {
        let world = requiring(app).await;
        let path = draft(app, &world).await;
        for kind in ["statutes", "officers"] {
            piece(app, &world, &path, kind).send().await.expect(201);
        }
        submission(app, &world, &path).send().await.expect(200);
        send_back(app, &world, &path).await;
        piece(app, &world, &path, "quote").send().await.expect(201);
        let all = items(&app.get(&path).token(&world.applicant).send().await.expect(200).json());
        assert_eq!(seen(app, &path, &all, &world.instructor).await, ["statutes", "officers", "quote"]);
        assert_eq!(seen(app, &path, &all, &world.caf_token).await, ["statutes", "officers"]);
        assert_eq!(seen(app, &path, &all, &world.council).await, ["statutes"]);
        submission(app, &world, &path).send().await.expect(200);
        assert_eq!(seen(app, &path, &all, &world.council).await, ["statutes", "quote"]);
    })
    .await;
}
