//! What is refused leaves nothing: no row, no event, no file.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use awc::http::StatusCode;
use futures_util::stream;
use serde_json::json;

use super::life::{send_back, submission};
use super::{draft, pdf, piece, samples, stored};
use crate::support::{TestApp, World, id, on_each_database, sorted_faults, told};

const LARGEST: usize = 20 * 1_048_576;
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ODT: &str = "application/vnd.oasis.opendocument.text";

/// Nothing was kept since.
async fn assert_untouched(app: &TestApp, events: i64, files: usize) {
    assert_eq!((app.all_events().await, stored(app).len()), (events, files));
    assert_eq!(std::fs::read_dir(app.folder().join("arrivals")).unwrap().count(), 0);
}

#[actix_web::test]
async fn kinds_and_names_are_held_to_the_contract() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let before = app.all_events().await;
        for (query, fault) in [
            ("fileName=a.pdf", ("kind", "required")),
            ("kind=quote", ("fileName", "required")),
            ("kind=rib&fileName=a.pdf", ("kind", "not-allowed-value")),
            ("kind=quote&fileName=a.pdf&size=3", ("size", "unknown-parameter")),
            ("kind=quote&fileName=..%2Fa.pdf", ("fileName", "wrong-format")),
            ("kind=quote&fileName=a%5Cb.pdf", ("fileName", "wrong-format")),
            ("kind=quote&fileName=.pdf", ("fileName", "wrong-format")),
            ("kind=quote&fileName=a%0A.pdf", ("fileName", "forbidden-character")),
            ("kind=quote&fileName=a%E2%80%AEfdp.exe", ("fileName", "forbidden-character")),
            ("kind=quote&fileName=a%E2%80%8B.pdf", ("fileName", "forbidden-character")),
            ("kind=quote&fileName=a%C2%85.pdf", ("fileName", "forbidden-character")),
        ] {
            let refused = pdf(&app.post(&format!("{path}?{query}"))).token(&world.applicant).send().await;
            assert_eq!(sorted_faults(&refused.problem(400, "invalid-parameter")), told(&[fault]), "{query}");
        }
        let long = format!("{path}?kind=quote&fileName={}.pdf", "a".repeat(197));
        let refused = pdf(&app.post(&long)).token(&world.applicant).send().await;
        assert_eq!(
            sorted_faults(&refused.problem(400, "invalid-parameter")),
            told(&[("fileName", "too-long")])
        );
        for name in ["a.exe", "a.pdf.exe", "a.docx", "apdf"] {
            let post = pdf(&app.post(&format!("{path}?kind=quote&fileName={name}"))).token(&world.applicant);
            let problem = post.french().send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("fileName", "not-allowed-value")]));
            assert_eq!(problem["errors"][0]["detail"], "doit se terminer par .pdf, comme application/pdf");
        }
        assert_untouched(app, before, 0).await;
    })
    .await;
}

