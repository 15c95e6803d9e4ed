//! `Content-Type`: of a body that announces its length, of one in chunks, of none.

use serde_json::Value;

use super::{PATH, administrator, caf, refused, send_bytes};
use crate::support::{TestApp, World, on_each_database};

/// A name, and what follows the other headers: the header that delimits a body (RFC 9112 §6), and the body.
type Framing = (&'static str, fn(&str) -> String);

const FRAMINGS: [Framing; 2] = [
    ("Content-Length", |body| format!("Content-Length: {}\r\n\r\n{body}", body.len())),
    ("chunks", |body| format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())),
];

/// The answer to a request whose headers and body are given as they are sent.
fn send(app: &TestApp, request_line: &str, token: &str, rest: &str) -> (u16, String, String) {
    let head = format!(
        "{request_line} HTTP/1.1\r\nHost: ledger.test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
    );
    send_bytes(app, format!("{head}{rest}").as_bytes())
}

fn post(app: &TestApp, token: &str, rest: &str) -> (u16, String, String) {
    send(app, &format!("POST {PATH}"), token, rest)
}

#[track_caller]
fn assert_code((status, head, body): &(u16, String, String), expected: u16, code: &str) {
    assert_eq!(*status, expected, "{head}\n{body}");
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["code"], code, "{problem}");
}

#[actix_web::test]
async fn a_body_without_or_with_another_content_type_returns_415() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        for (name, framed) in FRAMINGS {
            let body = framed(&caf().to_string());
            for kind in ["", "Content-Type: text/plain\r\n", "Content-Type: application/merge-patch+json\r\n"]
            {
                let answer = post(app, &token, &format!("{kind}{body}"));
                assert_code(&answer, 415, "unsupported-media-type");
                assert!(answer.1.to_ascii_lowercase().contains("\r\naccept: application/json\r\n"), "{name}");
            }
        }
        assert_eq!(app.all_events().await, 0);
        for ((_, framed), name) in FRAMINGS.into_iter().zip(["Caf", "Ville"]) {
            let body = framed(&format!("{{\"name\": \"{name}\", \"kind\": \"other\"}}"));
            let answer = post(app, &token, &format!("Content-Type: application/json\r\n{body}"));
            assert_eq!(answer.0, 201, "{}", answer.2);
        }
    })
    .await;
}

#[actix_web::test]
async fn an_unsupported_content_type_is_told_which_ones_are() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        for (path, kinds) in [
            (PATH.to_owned(), ["application/json"].as_slice()),
            ("/v1/decision-batches".to_owned(), &["application/json", "text/csv"]),
            ("/oauth/token".to_owned(), &["application/x-www-form-urlencoded"]),
        ] {
            let token =
                if path == "/v1/decision-batches" { &World::new(app).await.caf_token } else { &token };
            let request = app.post(&path).token(token).body("text/plain", "x");
            refused(&request, 415, "unsupported-media-type").await;
            for request in [request.clone(), request.french()] {
                let answer = request.send().await;
                let detail = answer.problem(415, "unsupported-media-type")["detail"].clone();
                for kind in kinds {
                    assert!(detail.as_str().unwrap().contains(kind), "{path}: {detail}");
                }
                assert_eq!(answer.list("Accept"), kinds.join(", "));
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn content_type_without_a_body_must_be_supported_too() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        for length in ["", "Content-Length: 0\r\n"] {
            for kind in ["text/plain", "application/merge-patch+json", "json"] {
                let answer = post(app, &token, &format!("Content-Type: {kind}\r\n{length}\r\n"));
                assert_code(&answer, 415, "unsupported-media-type");
            }
            // Without a body its media type may be missing: it is the body that is wrong.
            for kind in [
                "",
                "Content-Type: application/json\r\n",
                "Content-Type: APPLICATION/JSON; charset=utf-8\r\n",
            ] {
                assert_code(&post(app, &token, &format!("{kind}{length}\r\n")), 400, "malformed-json");
            }
        }
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}

#[actix_web::test]
async fn operations_without_a_body_ignore_content_type() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for kind in ["text/plain", "application/json", "nonsense"] {
            app.get(PATH).header("Content-Type", kind).send().await.expect(200);
            app.get(PATH).body(kind, "x").send().await.expect(200);
        }
        for (_, framed) in FRAMINGS {
            for kind in ["", "Content-Type: text/plain\r\n"] {
                let draft = world.draft(app, &world.application_body()).await;
                let path = format!("/v1/applications/{}/submission", draft["id"].as_str().unwrap());
                let rest = format!("{kind}{}", framed("x"));
                let answer = send(app, &format!("PUT {path}"), &world.applicant, &rest);
                assert_eq!(answer.0, 200, "{}", answer.2);
            }
        }
    })
    .await;
}
