//! What a request may hold while it is received: the size of its body, the memory of all bodies, its encoding.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use actix_web::rt::time::sleep;
use contrat_de_ville::auth::{Binding, Role};
use contrat_de_ville::clients::{self, NewClient};
use contrat_de_ville::types::{ClientId, Instant};
use serde_json::json;

use crate::support::{OPEN, Request, TestApp, at_once, on_each_database};

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
        let small = |token: &str| app.post("/v1/decision-batches").token(token).json(&json!({"lines": []}));
        let begin = |token: &str| {
            // As much of the body as gives it half a minute to send the rest.
            Begun::send(
                app,
                &batch_head(token, &format!("Content-Length: {}", 4 * MEBIBYTE)),
                &vec![b' '; MEBIBYTE],
            )
        };
        let padded = format!("{}{{\"lines\": []}}", " ".repeat(3 * MEBIBYTE));
        let large = |token: &str| {
            app.post("/v1/decision-batches").token(token).body("application/json", padded.clone())
        };
        // 32 MiB in all, a quarter of them of one client: two of the largest batches.
        let mut held = hold_until_refused(&large(&caf), || (0..2).map(|_| begin(&caf)).collect()).await;
        let refused = large(&caf).send().await;
        refused.problem(503, "busy");
        assert_eq!(refused.header("Retry-After"), Some("2"));
        let french = large(&caf).french().send().await.problem(503, "busy");
        assert_eq!(french["title"], "Trop de données sont en cours de réception");
        large(&city).send().await.problem(422, "validation-failed");
        let mut others = Vec::new();
        for _ in 0..3 {
            others.push(app.token(Role::CoFunder, Binding::CoFunder(some_id())).await);
        }
        let begin_others = || others.iter().flat_map(|other| [begin(other), begin(other)]).collect();
        held.extend(hold_until_refused(&large(&city), begin_others).await);
        // Whatever others hold, small bodies are received, and forms of strangers are small.
        let strangers: Vec<Begun> =
            (0..50).map(|_| Begun::send(app, &form_head(8_192), b"grant_type=")).collect();
        for token in [&caf, &city] {
            small(token).send().await.problem(422, "validation-failed");
        }
        let form = app.post("/oauth/token").body("application/x-www-form-urlencoded", "grant_type=password");
        form.send().await.problem(400, "invalid-parameter");
        app.get("/v1/calls").send().await.expect(200);
        drop((held, strangers));
        for token in [&caf, &city] {
            wait_until(&large(token), 422).await;
        }
        // Bodies that do not announce their length are counted as they arrive.
        let chunk = format!("{:x}\r\n{}\r\n", 3 * MEBIBYTE, " ".repeat(3 * MEBIBYTE));
        let chunked = "Transfer-Encoding: chunked";
        let begin =
            || (0..2).map(|_| Begun::send(app, &batch_head(&caf, chunked), chunk.as_bytes())).collect();
        let _held = hold_until_refused(&large(&caf), begin).await;
        large(&city).send().await.problem(422, "validation-failed");
    })
    .await;
}

fn some_id<K>() -> contrat_de_ville::types::Id<K> {
    contrat_de_ville::types::Id::generate()
}

/// Repeats a request until it is answered so: what was held is given back in its own time.
async fn wait_until(request: &Request, status: u16) {
    for _ in 0..300 {
        if request.send().await.status == status {
            return;
        }
    }
    panic!("never {status}");
}

/// Begins requests until they hold so much that another one is refused. One that comes just before them makes them refused
/// instead; then they are begun again.
async fn hold_until_refused(request: &Request, begin: impl Fn() -> Vec<Begun>) -> Vec<Begun> {
    for _ in 0..50 {
        let held = begin();
        sleep(Duration::from_millis(50)).await;
        if request.send().await.status == 503 {
            return held;
        }
    }
    panic!("never refused");
}

/// A token that is asked for while a hundred strangers try secrets of that client, or of one that does not exist.
#[actix_web::test]
async fn wrong_secrets_keep_no_client_from_its_token() {
    on_each_database(async |app| {
        let new = NewClient {
            name: "Caf".to_owned(),
            role: Role::Administrator,
            scopes: None,
            binding: Binding::Staff,
        };
        let now = Instant::parse(OPEN).unwrap();
        let (client, secret) = app.db.write(move |tx| clients::create(tx, &new, now)).await.unwrap();
        let ask = |id: ClientId, secret: &str| {
            let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
            app.post("/oauth/token").body("application/x-www-form-urlencoded", form)
        };
        let unknown = ClientId::generate();
        let tries = (0..300).map(|index| match index % 10 {
            0 => ask(client.id, &secret),
            1..6 => ask(client.id, &secret.to_uppercase()),
            _ => ask(unknown, &secret),
        });
        let answers = at_once(tries).await;
        for (index, answer) in answers.iter().enumerate() {
            assert_eq!(answer.status, if index % 10 == 0 { 200 } else { 401 }, "{index}: {}", answer.text);
        }
    })
    .await;
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