#[actix_web::test]
async fn a_file_that_is_not_what_it_says_is_refused() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let before = app.all_events().await;
        let executable = [b"MZ\x90\0".as_slice(), &[0; 500]].concat();
        // A directory that promises four gigabytes of one part, and parts that are not there.
        let mut greedy = samples::zip(&[("a", "b"), ("mimetype", "x")]);
        let place = greedy.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        greedy[place + 20..place + 28].fill(0xff);
        let truncated = samples::docx()[..200].to_vec();
        for (media_type, ending, bytes) in [
            ("application/pdf", "pdf", samples::zip(&[("a.txt", "b")])),
            ("application/pdf", "pdf", b"<html><script>alert(1)</script>".to_vec()),
            ("image/png", "png", samples::pdf(100)),
            (DOCX, "docx", executable),
            (DOCX, "docx", samples::xlsx()),
            (DOCX, "docx", samples::zip(&[("word/document.xml", "no content types")])),
            (DOCX, "docx", greedy),
            (DOCX, "docx", truncated),
            (DOCX, "docx", samples::compound()),
            (ODT, "odt", samples::open_document("application/epub+zip")),
            (ODT, "odt", samples::zip(&[("mimetype", ODT), ("other.xml", "no content")])),
            (ODT, "odt", [&samples::open_document(ODT)[..80], b"and whatever else".as_slice()].concat()),
        ] {
            let post = app.post(&format!("{path}?kind=quote&fileName=a.{ending}")).token(&world.applicant);
            let refused = post.body(media_type, bytes).send().await.problem(415, "unsupported-media-type");
            assert!(refused["detail"].as_str().unwrap().starts_with("the file is "), "{refused}");
        }
        let empty = app.post(&format!("{path}?kind=quote&fileName=a.pdf")).token(&world.applicant);
        let empty = empty.body("application/pdf", "").send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&empty), told(&[("", "too-short")]));
        let swapped = app.post(&format!("{path}?kind=quote&fileName=a.pdf")).token(&world.applicant);
        let swapped = swapped.body("application/pdf", samples::docx()).french().send().await;
        let said = format!("le fichier est {DOCX}, et non application/pdf");
        assert_eq!(swapped.problem(415, "unsupported-media-type")["detail"], said);
        for (media_type, ending) in [("application/msword", "doc"), ("application/vnd.ms-excel", "xls")] {
            let old = app.post(&format!("{path}?kind=quote&fileName=a.{ending}")).token(&world.applicant);
            let refused = old.body(media_type, samples::compound()).send().await;
            refused.problem(415, "unsupported-media-type");
        }
        let html = app.post(&format!("{path}?kind=quote&fileName=a.html")).token(&world.applicant);
        html.body("text/html", "<p>").send().await.problem(415, "unsupported-media-type");
        let untyped = app.post(&format!("{path}?kind=quote&fileName=a.pdf")).token(&world.applicant);
        untyped.send().await.problem(415, "unsupported-media-type");
        assert_untouched(app, before, 0).await;
    })
    .await;
}

#[actix_web::test]
async fn a_document_with_macros_is_refused_wherever_they_are() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let before = app.all_events().await;
        let send = |media_type: &str, ending: &str, bytes: Vec<u8>| {
            let post = app.post(&format!("{path}?kind=quote&fileName=a.{ending}"));
            post.token(&world.applicant).body(media_type, bytes)
        };
        // One part more than the end of the directory counts.
        let mut uncounted = samples::docx_with("word/vbaProject.bin");
        let end = uncounted.len() - 22;
        uncounted[end + 8] -= 1;
        uncounted[end + 10] -= 1;
        let mut refused = vec![(DOCX, "docx", uncounted)];
        for part in ["word/vbaProject.bin", "word/VBAPROJECT.BIN", "other\\vbaProject.bin"] {
            refused.push((DOCX, "docx", samples::docx_with(part)));
        }
        for part in ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "XL/MacroSheets/sheet1.xml"] {
            refused.push((XLSX, "xlsx", samples::xlsx_with(part)));
        }
        for part in ["Basic/Standard/Module1.xml", "basic/a", "Scripts/python/evil.py", "Object 1/Basic/a"] {
            refused.push((ODT, "odt", samples::odt_with(part)));
        }
        for (media_type, ending, bytes) in refused {
            let refused = send(media_type, ending, bytes).send().await.problem(415, "unsupported-media-type");
            assert_eq!(refused["detail"], format!("the file is not {media_type}"));
        }
        assert_untouched(app, before, 0).await;
        for (media_type, ending, bytes) in [
            (DOCX, "docx", samples::docx_with("word/media/basic.png")),
            (XLSX, "xlsx", samples::xlsx_with("xl/worksheets/sheet1.xml")),
            (ODT, "odt", samples::odt_with("Pictures/scripts.png")),
        ] {
            send(media_type, ending, bytes).send().await.expect(201);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_file_over_twenty_mebibytes_is_refused_however_it_is_sent() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = format!("{}?kind=quote&fileName=a.pdf", draft(app, &world).await);
        let before = app.all_events().await;
        let chunks = |size: usize| {
            let bytes = samples::pdf(size);
            let chunks: Vec<_> =
                bytes.chunks(65_536).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec().into())).collect();
            stream::iter(chunks)
        };
        let url = format!("{}{path}", app.base);
        let client = awc::Client::builder().timeout(Duration::from_secs(60)).finish();
        let post = || client.post(&url).bearer_auth(&world.applicant).content_type("application/pdf");
        let mut refused = post().send_stream(chunks(LARGEST + 1)).await.unwrap();
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(
            (&problem["code"], &problem["detail"]),
            (&json!("payload-too-large"), &json!("the limit is 20 MiB"))
        );
        // Refused by what is announced, before any of it is sent.
        let mut line = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (token, length) = (&world.applicant, LARGEST + 1);
        write!(
            line,
            "POST {path} HTTP/1.1\r\nHost: ledger.test\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/pdf\r\nContent-Length: {length}\r\n\r\n"
        )
        .unwrap();
        let mut status = [0; 12];
        line.read_exact(&mut status).unwrap();
        assert_eq!(status, *b"HTTP/1.1 413");
        assert_untouched(app, before, 0).await;
        assert_eq!(post().send_stream(chunks(LARGEST)).await.unwrap().status(), StatusCode::CREATED);
        assert_untouched(app, before + 1, 1).await;
    })
    .await;
}

