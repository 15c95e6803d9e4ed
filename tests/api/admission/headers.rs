//! The headers that an operation names as parameters, held to their published schema.

use serde_json::json;

use super::{PATH, administrator, caf, refused, refused_parameter, send_bytes};
use crate::support::{Request, TestApp, World, faults, on_each_database, told, voted};

/// The longest list of entity tags that is accepted.
const LONGEST: usize = 1000;

/// A list of entity tags of that length, which ends with `tag`.
fn padded(tag: &str, length: usize) -> String {
    let padding = "x".repeat(length - tag.len() - 4);
    format!("\"{padding}\", {tag}")
}

/// A co-funder: its path and its entity tag.
async fn co_funder(app: &TestApp, token: &str) -> (String, String) {
    let made = app.post(PATH).token(token).json(&caf()).send().await.expect(201);
    (made.header("Location").unwrap().to_owned(), made.etag().to_owned())
}

#[actix_web::test]
async fn malformed_if_match_is_refused_and_changes_nothing() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let (path, tag) = co_funder(app, &token).await;
        let patch = |body: &str| app.patch(&path).token(&token).body("application/merge-patch+json", body);
        // Read leniently these would be no condition at all, or one that holds.
        for (value, code) in [
            (String::new(), "wrong-format"),
            ("\"é\"".to_owned(), "wrong-format"),
            (format!("\"é\", {tag}"), "wrong-format"),
            (format!("{tag},\t\"x\""), "wrong-format"),
            (padded(&tag, LONGEST + 1), "too-long"),
            (padded("*", LONGEST + 1), "too-long"),
        ] {
            for body in ["{\"name\": \"Autre\"}", "{"] {
                refused_parameter(&patch(body).if_match(&value), "If-Match", &[code]).await;
            }
        }
        let half = padded(&tag, LONGEST / 2 + 10);
        let twice = patch("{\"name\": \"Autre\"}").if_match(&half).if_match(&half);
        refused_parameter(&twice, "If-Match", &["too-long"]).await;
        assert_eq!(app.all_events().await, 1);
        let longest =
            patch("{\"name\": \"Autre\"}").if_match(&padded(&tag, LONGEST)).send().await.expect(200);
        let twice = patch("{\"name\": \"Encore\"}").if_match("\"x\"").if_match(longest.etag());
        twice.send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_condition_in_latin_1_is_refused_not_ignored() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let (path, _) = co_funder(app, &token).await;
        for (method, name) in [("GET", "If-None-Match"), ("PATCH", "If-Match")] {
            let head = format!(
                "{method} {path} HTTP/1.1\r\nHost: ledger.test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{name}: \""
            );
            let request = [head.as_bytes(), b"\xe9\"\r\n\r\n"].concat();
            let (status, _, body) = send_bytes(app, &request);
            let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!((status, &problem["code"]), (400, &json!("invalid-parameter")), "{problem}");
            assert_eq!(faults(&problem), told(&[(name, "wrong-format")]));
        }
    })
    .await;
}

#[actix_web::test]
async fn malformed_if_none_match_is_refused() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let (path, tag) = co_funder(app, &token).await;
        let read = |value: &str| app.get(&path).header("If-None-Match", value);
        for (value, code) in [
            (String::new(), "wrong-format"),
            (format!("\"é\", {tag}"), "wrong-format"),
            (padded(&tag, LONGEST + 1), "too-long"),
        ] {
            refused_parameter(&read(&value), "If-None-Match", &[code]).await;
        }
        read(&padded(&tag, LONGEST)).send().await.expect(304);
        read(&padded("\"x\"", LONGEST)).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn both_conditions_of_a_put_are_judged_at_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let put = || app.put(&line).token(&world.caf_token).json(&voted("100.00"));
        let before = app.all_events().await;
        let both = put().if_match("é").header("If-None-Match", &"*".repeat(LONGEST + 1));
        let problem = refused(&both, 400, "invalid-parameter").await;
        assert_eq!(faults(&problem), told(&[("If-Match", "wrong-format"), ("If-None-Match", "too-long")]));
        refused_parameter(&put().header("If-None-Match", ""), "If-None-Match", &["wrong-format"]).await;
        assert_eq!(app.all_events().await, before);
        put().header("If-None-Match", "*").send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn malformed_idempotency_key_is_refused_and_keeps_nothing() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = || app.post(PATH).token(&token).json(&caf());
        let with = |request: Request, key: &str| request.header("Idempotency-Key", key);
        for key in ["", "one", "\"\"", "\"é\"", "\"a\tb\"", "\"a\" ;p"] {
            refused_parameter(&with(post(), key), "Idempotency-Key", &["wrong-format"]).await;
        }
        // The longest key takes 514 characters, when each of its 255 is escaped.
        let escaped = |count: usize| format!("\"{}\"", "\\\"".repeat(count));
        refused_parameter(&with(post(), &escaped(256)), "Idempotency-Key", &["wrong-format"]).await;
        let long = with(post(), &escaped(257));
        refused_parameter(&long, "Idempotency-Key", &["too-long", "wrong-format"]).await;
        let twice = with(with(post(), "\"a\""), "\"a\"");
        refused_parameter(&twice, "Idempotency-Key", &["wrong-format"]).await;
        assert_eq!(app.all_events().await, 0);
        let first = with(post(), &escaped(255)).send().await.expect(201);
        assert_eq!(with(post(), &escaped(255)).send().await.expect(201).text, first.text);
    })
    .await;
}

#[actix_web::test]
async fn headers_the_operation_does_not_name_are_ignored() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let unnamed = |request: Request, names: &[&str]| {
            names.iter().fold(request, |request, name| request.header(name, "é").header(name, ""))
        };
        unnamed(app.get(PATH), &["If-Match", "Idempotency-Key", "X-Unknown"]).send().await.expect(200);
        let post = app.post(PATH).token(&token).json(&caf());
        unnamed(post, &["If-Match", "If-None-Match", "X-Unknown"]).send().await.expect(201);
    })
    .await;
}
