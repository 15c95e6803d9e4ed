//! The published document and the service say the same: a loop over every operation, and drift is a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use contrat_de_ville::app;
use contrat_de_ville::auth::{Binding, Principal, Role, Scope, Scopes};
use contrat_de_ville::error::{Code, FaultCode};
use contrat_de_ville::types::ClientId;
use serde_json::{Value, json};

use crate::support::{Request, TestApp, faults, on_each_database};

const SOME_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Every operation anyone may call without a token. A line here is a decision.
const OPEN_OPERATIONS: [&str; 28] = [
    "getAmendment",
    "getAmendmentSignature",
    "getCall",
    "getCoFunder",
    "getCommitment",
    "getCommitmentReport",
    "getContract",
    "getContractSignature",
    "getCouncil",
    "getFundedProject",
    "getKeys",
    "getLiveness",
    "getOpenapiJson",
    "getOpenapiYaml",
    "getProblem",
    "getReadiness",
    "getServerMetadata",
    "issueToken",
    "listAmendmentSignatures",
    "listAmendments",
    "listCalls",
    "listCoFunders",
    "listCommitmentReports",
    "listCommitments",
    "listContractSignatures",
    "listContracts",
    "listFundedProjects",
    "summariseFundedProjects",
];

/// Every operation of the document: its path, its method in capitals, what is said of it.
pub fn operations() -> Vec<(String, String, Value)> {
    let document = app::openapi().unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = |(path, item): (&String, &Value)| {
        let list = item.as_object().unwrap().iter();
        list.map(|(method, one)| (path.clone(), method.to_ascii_uppercase(), one.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(methods).collect()
}

/// The scopes of which an operation asks one; none when it is open.
fn scopes(operation: &Value) -> Vec<String> {
    let requirements = operation["security"].as_array().unwrap();
    if requirements.contains(&json!({})) {
        return Vec::new();
    }
    let named = requirements.iter().flat_map(|one| one["oauth2"].as_array().unwrap());
    named.map(|scope| scope.as_str().unwrap().to_owned()).collect()
}

/// The path with every parameter filled in.
fn filled(path: &str, with: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { with } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// A client of the staff that has every scope but these.
async fn token_without(app: &TestApp, missing: &[String]) -> String {
    let words: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let kept: Vec<&str> = words.into_iter().filter(|word| !missing.iter().any(|one| one == word)).collect();
    let principal = Principal {
        client: ClientId::generate(),
        role: Role::Administrator,
        scopes: Scopes::parse(&kept.join(" ")).unwrap(),
        binding: Binding::Staff,
    };
    app.token_of(&principal).await
}

fn asked(app: &TestApp, path: &str, method: &str) -> Request {
    app.request(method, &filled(path, SOME_ID))
}

#[test]
fn the_committed_document_is_the_one_generated_from_the_code() {
    let generated = app::json(&app::openapi().unwrap()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let committed = fs::read_to_string(path).unwrap();
    let same = generated == committed;
    assert!(same, "openapi/openapi.json is out of date: run `cargo run -- openapi > openapi/openapi.json`");
}

#[actix_web::test]
async fn the_served_documents_are_the_committed_one() {
    let document = app::openapi().unwrap();
    on_each_database(async |app| {
        let served = app.get("/openapi.json").send().await.expect(200);
        assert_eq!(served.header("Content-Type"), Some("application/json"));
        assert_eq!(served.text, app::json(&document).unwrap());
        let yaml = app.get("/openapi.yaml").send().await.expect(200);
        assert_eq!(yaml.header("Content-Type"), Some("application/yaml"));
        assert_eq!(yaml_serde::from_str::<Value>(&yaml.text).unwrap(), document);
    })
    .await;
}

#[actix_web::test]
async fn a_scoped_operation_needs_a_token_with_its_scope() {
    on_each_database(async |app| {
        let mut count = 0;
        for (path, method, operation) in operations() {
            let needed = scopes(&operation);
            if needed.is_empty() {
                continue;
            }
            count += 1;
            let answer = asked(app, &path, &method).send().await;
            answer.problem(401, "invalid-token");
            assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer"));
            let token = token_without(app, &needed).await;
            let answer = asked(app, &path, &method).token(&token).send().await;
            let problem = answer.problem(403, "insufficient-scope");
            assert_eq!(problem["scope"], needed.join(" | "), "{method} {path}");
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", needed.join(" "));
            assert_eq!(answer.header("WWW-Authenticate"), Some(challenge.as_str()), "{method} {path}");
        }
        assert!(count >= 20, "only {count} scoped operations");
        assert_eq!(app.all_events().await, 0);
    })
    .await;
}

#[actix_web::test]
async fn each_scope_alone_opens_its_operations() {
    on_each_database(async |app| {
        for (path, method, operation) in operations() {
            for scope in scopes(&operation) {
                let others: Vec<String> =
                    Scope::ALL.iter().map(ToString::to_string).filter(|one| *one != scope).collect();
                let token = token_without(app, &others).await;
                let answer = asked(app, &path, &method).token(&token).send().await;
                let refused = answer.status >= 400 && answer.json()["code"] == "insufficient-scope";
                assert!(answer.status != 401 && !refused, "{method} {path} {scope}: {}", answer.text);
                assert!(answer.status < 500, "{method} {path}: {}", answer.text);
            }
        }
    })
    .await;
}

#[test]
fn what_is_open_without_a_token_is_listed_here() {
    let open = operations().into_iter().filter(|(_, _, operation)| scopes(operation).is_empty());
    let open: BTreeSet<String> =
        open.map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(open, OPEN_OPERATIONS.map(str::to_owned).into_iter().collect());
}

#[actix_web::test]
async fn what_is_open_answers_without_a_token_and_refuses_a_bad_one() {
    on_each_database(async |app| {
        for (path, method, operation) in operations() {
            if !scopes(&operation).is_empty() || path == "/oauth/token" {
                continue;
            }
            let query = if path.ends_with("/summary") { "?groupBy=year" } else { "" };
            let request = asked(app, &format!("{path}{query}"), &method);
            let answer = request.send().await;
            let wanted = if path.contains('{') { 404 } else { 200 };
            assert_eq!(answer.status, wanted, "{method} {path}: {}", answer.text);
            let refused = request.token("forged").send().await;
            refused.problem(401, "invalid-token");
        }
    })
    .await;
}

#[test]
fn every_scope_is_used_and_every_scope_used_exists() {
    let known: BTreeSet<String> = Scope::ALL.iter().map(ToString::to_string).collect();
    let used: BTreeSet<String> =
        operations().iter().flat_map(|(_, _, operation)| scopes(operation)).collect();
    assert_eq!(used, known);
    let document = app::openapi().unwrap();
    let flow = &document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"];
    let declared: BTreeSet<String> = flow.as_object().unwrap().keys().cloned().collect();
    assert_eq!(declared, known);
    let given: BTreeSet<String> = Role::ALL
        .iter()
        .flat_map(|role| role.scopes().to_string().split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(given, known, "some scope is no role's");
}

/// The names of the header parameters, references resolved.
fn header_parameters(document: &Value, operation: &Value) -> Vec<String> {
    let list = operation["parameters"].as_array().unwrap().iter();
    let resolved = list.map(|one| match one["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => one,
    });
    let headers = resolved.filter(|parameter| parameter["in"] == "header");
    headers.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn posts_document_their_key_patches_their_condition_and_reads_theirs() {
    let document = app::openapi().unwrap();
    let mut counts = BTreeMap::new();
    for (path, method, operation) in operations() {
        let headers = header_parameters(&document, &operation);
        let wanted = match method.as_str() {
            "POST" if path.starts_with("/v1/") => "Idempotency-Key",
            "PATCH" | "DELETE" => "If-Match",
            "GET" => "If-None-Match",
            _ => continue,
        };
        assert!(headers.iter().any(|name| name == wanted), "{method} {path} does not document {wanted}");
        *counts.entry(method).or_insert(0) += 1;
    }
    assert!(counts["POST"] > 5 && counts["PATCH"] > 3 && counts["GET"] > 20, "{counts:?}");
}

#[test]
fn every_operation_is_named_told_and_filed() {
    let document = app::openapi().unwrap();
    let declared: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut seen = BTreeSet::new();
    let mut used = BTreeSet::new();
    for (path, method, operation) in operations() {
        let text = |name: &str| operation[name].as_str().unwrap_or_default().to_owned();
        let id = text("operationId");
        let camel = id.starts_with(|letter: char| letter.is_ascii_lowercase());
        assert!(camel && id.chars().all(|letter| letter.is_ascii_alphanumeric()), "{method} {path}: {id}");
        assert!(seen.insert(id.clone()), "{id} names two operations");
        assert!(!text("summary").is_empty() && !text("description").is_empty(), "{id}");
        let tags = operation["tags"].as_array().unwrap();
        assert_eq!(tags.len(), 1, "{id}");
        let tag = tags[0].as_str().unwrap().to_owned();
        assert!(declared.contains(tag.as_str()), "{id}: {tag}");
        used.insert(tag);
    }
    assert_eq!(used, declared.into_iter().map(str::to_owned).collect());
}

#[test]
fn every_code_is_shown_with_its_status() {
    let document = app::openapi().unwrap();
    let statuses: BTreeSet<String> = operations()
        .iter()
        .flat_map(|(_, _, operation)| {
            operation["responses"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        })
        .collect();
    // 405 is what a path answers to a method that is no operation, so no operation declares it.
    for code in Code::ALL.into_iter().filter(|code| *code != Code::MethodNotAllowed) {
        let entry = code.entry();
        assert!(statuses.contains(&entry.status.to_string()), "no operation declares {}", entry.status);
        let example = format!(
            "/components/responses/Refused{}/content/application~1problem+json/examples/{}/value",
            entry.status, entry.slug
        );
        let example = document.pointer(&example).unwrap_or_else(|| panic!("{} has no example", entry.slug));
        assert_eq!((&example["code"], &example["status"]), (&json!(entry.slug), &json!(entry.status)));
    }
}

#[actix_web::test]
async fn a_path_names_exactly_the_methods_it_knows() {
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, method, _) in operations() {
        let methods = known.entry(path).or_default();
        if method == "GET" {
            methods.insert("HEAD".to_owned());
        }
        methods.insert(method);
    }
    on_each_database(async |app| {
        let token = token_without(app, &[]).await;
        for (path, methods) in &known {
            for method in ["DELETE", "OPTIONS", "POST", "PUT", "PATCH", "GET", "HEAD"] {
                if methods.contains(method) {
                    continue;
                }
                let answer = asked(app, path, method).token(&token).send().await.expect(405);
                let allow = answer.list("Allow");
                let allow: BTreeSet<String> = allow.split(", ").map(str::to_owned).collect();
                assert_eq!(&allow, methods, "{method} {path}");
                if method != "HEAD" {
                    answer.problem(405, "method-not-allowed");
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_malformed_id_is_named() {
    on_each_database(async |app| {
        let token = token_without(app, &[]).await;
        for (path, method, operation) in operations() {
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let named: Vec<&str> = parameters
                .filter(|one| one["in"] == "path")
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            let media = operation["requestBody"]["content"].as_object().and_then(|kinds| kinds.keys().next());
            for (place, name) in
                named.iter().filter(|name| !name.to_ascii_lowercase().ends_with("code")).enumerate()
            {
                let good = named
                    .iter()
                    .take(place)
                    .fold(path.clone(), |path, name| path.replace(&format!("{{{name}}}"), SOME_ID));
                for bad in
                    ["abc", "01890a5dac96774bbcceb302099a8057", "%00", "01890a5d-ac96-774b-bcce-b302099a805g"]
                {
                    // What the query must have is looked at first.
                    let is_upload = method == "POST" && path.ends_with("/attachments");
                    let query = if is_upload { "?kind=quote&fileName=a.pdf" } else { "" };
                    let address = format!("{}{query}", filled(&good, bad));
                    let mut request = app.request(&method, &address).token(&token);
                    if let Some(media) = media {
                        request = request.body(media, "{}");
                    }
                    let problem = request.send().await.problem(400, "invalid-parameter");
                    assert_eq!(
                        faults(&problem),
                        [((*name).to_owned(), "wrong-format".to_owned())],
                        "{method} {path}"
                    );
                }
            }
        }
    })
    .await;
}

/// The text of every source file but the one that lists the codes.
fn sources(folder: &Path, skipped: &str) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&sources(&path, skipped));
        } else if !path.ends_with(skipped) {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}

/// Whether `kind::variant` is named as a whole.
fn names(source: &str, kind: &str, variant: &str) -> bool {
    let whole = format!("{kind}::{variant}");
    source.match_indices(&whole).any(|(place, found)| {
        let before = source[..place].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = source[place + found.len()..].starts_with(char::is_alphanumeric);
        !before && !after
    })
}

#[test]
fn no_code_is_unused() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let codes = sources(&source, "error/code.rs");
    let unused: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("{code:?}"))
        .filter(|code| !names(&codes, "Code", code))
        .collect();
    assert!(unused.is_empty(), "nothing answers {unused:?}");
    let faults = sources(&source, "error/fault.rs");
    let unused: Vec<String> = FaultCode::ALL
        .iter()
        .map(|code| format!("{code:?}"))
        .filter(|code| !names(&faults, "FaultCode", code))
        .collect();
    let within = fs::read_to_string(source.join("error/fault.rs")).unwrap();
    let constructors = within.split("impl Fault {").nth(1).unwrap();
    let unused: Vec<String> =
        unused.into_iter().filter(|code| !names(constructors, "FaultCode", code)).collect();
    assert!(unused.is_empty(), "nothing answers the faults {unused:?}");
}
