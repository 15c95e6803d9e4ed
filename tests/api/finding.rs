//! Finding organisations and applications: by words, by funding, in every order, by what each reader may read.

mod dates;
mod orders;
mod readers;
mod words;

use serde_json::{Value, json};

use crate::support::{TestApp, World, all_pages, eur, id};

const PATH: &str = "/v1/applications";

/// A draft of the world's application with these members changed.
async fn draft(app: &TestApp, world: &World, changes: &Value) -> String {
    let mut body = world.application_body();
    for (member, value) in changes.as_object().unwrap() {
        body[member] = value.clone();
    }
    id(&world.draft(app, &body).await)
}

/// The applications a query finds, by their titles.
async fn titles(app: &TestApp, query: &[(&str, &str)], token: &str) -> Vec<String> {
    let found = all_pages(app, &address(PATH, query), token).await;
    found.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

/// An address with a query, percent-encoded.
fn address(path: &str, query: &[(&str, &str)]) -> String {
    let escaped = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

async fn edit(app: &TestApp, address: &str, token: &str, change: &Value) {
    let etag = app.get(address).token(token).send().await.expect(200).etag().to_owned();
    app.patch(address).token(token).if_match(&etag).json(change).send().await.expect(200);
}

async fn submit(app: &TestApp, world: &World, application: &str) {
    let path = format!("{PATH}/{application}/submission");
    app.put(&path).token(&world.applicant).send().await.expect(200);
}

async fn judge(app: &TestApp, world: &World, application: &str) {
    let path = format!("{PATH}/{application}/admissibility");
    app.put(&path).token(&world.instructor).json(&json!({"admissible": true})).send().await.expect(200);
}

async fn send_back(app: &TestApp, world: &World, application: &str) {
    let reasons = json!({
        "reasons": [{"pointer": "/title", "comment": "vague"}], "correctBy": "2022-12-05T00:00:00Z"
    });
    let path = format!("{PATH}/{application}/returns");
    app.post(&path).token(&world.instructor).json(&reasons).send().await.expect(201);
}

/// What co-funders are asked, with the products that answer to it.
fn asking(co_funders: &[(&str, &str)]) -> Value {
    let requests: Vec<Value> = co_funders
        .iter()
        .map(|(one, amount)| json!({"coFunderId": one, "amount": eur(amount), "credits": "mainstream"}))
        .collect();
    json!(requests)
}
