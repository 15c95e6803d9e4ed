//! Refusals and failures: every one is a problem document, in two languages, that tells nothing of the inside.

use contrat_de_ville::auth::{Binding, Role};
use contrat_de_ville::error::Code;
use diesel::prelude::*;
use futures_util::stream;
use serde_json::{Value, json};

use crate::support::{TestApp, faults, on_each_database};

const SOME_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const LIMIT: usize = 1_048_576;

fn caf() -> Value {
    json!({"name": "Caf", "kind": "caf"})
}

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

#[actix_web::test]
async fn a_problem_document_has_every_member_and_its_type_leads_to_documentation() {
    on_each_database(async |app| {
        let path = format!("/v1/co-funders/{SOME_ID}");
        let answer = app.get(&path).header("X-Request-Id", "essai-1").send().await;
        let problem = answer.problem(404, "not-found");
        assert_eq!(
            problem,
            json!({
                "type": "http://ledger.test/problems/not-found", "title": "There is nothing here", "status": 404,
                "detail": "No such resource, or none this client may see.", "instance": path, "code": "not-found",
                "requestId": "essai-1"
            })
        );
        assert_eq!(answer.header("Content-Language"), Some("en"));
        let documented = problem["type"].as_str().unwrap().strip_prefix("http://ledger.test").unwrap();
        let documented = app.get(documented).send().await.expect(200).json();
        assert_eq!(documented["code"], "not-found");
        let french = app.get(&path).french().send().await;
        assert_eq!(french.problem(404, "not-found")["title"], "Il n’y a rien ici");
        assert_eq!(french.header("Content-Language"), Some("fr"));
    })
    .await;
}

#[actix_web::test]
async fn the_reader_chooses_the_language_by_quality() {
    on_each_database(async |app| {
        for (wanted, language) in [
            ("fr-FR, en;q=0.5", "fr"),
            ("en, fr;q=0.9", "en"),
            ("de", "en"),
            ("fr; q=0.8, de", "fr"),
            ("fr;q=0", "en"),
        ] {
            let answer = app.get("/nothing").header("Accept-Language", wanted).send().await;
            assert_eq!(answer.header("Content-Language"), Some(language), "{wanted}");
        }
    })
    .await;
}

#[actix_web::test]
async fn every_code_is_documented_in_both_languages() {
    on_each_database(async |app| {
        for code in Code::ALL {
            let entry = code.entry();
            let path = format!("/problems/{}", entry.slug);
            let english = app.get(&path).send().await.expect(200).json();
            assert_eq!((&english["code"], &english["status"]), (&json!(entry.slug), &json!(entry.status)));
            assert_eq!(english["title"], entry.title_en);
            assert_eq!(english["description"], entry.about_en);
            let french = app.get(&path).french().send().await.expect(200).json();
            assert_eq!(
                (&french["title"], &french["description"]),
                (&json!(entry.title_fr), &json!(entry.about_fr))
            );
            assert_ne!(english["title"], french["title"], "{path}");
            assert_ne!(english["description"], french["description"], "{path}");
        }
        app.get("/problems/no-such-code").send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn a_body_that_is_not_json_is_refused_in_the_readers_language() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let before = app.all_events().await;
        let deep = "[".repeat(100_000);
        for body in
            ["", "{", r#"{"name": }"#, r#"{"name":"Caf","kind":"caf"} x"#, r#""\ud800""#, "NaN", &deep]
        {
            let post = app.post("/v1/co-funders").token(&token).body("application/json", body);
            let english = post.send().await.problem(400, "malformed-json");
            let french = post.french().send().await.problem(400, "malformed-json");
            assert_eq!(french["title"], "Le corps n’est pas du JSON");
            assert_ne!(french["detail"], english["detail"], "the detail is English in both languages");
        }
        let bytes = b"{\"name\":\"\xff\",\"kind\":\"caf\"}".to_vec();
        let post = app.post("/v1/co-funders").token(&token).body("application/json", bytes);
        post.send().await.problem(400, "malformed-json");
        assert_eq!(app.all_events().await, before);
    })
    .await;
}

#[actix_web::test]
async fn query_parameters_are_held_to_the_contract() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let single = format!("/v1/co-funders/{SOME_ID}?expand=all");
        for (path, name, code) in [
            ("/v1/co-funders?colour=blue", "colour", "unknown-parameter"),
            ("/v1/co-funders?Limit=5", "Limit", "unknown-parameter"),
            (single.as_str(), "expand", "unknown-parameter"),
            ("/v1/co-funders?limit=1&limit=2", "limit", "repeated-parameter"),
            ("/v1/co-funders?limit=0", "limit", "too-small"),
            ("/v1/co-funders?limit=-1", "limit", "too-small"),
            ("/v1/co-funders?limit=201", "limit", "too-large"),
            ("/v1/co-funders?limit=99999999999999999999", "limit", "wrong-type"),
            ("/v1/co-funders?limit=abc", "limit", "wrong-type"),
            ("/v1/co-funders?limit=1.5", "limit", "wrong-type"),
            ("/v1/co-funders?limit=", "limit", "wrong-type"),
            ("/v1/co-funders?sort=name", "sort", "not-allowed-value"),
            ("/v1/applications?status=lost", "status", "not-allowed-value"),
            ("/v1/applications?call=1234", "call", "wrong-format"),
            ("/v1/applications?strand=%00", "strand", "wrong-format"),
            ("/v1/open-data/funded-projects?year=1999", "year", "too-small"),
            ("/v1/open-data/funded-projects/summary", "groupBy", "required"),
            ("/v1/open-data/funded-projects/summary?groupBy=moon", "groupBy", "not-allowed-value"),
            ("/v1/contracts/01890a5d-ac96-774b-bcce-b302099a8057?asOf=2023-02-30", "asOf", "wrong-format"),
        ] {
            let problem = app.get(path).token(&token).send().await.problem(400, "invalid-parameter");
            let found = faults(&problem);
            assert!(found.contains(&(name.to_owned(), code.to_owned())), "{path}: {found:?}");
            assert!(found.iter().all(|(named, _)| named == name), "{path}: {found:?}");
        }
        let several = app.get("/v1/co-funders?limit=0&sort=name&x=1").send().await;
        let problem = several.problem(400, "invalid-parameter");
        let names: Vec<String> = faults(&problem).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["limit", "sort", "x"]);
        let post = app.post("/v1/co-funders?dryRun=true").token(&token).json(&caf()).send().await;
        post.problem(400, "invalid-parameter");
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}

