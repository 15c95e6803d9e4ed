//! What the contract middleware refuses before a handler runs: each refusal by itself, beside a request that differs in
//! that one thing and is accepted.

mod content_types;
mod headers;
mod queries;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use contrat_de_ville::auth::{Binding, Principal, Role, Scopes};
use contrat_de_ville::types::ClientId;
use serde_json::{Value, json};

use crate::support::{Request, TestApp, faults, on_each_database};

const PATH: &str = "/v1/co-funders";
const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

fn caf() -> Value {
    json!({"name": "Caf", "kind": "caf"})
}

/// Every sentence of a problem document.
fn sentences(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    let all = [&problem["title"], &problem["detail"]].into_iter().chain(errors.map(|one| &one["detail"]));
    all.map(|sentence| sentence.as_str().unwrap().to_owned()).collect()
}

/// The problem in English; in French it says the same in other words.
async fn refused(request: &Request, status: u16, code: &str) -> Value {
    let english = request.send().await.problem(status, code);
    let french = request.clone().french().send().await.problem(status, code);
    assert_eq!(faults(&french), faults(&english));
    for (one, other) in sentences(&english).iter().zip(sentences(&french)) {
        assert_ne!(*one, other, "{english}");
    }
    english
}

/// The refusal of one parameter; the codes are those of its faults, in order.
async fn refused_parameter(request: &Request, name: &str, codes: &[&str]) {
    let problem = refused(request, 400, "invalid-parameter").await;
    let expected: Vec<(String, String)> =
        codes.iter().map(|code| (name.to_owned(), (*code).to_owned())).collect();
    assert_eq!(faults(&problem), expected, "{problem}");
}

/// The answer to bytes that no HTTP client would send: status, head and body.
fn send_bytes(app: &TestApp, request: &[u8]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

#[actix_web::test]
async fn unknown_path_returns_404_in_both_languages() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = |path: &str| app.post(path).token(&token).json(&caf());
        refused(&post("/v1/co-founders"), 404, "not-found").await;
        assert_eq!(app.all_events().await, 0);
        post(PATH).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn unknown_method_returns_405_with_allow_before_authentication() {
    on_each_database(async |app| {
        for (path, methods) in [
            (PATH.to_owned(), ["GET", "HEAD", "POST"].as_slice()),
            (format!("{PATH}/{UNKNOWN}"), &["GET", "HEAD", "PATCH"]),
            ("/oauth/token".to_owned(), &["POST"]),
        ] {
            for method in ["DELETE", "PUT", "TRACE"] {
                let request = app.request(method, &path);
                let allow = request.send().await.list("Allow");
                let named: BTreeSet<&str> = allow.split(", ").collect();
                assert_eq!(named, methods.iter().copied().collect(), "{method} {path}");
                for request in [request.clone(), request.french()] {
                    let problem = request.send().await.problem(405, "method-not-allowed");
                    assert!(problem["detail"].as_str().unwrap().contains(&allow), "{problem}");
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn authorization_that_is_no_bearer_token_returns_401() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let with = |request: Request, value: &str| request.header("Authorization", value);
        let headers = [
            token.clone(),
            format!("Basic {token}"),
            format!("Token {token}"),
            format!("Bearer{token}"),
            format!("Bearer: {token}"),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            String::new(),
        ];
        for value in &headers {
            // An operation that is open to anyone refuses credentials it cannot read, rather than ignore them.
            for request in [app.post(PATH).json(&caf()), app.get(PATH)] {
                let request = with(request, value);
                refused(&request, 401, "invalid-token").await;
                let challenge = request.send().await.list("WWW-Authenticate");
                assert!(challenge.starts_with("Bearer"), "{value}: {challenge}");
            }
        }
        refused(&app.post(PATH).json(&caf()), 401, "invalid-token").await;
        assert_eq!(app.all_events().await, 0);
        app.get(PATH).send().await.expect(200);
        for scheme in ["Bearer", "bearer", "BEARER "] {
            with(app.get(PATH), &format!("{scheme} {token}")).send().await.expect(200);
        }
        with(app.post(PATH).json(&caf()), &format!("bearer {token}")).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn missing_scope_returns_403_before_the_body_is_read() {
    on_each_database(async |app| {
        let with_scopes = async |scopes: &str| {
            let (client, scopes) = (ClientId::generate(), Scopes::parse(scopes).unwrap());
            let binding = Binding::Staff;
            app.token_of(&Principal { client, role: Role::Administrator, scopes, binding }).await
        };
        let other = with_scopes("calls:write applications:read applications:write").await;
        for body in [caf().to_string(), "{".to_owned()] {
            let post = app.post(PATH).token(&other).body("application/json", body);
            let problem = refused(&post, 403, "insufficient-scope").await;
            assert_eq!(problem["scope"], "contracts:write");
            assert!(problem["detail"].as_str().unwrap().contains("contracts:write"), "{problem}");
        }
        assert_eq!(app.all_events().await, 0);
        let right = with_scopes("contracts:write").await;
        app.post(PATH).token(&right).json(&caf()).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn accept_without_a_served_media_type_returns_406() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = app.post(PATH).token(&token).json(&caf());
        for accept in [
            "application/json;q=0",
            "application/json;q=0.000, */*;q=1",
            "application/json;Q=0",
            "application/*;q=0, text/html",
            "*/*;q=0",
            "*/json",
            "application/jsonp",
            "application/problem+json",
            "application/json;q=high",
            "",
        ] {
            for request in [post.clone(), app.get(PATH)] {
                refused(&request.header("Accept", accept), 406, "not-acceptable").await;
            }
        }
        assert_eq!(app.all_events().await, 0);
        for accept in
            ["application/json;q=0.001", "text/html;q=1, */*;q=0.1", "application/json ; q=0.5", "*/*"]
        {
            app.get(PATH).header("Accept", accept).send().await.expect(200);
        }
        let second = app.get(PATH).header("Accept", "text/html").header("Accept", "application/json");
        second.send().await.expect(200);
        post.header("Accept", "application/json").send().await.expect(201);
        // What answers without a body can be accepted by anyone.
        let applicant = app.token(Role::Applicant, Binding::Organisation(UNKNOWN.parse().unwrap())).await;
        let path = format!("/v1/applications/{UNKNOWN}/attachments/{UNKNOWN}");
        let delete =
            app.request("DELETE", &path).token(&applicant).if_match("*").header("Accept", "image/png");
        delete.send().await.problem(404, "not-found");
    })
    .await;
}
