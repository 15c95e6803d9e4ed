//! The edge of every answer: request ids, caches, security headers, browsers of other origins, the docs page.

use contrat_de_ville::auth::{Binding, Role};
use serde_json::json;

use crate::support::{Answer, Request, TestApp, World, on_each_database};

const OURS: &str = "https://app.example";
const THEIRS: &str = "https://elsewhere.example";

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

/// An answer of each kind: read, list, made, refused by the gate, by a rule, by the router; a document, a page.
async fn one_of_each(app: &TestApp) -> Vec<(&'static str, Answer)> {
    let token = administrator(app).await;
    let body = json!({"name": "Caf", "kind": "caf"});
    let make = app.post("/v1/co-funders").token(&token).json(&body);
    let requests: [(&str, Request); 11] = [
        ("made", make.clone()),
        ("conflict", make),
        ("list", app.get("/v1/co-funders")),
        ("list with a token", app.get("/v1/contracts").token(&token)),
        ("unchanged", app.get("/v1/co-funders").header("If-None-Match", "*")),
        ("anonymous", app.get("/v1/organisations")),
        ("no such path", app.get("/nothing")),
        ("no such method", app.request("DELETE", "/v1/co-funders")),
        ("document", app.get("/openapi.json")),
        ("live", app.get("/health/live")),
        ("page", app.get("/docs/")),
    ];
    let mut answers = Vec::new();
    for (name, request) in requests {
        answers.push((name, request.send().await));
    }
    answers
}