#[actix_web::test]
async fn only_its_applicant_adds_and_removes_and_only_while_it_can_be_edited() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let made = piece(app, &world, &path, "quote").send().await.expect(201);
        let address = made.header("Location").unwrap();
        let (_, stranger) = world.another_organisation(app, "Autre", "00000000200006").await;
        let before = app.all_events().await;
        let post = |token: &str| pdf(&app.post(&format!("{path}?kind=quote&fileName=a.pdf"))).token(token);
        let delete = |token: &str| app.request("DELETE", address).token(token).if_match(made.etag());
        for request in [post(&stranger), delete(&stranger), app.get(&path).token(&stranger)] {
            request.send().await.problem(404, "not-found");
        }
        for request in [post(&world.instructor), delete(&world.instructor)] {
            request.send().await.problem(403, "not-your-institution");
        }
        post(&world.caf_token).send().await.problem(403, "insufficient-scope");
        assert_untouched(app, before, 1).await;
        let application = path.trim_end_matches("/attachments");
        app.put(&format!("{application}/submission")).token(&world.applicant).send().await.expect(200);
        let read = app.get(address).token(&world.applicant).send().await.expect(200);
        let problem = post(&world.applicant).french().send().await.problem(409, "invalid-transition");
        assert_eq!(problem["detail"], "un dossier déposé ne peut être doté ou privé de pièces");
        let delete = app.request("DELETE", address).token(&world.applicant);
        delete.if_match(read.etag()).send().await.problem(409, "invalid-transition");
        assert_untouched(app, before + 1, 1).await;
    })
    .await;
}

#[actix_web::test]
async fn fifty_at_once_are_enough() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        for _ in 0..49 {
            piece(app, &world, &path, "quote").send().await.expect(201);
        }
        let last = piece(app, &world, &path, "quote");
        let answers = crate::support::at_once([last.clone(), last.clone(), last]).await;
        assert_eq!(crate::support::count(&answers, 201), 1);
        let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
        let problem = refused.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/attachments", "too-many")]));
        assert_eq!(stored(app).len(), 50);
        let ids: Vec<String> =
            answers.iter().filter(|one| one.status == 201).map(|one| id(&one.json())).collect();
        assert_eq!(ids.len(), 1);
        // What was received stays, and leaves room for what is asked for when it is sent back.
        submission(app, &world, &path).send().await.expect(200);
        send_back(app, &world, &path).await;
        piece(app, &world, &path, "statutes").send().await.expect(201);
        let receipt = submission(app, &world, &path).send().await.expect(200).json()["receipt"].clone();
        assert_eq!(receipt["attachments"].as_array().unwrap().len(), 51);
    })
    .await;
}
