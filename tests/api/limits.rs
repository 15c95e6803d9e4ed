//! What a request may hold while it is received: the size of its body, the memory of all bodies, its encoding.

use std::io::{Read, Write};
use std::net::TcpStream;

use contrat_de_ville::auth::{Binding, Role};
use serde_json::json;

use crate::support::{Request, TestApp, on_each_database};

const MEBIBYTE: usize = 1_048_576;

/// A connection on which a request was begun: its head, and as much of its body.
struct Begun(TcpStream);

impl Begun {
    fn send(app: &TestApp, head: &str, body: &[u8]) -> Self {
        let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
        write!(stream, "{head}\r\nHost: ledger.test\r\n\r\n").unwrap();
        // The service may have answered, and closed, before it was given all.
        let _closed = stream.write_all(body);
        Self(stream)
    }

    /// The head of the answer, and its body up to what the first read has of it.
    fn answer(&mut self) -> String {
        let mut bytes = vec![0; 16 * 1_024];
        let mut length = 0;
        while !bytes[..length].windows(4).any(|four| four == b"\r\n\r\n") {
            match self.0.read(&mut bytes[length..]).unwrap() {
                0 => break,
                count => length += count,
            }
        }
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }
}

fn form_head(length: usize) -> String {
    format!(
        "POST /oauth/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}"
    )
}

fn batch_head(token: &str, length: &str) -> String {
    format!(
        "POST /v1/decision-batches HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n{length}"
    )
}

#[actix_web::test]
async fn a_token_form_beyond_8_kib_is_refused_from_its_header() {
    on_each_database(async |app| {
        for length in [8 * 1_024 + 1, MEBIBYTE, 100 * MEBIBYTE] {
            let answer = Begun::send(app, &form_head(length), b"").answer();
            assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        }
        let form = |bytes: Vec<u8>| app.post("/oauth/token").body("application/x-www-form-urlencoded", bytes);
        let padded = |length: usize| format!("{:x<length$}", "grant_type=client_credentials&unused=");
        let refused = form(padded(8_193).into_bytes()).send().await;
        assert_eq!(refused.problem(413, "payload-too-large")["detail"], "the limit is 8 KiB");
        let french = form(padded(8_193).into_bytes()).french().send().await;
        assert_eq!(french.problem(413, "payload-too-large")["detail"], "la limite est de 8 Kio");
        form(padded(8_192).into_bytes()).send().await.problem(401, "invalid-token");
        // Without a length it is refused once it is too long.
        let chunked = "POST /oauth/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                       Transfer-Encoding: chunked";
        let answer =
            Begun::send(app, chunked, format!("2400\r\n{}\r\n", "x".repeat(0x2400)).as_bytes()).answer();
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    })
    .await;
}