#[actix_web::test]
async fn a_request_id_is_echoed_when_it_is_a_plain_word_and_replaced_when_it_is_not() {
    on_each_database(async |app| {
        for path in ["/v1/co-funders", "/nothing", "/docs/"] {
            let longest = "x".repeat(128);
            for id in ["a", "essai-1", "7f3e:1.2_3", &longest] {
                let answer = app.get(path).header("X-Request-Id", id).send().await;
                assert_eq!(answer.list("X-Request-Id"), id);
            }
            let long = "x".repeat(129);
            let mut given = vec![app.get(path).send().await.header("X-Request-Id").unwrap().to_owned()];
            for id in ["", "a b", "a,b", "\"a\"", "<script>", "a/b", "é", &long] {
                let answer = app.get(path).header("X-Request-Id", id).send().await;
                assert_ne!(answer.list("X-Request-Id"), id);
                given.push(answer.list("X-Request-Id"));
            }
            assert!(given.iter().all(|id| uuid::Uuid::try_parse(id).is_ok()), "{given:?}");
            given.sort_unstable();
            given.dedup();
            assert_eq!(given.len(), 9, "ids are given once");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_trace_is_carried_on() {
    on_each_database(async |app| {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        for path in ["/v1/co-funders", "/nothing", "/v1/organisations"] {
            let answer = app.get(path).header("traceparent", trace).send().await;
            assert_eq!(answer.header("traceparent"), Some(trace), "{path}");
            assert_eq!(app.get(path).send().await.header("traceparent"), None, "{path}");
        }
    })
    .await;
}

#[actix_web::test]
async fn every_answer_has_the_headers_of_every_answer() {
    on_each_database(async |app| {
        for (name, answer) in one_of_each(app).await {
            assert_eq!(answer.header("API-Version"), Some(env!("CARGO_PKG_VERSION")), "{name}");
            assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"), "{name}");
            assert_eq!(answer.header("Referrer-Policy"), Some("no-referrer"), "{name}");
            let policy = answer.header("Content-Security-Policy").unwrap();
            let source = if name == "page" { "default-src 'self';" } else { "default-src 'none';" };
            assert!(
                policy.starts_with(source) && policy.contains("frame-ancestors 'none'"),
                "{name}: {policy}"
            );
            assert!(answer.header("X-Request-Id").is_some(), "{name}");
            // Its public address is not HTTPS, so it must not pin browsers to it.
            assert_eq!(answer.header("Strict-Transport-Security"), None, "{name}");
        }
    })
    .await;
}

#[actix_web::test]
async fn caches_keep_what_is_public_and_nothing_else() {
    on_each_database(async |app| {
        let wanted = [
            ("made", "no-store"),
            ("conflict", "no-store"),
            ("list", "public, max-age=1"),
            ("list with a token", "private, no-cache"),
            ("unchanged", "public, max-age=1"),
            ("anonymous", "no-store"),
            ("no such path", "no-store"),
            ("no such method", "no-store"),
            ("document", "public, max-age=1"),
            ("live", "no-store"),
            ("page", "public, max-age=1"),
        ];
        for ((name, answer), (same, cache)) in one_of_each(app).await.into_iter().zip(wanted) {
            assert_eq!((name, answer.list("Cache-Control").as_str()), (same, cache));
            for varying in ["Accept", "Accept-Language", "Authorization", "Origin"] {
                let vary = answer.list("Vary");
                assert!(
                    vary.split(", ").any(|one| one.eq_ignore_ascii_case(varying)),
                    "{name} {varying}: {vary}"
                );
            }
        }
    })
    .await;
}

fn allowed(answer: &Answer) -> Option<&str> {
    answer.header("Access-Control-Allow-Origin")
}

#[actix_web::test]
async fn anyone_may_read_what_is_public_from_a_browser() {
    on_each_database(async |app| {
        let read = app.get("/v1/co-funders").header("Origin", THEIRS).send().await.expect(200);
        assert!(matches!(allowed(&read), Some(THEIRS | "*")));
        let exposed = read.list("Access-Control-Expose-Headers").to_ascii_lowercase();
        for name in ["etag", "link", "location", "retry-after", "x-request-id", "api-version"] {
            assert!(exposed.split(", ").any(|one| one == name), "{name}: {exposed}");
        }
        assert_eq!(read.header("Access-Control-Allow-Credentials"), None);
        // A refusal can be read too: the page must learn why.
        for path in ["/v1/co-funders?limit=0", "/v1/calls/01890a5d-ac96-774b-bcce-b302099a8057", "/nothing"] {
            let refused = app.get(path).header("Origin", THEIRS).send().await;
            assert!((400..500).contains(&refused.status));
            assert!(matches!(allowed(&refused), Some(THEIRS | "*")), "{path}");
        }
        assert_eq!(allowed(&app.get("/v1/co-funders").send().await), None);
    })
    .await;
}

#[actix_web::test]
async fn only_known_origins_may_send_a_token_or_change_anything() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let read = |origin: &str| app.get("/v1/organisations").token(&token).header("Origin", origin);
        assert_eq!(allowed(&read(THEIRS).send().await), None);
        assert_eq!(allowed(&read(OURS).send().await.expect(200)), Some(OURS));
        for near in ["https://app.example.org", "http://app.example", "https://app.example:444", "null"] {
            assert_eq!(allowed(&read(near).send().await), None, "{near}");
        }
        let write = |origin: &str| {
            let body = json!({"name": format!("Caf {origin}"), "kind": "caf"});
            app.post("/v1/co-funders").token(&token).header("Origin", origin).json(&body)
        };
        assert_eq!(allowed(&write(THEIRS).send().await), None);
        assert_eq!(allowed(&write(OURS).send().await.expect(201)), Some(OURS));
        let refused = write(OURS).send().await;
        refused.problem(409, "conflict");
        assert_eq!(allowed(&refused), Some(OURS), "a known origin may read why it was refused");
    })
    .await;
}

#[actix_web::test]
async fn preflights_grant_known_origins_and_public_reads_only() {
    on_each_database(async |app| {
        let ask = async |origin: &str, method: &str, headers: &str| {
            let request = app.request("OPTIONS", "/v1/co-funders").header("Origin", origin);
            let request = request.header("Access-Control-Request-Method", method);
            let request = match headers {
                "" => request,
                headers => request.header("Access-Control-Request-Headers", headers),
            };
            request.send().await
        };
        let all = "authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id, traceparent";
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let granted = ask(OURS, method, all).await.expect(200);
            assert_eq!(allowed(&granted), Some(OURS));
            assert!(granted.list("Access-Control-Allow-Methods").contains(method));
            let names = granted.list("Access-Control-Allow-Headers").to_ascii_lowercase();
            assert!(all.split(", ").all(|name| names.contains(name)), "{names}");
        }
        let public = ask(THEIRS, "GET", "if-none-match, accept-language").await.expect(200);
        assert!(matches!(allowed(&public), Some(THEIRS | "*")));
        for (method, headers) in
            [("GET", "authorization"), ("GET", "accept,Authorization"), ("POST", ""), ("PUT", ""), ("DELETE", "")]
        {
            assert_eq!(allowed(&ask(THEIRS, method, headers).await), None, "{method} {headers}");
        }
        assert_eq!(allowed(&ask(OURS, "GET", "x-surprise").await), None);
    })
    .await;
}

