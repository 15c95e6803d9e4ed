//! The pieces of an application: up and down as streams, held to what they say they are.

mod life;
mod refusals;
mod samples;
mod storage;
mod sweeping;
mod visibility;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::support::{Answer, Request, TestApp, World, id, items, on_each_database};

/// The request with a small PDF.
pub fn pdf(request: &Request) -> Request {
    request.clone().body("application/pdf", samples::pdf(100))
}

/// The id of the first attachment of an application.
pub async fn first(app: &TestApp, world: &World, application: &str) -> String {
    let path = format!("/v1/applications/{application}/attachments");
    let list = app.get(&path).token(&world.applicant).send().await.expect(200).json();
    id(&items(&list)[0])
}

fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A draft, and the address of its attachments.
pub async fn draft(app: &TestApp, world: &World) -> String {
    let draft = world.draft(app, &world.application_body()).await;
    format!("/v1/applications/{}/attachments", id(&draft))
}

/// A small PDF of that kind, to be sent by the applicant.
pub fn piece(app: &TestApp, world: &World, path: &str, kind: &str) -> Request {
    pdf(&app.post(&format!("{path}?kind={kind}&fileName={kind}.pdf"))).token(&world.applicant)
}

/// The files that are stored.
pub fn stored(app: &TestApp) -> Vec<String> {
    let folder = std::fs::read_dir(app.folder().join("attachments")).unwrap();
    let names = folder.map(|one| one.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "unrecorded").collect()
}

fn location(answer: &Answer) -> String {
    answer.header("Location").unwrap().to_owned()
}

#[actix_web::test]
async fn a_file_comes_back_as_it_was_sent() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        for size in [10, 131_072, 262_144, 1_000_003] {
            let bytes = samples::pdf(size);
            // As macOS sends the letter: decomposed. It is stored composed.
            let post = app.post(&format!("{path}?kind=statutes&fileName=Statuts%20signe%CC%81s.pdf"));
            let made =
                post.token(&world.applicant).body("application/pdf", bytes.clone()).send().await.expect(201);
            let shown = made.json();
            let expected = json!({
                "id": shown["id"], "applicationId": shown["applicationId"], "kind": "statutes",
                "fileName": "Statuts signés.pdf", "mediaType": "application/pdf", "size": size,
                "sha256": hex(&bytes), "received": false, "createdAt": shown["createdAt"]
            });
            assert_eq!(shown, expected);
            let address = location(&made);
            let read = app.get(&address).token(&world.applicant).send().await.expect(200);
            assert_eq!((read.text.as_str(), read.etag()), (made.text.as_str(), made.etag()));
            let content =
                app.get(&format!("{address}/content")).token(&world.applicant).send().await.expect(200);
            assert_eq!(hex(&content.bytes), hex(&bytes));
            assert_eq!(content.etag(), format!("\"{}\"", hex(&bytes)));
            assert_eq!(content.header("Content-Type"), Some("application/pdf"));
            assert_eq!(content.header("Content-Length"), Some(size.to_string().as_str()));
            assert_eq!(content.header("X-Content-Type-Options"), Some("nosniff"));
            assert_eq!(
                content.header("Content-Disposition"),
                Some(
                    "attachment; filename=\"Statuts signes.pdf\"; filename*=UTF-8''Statuts%20sign%C3%A9s.pdf"
                )
            );
        }
        assert_eq!(app.events("attachment.added").await, 4);
        assert_eq!(stored(app).len(), 4);
        let list = app.get(&path).token(&world.applicant).send().await.expect(200).json();
        let sizes: Vec<Value> = items(&list).into_iter().map(|one| one["size"].clone()).collect();
        assert_eq!(sizes, [10, 131_072, 262_144, 1_000_003]);
    })
    .await;
}

#[actix_web::test]
async fn every_media_type_is_known_by_its_bytes() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        for (media_type, ending, bytes) in samples::of_each_type() {
            let post =
                app.post(&format!("{path}?kind=other&fileName=piece.{ending}")).token(&world.applicant);
            let made = post.body(media_type, bytes.clone()).send().await.expect(201);
            let content =
                app.get(&format!("{}/content", location(&made))).token(&world.applicant).send().await;
            assert_eq!(content.header("Content-Type"), Some(media_type));
            assert_eq!(content.expect(200).bytes, bytes);
        }
    })
    .await;
}

#[actix_web::test]
async fn what_the_client_has_already_is_not_sent_again() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let made = piece(app, &world, &path, "quote").send().await.expect(201);
        let content = app.get(&format!("{}/content", location(&made))).token(&world.applicant);
        let tag = content.send().await.expect(200).etag().to_owned();
        let known =
            content.clone().header("If-None-Match", &format!("\"x\", {tag}")).send().await.expect(304);
        assert_eq!((known.etag(), known.bytes.len()), (tag.as_str(), 0));
        content.clone().header("If-None-Match", "\"x\"").send().await.expect(200);
        let head = app.request("HEAD", &format!("{}/content", location(&made))).token(&world.applicant);
        let head = head.send().await.expect(200);
        assert_eq!((head.etag(), head.header("Content-Length")), (tag.as_str(), Some("100")));
        assert_eq!(head.bytes.len(), 0);
        content.header("Accept", "application/json").send().await.problem(406, "not-acceptable");
    })
    .await;
}