#[actix_web::test]
async fn an_address_spelt_with_percent_signs_meets_the_same_rules() {
    on_each_database(async |app| {
        app.get("/v1/co%2Dfunders").send().await.expect(200);
        for path in ["/v1/co%2Dfunders?limit=0", "/v1/co%2Dfunders?limit=-5", "/v1/co%2Dfunders?colour=blue"]
        {
            app.get(path).send().await.problem(400, "invalid-parameter");
        }
        app.get("/v1/%63alls/abc").send().await.problem(400, "invalid-parameter");
        app.get("/v1/%6frganisations").send().await.problem(401, "invalid-token");
        for path in [
            "/v1//co-funders",
            "/v1/co-funders%2F",
            "/v1%2Fco-funders",
            "/v1/./co-funders",
            "/v1/co-funders;x",
        ] {
            app.get(path).send().await.problem(404, "not-found");
        }
        app.request("DELETE", "/v1/co%2Dfunders").send().await.problem(405, "method-not-allowed");
        app.get("/v1/co%2Dfunders").token("forged").send().await.problem(401, "invalid-token");
        let post = app.post("/v1/co%2Dfunders").token(&administrator(app).await).json(&caf());
        post.send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn an_unknown_path_is_not_found() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        for path in
            ["/nothing", "/v1", "/v1/", "/v1/co-funders/", "/v2/calls", "/v1/calls/x/y/z", "/oauth", "/%00"]
        {
            for method in ["GET", "POST", "DELETE"] {
                let anonymous = app.request(method, path).send().await.problem(404, "not-found");
                assert_eq!(anonymous["instance"], path);
                app.request(method, path).token(&token).send().await.problem(404, "not-found");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn what_cannot_be_accepted_is_not_acceptable() {
    on_each_database(async |app| {
        for wanted in ["text/html", "application/json;q=0", "text/csv", "application/xml, text/*", "nonsense"]
        {
            let answer = app.get("/v1/co-funders").header("Accept", wanted).send().await;
            answer.problem(406, "not-acceptable");
        }
        for wanted in ["*/*", "application/*", "text/html, application/json;q=0.1", "APPLICATION/JSON"] {
            app.get("/v1/co-funders").header("Accept", wanted).send().await.expect(200);
        }
        let projects = app.get("/v1/open-data/funded-projects");
        let csv = projects.clone().header("Accept", "text/csv").send().await.expect(200);
        assert_eq!(csv.header("Content-Type"), Some("text/csv; charset=utf-8"));
        projects.header("Accept", "image/png").send().await.problem(406, "not-acceptable");
    })
    .await;
}

#[actix_web::test]
async fn a_body_needs_the_media_type_of_the_contract() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = app.post("/v1/co-funders").token(&token);
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "json", ""]
        {
            let answer = post.clone().body(kind, caf().to_string()).send().await;
            answer.problem(415, "unsupported-media-type");
            assert_eq!(answer.header("Accept"), Some("application/json"));
        }
        let url = format!("{}/v1/co-funders", app.base);
        let untyped = awc::Client::new().post(url).bearer_auth(&token).no_decompress();
        let answer = untyped.send_stream(stream::iter([Ok::<_, std::io::Error>("{}".into())])).await.unwrap();
        assert_eq!(answer.status(), 415);
        let path = format!("/v1/co-funders/{SOME_ID}");
        let patch = app.patch(&path).token(&token).if_match("\"1\"").body("application/json", "{}");
        patch.send().await.problem(415, "unsupported-media-type");
        let form = app.post("/oauth/token").json(&json!({"grant_type": "client_credentials"}));
        form.send().await.problem(415, "unsupported-media-type");
        assert_eq!(app.all_events().await, 0);
        post.body("application/json; charset=utf-8", caf().to_string()).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn a_body_over_one_mebibyte_is_refused_however_it_is_sent() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let fits = |size: usize| format!("{}{}", caf(), " ".repeat(size - caf().to_string().len()));
        let post = app.post("/v1/co-funders").token(&token);
        let sized = post.clone().body("application/json", fits(LIMIT + 1)).send().await;
        let problem = sized.problem(413, "payload-too-large");
        assert_eq!(problem["detail"], "the limit is 1024 KiB");
        let url = format!("{}/v1/co-funders", app.base);
        let chunks = (0..=LIMIT / 65_536).map(|_| Ok::<_, std::io::Error>(" ".repeat(65_536).into()));
        let chunked = awc::Client::new().post(url).bearer_auth(&token).content_type("application/json");
        let mut answer = chunked.send_stream(stream::iter(chunks)).await.unwrap();
        assert_eq!(answer.status(), 413);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "payload-too-large");
        let form = app.post("/oauth/token").body("application/x-www-form-urlencoded", "a".repeat(LIMIT + 1));
        form.send().await.problem(413, "payload-too-large");
        assert_eq!(app.all_events().await, 0);
        post.body("application/json", fits(LIMIT)).send().await.expect(201);
    })
    .await;
}