/// What `src` and `href` of a page name.
fn references(html: &str) -> Vec<&str> {
    let named = ["src=\"", "href=\""].into_iter().flat_map(|name| html.split(name).skip(1));
    named.map(|rest| rest.split('"').next().unwrap()).collect()
}

#[actix_web::test]
async fn the_docs_page_works_without_any_other_server() {
    on_each_database(async |app| {
        let redirect = app.get("/docs").send().await;
        assert!(matches!(redirect.status, 301 | 302 | 307 | 308));
        assert_eq!(redirect.header("Location"), Some("/docs/"));
        let page = app.get("/docs/").send().await.expect(200);
        assert!(page.header("Content-Type").unwrap().starts_with("text/html"));
        let script = app.get("/docs/swagger-initializer.js").send().await.expect(200);
        assert!(script.text.contains("/openapi.json"), "{}", script.text);
        for text in [&page.text, &script.text] {
            for outside in ["http://", "https://", "src=\"//", "href=\"//"] {
                assert!(!text.contains(outside), "{outside}: {text}");
            }
        }
        // The policy forbids inline scripts, so there must be none.
        assert!(
            page.text.split("<script").skip(1).all(|script| script
                .split('>')
                .next()
                .unwrap()
                .contains("src="))
        );
        let assets = references(&page.text);
        assert!(assets.len() >= 4, "{assets:?}");
        for asset in assets.iter().filter(|asset| !asset.ends_with(".png")) {
            app.get(&format!("/docs/{}", asset.trim_start_matches("./"))).send().await.expect(200);
        }
        app.get("/docs/no-such-file").send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn a_malformed_trace_is_not_returned() {
    on_each_database(async |app| {
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        for malformed in [
            String::new(),
            "<script>".to_owned(),
            format!("00-{trace}-{parent}"),
            format!("00-{trace}-{parent}-01-01"),
            format!("0-{trace}-{parent}-001"),
            format!("00-{}-{parent}-01", trace.to_uppercase()),
            format!("00-{}g-{parent}-01", &trace[1..]),
            format!("00-{trace}-{parent}-0\u{e9}"),
        ] {
            for path in ["/v1/co-funders", "/nothing"] {
                let answer = app.get(path).header("traceparent", &malformed).send().await;
                assert_eq!(answer.header("traceparent"), None, "{malformed}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn the_answer_to_a_change_is_stored_by_no_cache() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let token = &world.administrator;
        let envelope = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let draft = crate::attachments::draft(app, &world).await;
        let piece = crate::attachments::piece(app, &world, &draft, "quote").send().await.expect(201);
        let known = json!({"name": "Les Jardins (essai)", "siret": "00000000100008"});
        let co_funder = format!("/v1/co-funders/{}", world.caf);
        for (status, request) in [
            (200, app.put(&envelope).token(token).json(&crate::support::envelope("10000.00"))),
            (200, app.patch(&co_funder).token(token).if_match("*").json(&json!({"name": "Caf 41"}))),
            (200, app.post("/v1/organisations").token(&world.instructor).json(&known)),
            (
                204,
                app.request("DELETE", piece.header("Location").unwrap())
                    .token(&world.applicant)
                    .if_match("*"),
            ),
        ] {
            let answer = request.send().await.expect(status);
            assert_eq!(answer.list("Cache-Control"), "no-store", "{}", answer.text);
        }
    })
    .await;
}
