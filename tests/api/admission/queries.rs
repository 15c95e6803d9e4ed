//! The query: only parameters that the operation names, once each, of their type and within their bounds.

use serde_json::json;

use super::{PATH, UNKNOWN, administrator, refused_parameter};
use crate::support::{World, faults, on_each_database, voted};

#[actix_web::test]
async fn a_parameter_the_operation_does_not_name_is_refused() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let draft = world.draft(app, &world.application_body()).await;
        let application = format!("/v1/applications/{}", draft["id"].as_str().unwrap());
        let before = app.all_events().await;
        for (name, query) in
            [("limit[]", "limit[]=5"), ("", "=5"), ("limit ", "limit%20=5"), ("LIMIT", "LIMIT=5")]
        {
            refused_parameter(&app.get(&format!("{PATH}?{query}")), name, &["unknown-parameter"]).await;
        }
        // Parameters of other operations are unknown to one that takes none.
        let submit =
            |query: &str| app.put(&format!("{application}/submission{query}")).token(&world.applicant);
        refused_parameter(&submit("?limit=5"), "limit", &["unknown-parameter"]).await;
        let patch = app.patch(&format!("{application}?atomic=true")).token(&world.applicant).if_match("*");
        refused_parameter(&patch.json(&json!({"title": "x"})), "atomic", &["unknown-parameter"]).await;
        let delete = app.request("DELETE", &format!("{application}/attachments/{UNKNOWN}?force=true"));
        refused_parameter(&delete.token(&world.applicant), "force", &["unknown-parameter"]).await;
        assert_eq!(app.all_events().await, before);
        submit("?").send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_repeated_parameter_is_refused_even_with_equal_values() {
    on_each_database(async |app| {
        for query in ["limit=5&limit=5", "limit=5&%6cimit=6", "limit=5&sort=createdAt&limit=7"] {
            refused_parameter(&app.get(&format!("{PATH}?{query}")), "limit", &["repeated-parameter"]).await;
        }
        let thrice = app.get(&format!("{PATH}?limit=5&limit=5&limit=0")).send().await;
        let codes: Vec<String> =
            faults(&thrice.problem(400, "invalid-parameter")).into_iter().map(|(_, code)| code).collect();
        assert!(codes.contains(&"repeated-parameter".to_owned()) && codes.contains(&"too-small".to_owned()));
        app.get(&format!("{PATH}?&limit=5&&sort=createdAt&")).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn an_integer_is_written_in_digits_alone() {
    on_each_database(async |app| {
        for value in [
            "%205",
            "5%20",
            "5+",
            "1e1",
            "0x5",
            "%EF%BC%95",
            "1_0",
            "--5",
            "true",
            "null",
            "9223372036854775808",
        ] {
            refused_parameter(&app.get(&format!("{PATH}?limit={value}")), "limit", &["wrong-type"]).await;
        }
        refused_parameter(&app.get(&format!("{PATH}?limit")), "limit", &["wrong-type"]).await;
        app.get(&format!("{PATH}?limit=%35")).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn an_integer_is_accepted_up_to_its_bounds() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let projects = "/v1/open-data/funded-projects";
        for (path, name, least, most) in [
            (PATH, "limit", 1, 200),
            (projects, "limit", 1, 200),
            (projects, "year", 2000, 2100),
            ("/v1/applications", "challenge", 1, 99),
        ] {
            let get = |value: i64| app.get(&format!("{path}?{name}={value}")).token(&token);
            refused_parameter(&get(least - 1), name, &["too-small"]).await;
            refused_parameter(&get(most + 1), name, &["too-large"]).await;
            refused_parameter(&get(i64::MAX), name, &["too-large"]).await;
            for value in [least, most] {
                get(value).send().await.expect(200);
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_boolean_is_true_or_false_and_nothing_else() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = json!({"applicationId": world.admissible(app).await, "decision": voted("100.00")});
        let send = |query: &str| {
            let post = app.post(&format!("/v1/decision-batches?{query}")).token(&world.caf_token);
            post.json(&json!({"lines": [line]}))
        };
        let before = app.all_events().await;
        for value in ["1", "0", "TRUE", "yes", "on", "null", "true%20", ""] {
            for name in ["atomic", "validateOnly"] {
                refused_parameter(&send(&format!("{name}={value}")), name, &["wrong-type"]).await;
            }
        }
        refused_parameter(&send("validateOnly"), "validateOnly", &["wrong-type"]).await;
        assert_eq!(app.all_events().await, before);
        send("validateOnly=true&atomic=false").send().await.expect(200);
        assert_eq!(app.all_events().await, before);
        send("validateOnly=false&atomic=true").send().await.expect(201);
    })
    .await;
}

/// A lenient decoder puts U+FFFD in the place of other bytes: in a file name, that would be stored.
#[actix_web::test]
async fn a_value_must_be_percent_encoded_utf8() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let organisations = |q: &str| app.get(&format!("/v1/organisations?q={q}")).token(&token);
        for value in ["%FF", "jardin%C3", "%E9t%E9", "%ED%A0%80", "100%", "%4", "%zz", "%C3%zz", "%u00e9"] {
            refused_parameter(&organisations(value), "q", &["wrong-format"]).await;
        }
        let world = World::new(app).await;
        let draft = world.draft(app, &world.application_body()).await;
        let attachments = format!("/v1/applications/{}/attachments", draft["id"].as_str().unwrap());
        let upload = |name: &str| {
            let post = app.post(&format!("{attachments}?kind=quote&fileName={name}")).token(&world.applicant);
            post.body("application/pdf", "%PDF-1.7\n%%EOF\n")
        };
        let before = app.all_events().await;
        refused_parameter(&upload("devis%C3.pdf"), "fileName", &["wrong-format"]).await;
        assert_eq!(app.all_events().await, before);
        let accepted = upload("devis%20%C3%A9t%C3%A9.pdf").send().await.expect(201).json();
        assert_eq!(accepted["fileName"], "devis été.pdf");
        for value in ["%C3%A9t%C3%A9", "100%25", "jardin+partag%c3%a9"] {
            organisations(value).send().await.expect(200);
        }
    })
    .await;
}