#[actix_web::test]
async fn bodies_beyond_the_memory_are_told_to_come_back() {
    on_each_database(async |app| {
        let caf = app.token(Role::CoFunder, Binding::CoFunder(some_id())).await;
        let city = app.token(Role::CoFunder, Binding::CoFunder(some_id())).await;
        let state = app.token(Role::CoFunder, Binding::CoFunder(some_id())).await;
        let small = |token: &str| app.post("/v1/decision-batches").token(token).json(&json!({"lines": []}));
        let begin = |token: &str| {
            // As much of the body as gives it half a minute to send the rest.
            Begun::send(
                app,
                &batch_head(token, &format!("Content-Length: {}", 4 * MEBIBYTE)),
                &vec![b' '; MEBIBYTE],
            )
        };
        // 32 MiB in all, half of them of one client: four of the largest batches, or as many bytes without a length.
        let mut held: Vec<Begun> = (0..4).map(|_| begin(&caf)).collect();
        wait_until(&small(&caf), 503).await;
        let refused = small(&caf).send().await;
        assert_eq!(refused.header("Retry-After"), Some("2"));
        refused.problem(503, "busy");
        let french = small(&caf).french().send().await.problem(503, "busy");
        assert_eq!(french["title"], "Trop de données sont en cours de réception");
        small(&city).send().await.problem(422, "validation-failed");
        held.extend((0..4).map(|_| begin(&city)));
        wait_until(&small(&state), 503).await;
        // Reads have no body, and what is refused before its body costs nothing.
        app.get("/v1/calls").send().await.expect(200);
        app.post("/v1/decision-batches")
            .json(&json!({"lines": []}))
            .send()
            .await
            .problem(401, "invalid-token");
        drop(held);
        for token in [&caf, &city, &state] {
            wait_until(&small(token), 422).await;
        }
        // Bodies that do not announce their length are counted as they arrive.
        let chunk = format!("{:x}\r\n{}\r\n", 3 * MEBIBYTE, "x".repeat(3 * MEBIBYTE));
        let chunked = "Transfer-Encoding: chunked";
        let _held: Vec<Begun> =
            (0..6).map(|_| Begun::send(app, &batch_head(&caf, chunked), chunk.as_bytes())).collect();
        let padded = format!("{}{{\"lines\": []}}", " ".repeat(2 * MEBIBYTE));
        let two = |token: &str| {
            app.post("/v1/decision-batches").token(token).body("application/json", padded.clone())
        };
        wait_until(&two(&caf), 503).await;
        two(&city).send().await.problem(422, "validation-failed");
    })
    .await;
}

fn some_id<K>() -> contrat_de_ville::types::Id<K> {
    contrat_de_ville::types::Id::generate()
}

/// Repeats a request until it is answered so: the service takes up connections in an order of its own.
async fn wait_until(request: &Request, status: u16) {
    for _ in 0..2_000 {
        if request.send().await.status == status {
            return;
        }
    }
    panic!("never {status}");
}

#[actix_web::test]
async fn a_body_that_is_too_slow_is_refused() {
    on_each_database(async |app| {
        let answer = Begun::send(app, &form_head(100), b"grant_type=").answer();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("\"code\":\"request-timeout\""), "{answer}");
    })
    .await;
}

#[actix_web::test]
async fn an_encoded_body_is_refused_with_415() {
    on_each_database(async |app| {
        let token = app.token(Role::Administrator, Binding::Staff).await;
        let named =
            |name: &str| app.post("/v1/co-funders").token(&token).json(&json!({"name": name, "kind": "caf"}));
        let post = || named("Caf");
        for encoding in ["gzip", "br", "deflate", "zstd", "x-gzip", "identity, gzip", "made-up", "\"", "GZIP"]
        {
            let refused = post().header("Content-Encoding", encoding).send().await;
            let problem = refused.problem(415, "unsupported-media-type");
            assert_eq!(problem["detail"], "send the body without Content-Encoding", "{encoding}");
            assert_eq!(refused.header("Accept-Encoding"), Some("identity"), "{encoding}");
        }
        let french = post().header("Content-Encoding", "gzip").french().send().await;
        let french = french.problem(415, "unsupported-media-type");
        assert_eq!(french["detail"], "envoyez le corps sans Content-Encoding");
        let twice = post().header("Content-Encoding", "identity").header("Content-Encoding", "gzip");
        twice.send().await.problem(415, "unsupported-media-type");
        let form = app.post("/oauth/token").body("application/x-www-form-urlencoded", "grant_type=x");
        form.header("Content-Encoding", "gzip").send().await.problem(415, "unsupported-media-type");
        assert_eq!(app.all_events().await, 0);
        // Where no body is read, there is nothing to decode.
        app.get("/v1/calls").header("Content-Encoding", "gzip").send().await.expect(200);
        for encoding in ["identity", "IDENTITY ", "identity, identity", ""] {
            named(&format!("Caf {}", encoding.len()))
                .header("Content-Encoding", encoding)
                .send()
                .await
                .expect(201);
        }
    })
    .await;
}