async fn rename_table(app: &TestApp, from: &'static str, to: &'static str) {
    let rename = app.db.write(move |tx| {
        diesel::sql_query(format!("ALTER TABLE {from} RENAME TO {to}")).execute(tx)?;
        Ok(())
    });
    rename.await.unwrap();
}

#[actix_web::test]
async fn a_failure_of_ours_tells_nothing_of_the_inside_and_keeps_nothing() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        rename_table(app, "events", "mislaid").await;
        let post = app.post("/v1/co-funders").token(&token).key("one").json(&caf());
        let answer = post.send().await;
        let problem = answer.problem(500, "internal");
        let told: Vec<&String> = problem.as_object().unwrap().keys().collect();
        assert_eq!(told, ["code", "detail", "instance", "requestId", "status", "title", "type"]);
        assert_eq!(problem["detail"], Code::Internal.entry().about_en);
        assert_eq!(problem["requestId"], answer.header("X-Request-Id").unwrap());
        for word in ["events", "mislaid", "table", "relation", "SQL", "INSERT", "diesel"] {
            assert!(!answer.text.contains(word), "{word}: {}", answer.text);
        }
        assert_eq!(
            post.clone().french().send().await.problem(500, "internal")["title"],
            Code::Internal.entry().title_fr
        );
        let list = app.get("/v1/co-funders").send().await.expect(200).json();
        assert_eq!(list["items"], json!([]));
        rename_table(app, "mislaid", "events").await;
        post.send().await.expect(201);
        rename_table(app, "co_funders", "mislaid").await;
        app.get("/v1/co-funders").send().await.problem(500, "internal");
    })
    .await;
}
