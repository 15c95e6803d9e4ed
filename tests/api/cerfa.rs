//! A whole application, every field of the form (Cerfa 12156) used, from a draft full of mistakes to admissible.

use serde_json::{Value, json};

use crate::attachments::piece;
use crate::support::{Answer, TestApp, World, id, on_each_database, sorted_faults, told};

const FORM: &str = include_str!("cerfa.json");

/// The form as it is sent in this world.
fn form(world: &World, former: &str) -> Value {
    let names = [
        ("call", &world.call),
        ("organisation", &world.organisation),
        ("caf", &world.caf),
        ("city", &world.city),
        ("former", &former.to_owned()),
    ];
    let filled =
        names.iter().fold(FORM.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id));
    serde_json::from_str(&filled).unwrap()
}

/// A client that works on one application.
struct Applicant<'a> {
    app: &'a TestApp,
    token: String,
    path: String,
}

impl Applicant<'_> {
    async fn read(&self) -> Answer {
        self.app.get(&self.path).token(&self.token).send().await.expect(200)
    }

    async fn warnings(&self) -> Vec<(String, String)> {
        let shown = self.read().await.json();
        sorted_faults(&json!({"errors": shown["warnings"]}))
    }

    async fn change(&self, change: &Value) {
        let etag = self.read().await.etag().to_owned();
        let patch = self.app.patch(&self.path).token(&self.token).if_match(&etag).json(change);
        patch.send().await.expect(200);
    }

    async fn submit(&self) -> Answer {
        self.app.put(&format!("{}/submission", self.path)).token(&self.token).send().await
    }
}

/// What is done wrong in the form, what is told of it, and the member that mends it. The twelfth is a missing piece.
fn mistakes() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    vec![
        ("/title", json!(""), "/title", "required"),
        ("/objectives", json!(" "), "/objectives", "required"),
        ("/strand", json!("sport"), "/strand", "unknown-reference"),
        ("/operationalPriorities/0", json!("life-7"), "/operationalPriorities/0", "unknown-reference"),
        ("/statements", json!([]), "/statements", "required"),
        ("/startsOn", json!("2022-12-31"), "/startsOn", "outside-period"),
        ("/budget/products/3/funder", Value::Null, "/budget/products/3/funder", "required"),
        (
            "/furtherYears/0/budget/charges/0/amount/amount",
            json!("18000.01"),
            "/furtherYears/0/budget",
            "unbalanced",
        ),
        ("/requests/1/amount/amount", json!("6000.01"), "/requests/1/amount", "request-mismatch"),
        ("/viabilityFloor/amount", json!("11000.02"), "/viabilityFloor", "too-large"),
        ("/endsOn", Value::Null, "/endsOn", "required"),
    ]
}

#[actix_web::test]
async fn a_whole_form_goes_from_twelve_warnings_to_admissible() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let former = former(app, &mut world).await;
        let mut call = world.call_body();
        call["requiredAttachments"] = json!(["statutes"]);
        world.call = world.published(app, &call).await;
        let good = form(&world, &former);
        let mut bad = good.clone();
        let mistakes = mistakes();
        for (pointer, wrong, _, _) in &mistakes {
            *bad.pointer_mut(pointer).unwrap() = wrong.clone();
        }
        let token = world.applicant.clone();
        let made = app.post("/v1/applications").token(&token).json(&bad).send().await.expect(201);
        let applicant = Applicant { app, token, path: made.header("Location").unwrap().to_owned() };
        let mut left: Vec<(&str, &str)> = mistakes.iter().map(|(_, _, at, code)| (*at, *code)).collect();
        left.push(("/attachments", "required"));
        assert_eq!(left.len(), 12);
        for (pointer, _, at, code) in &mistakes {
            assert_eq!(applicant.warnings().await, told(&left));
            let refused = applicant.submit().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&refused), told(&left));
            let member = pointer.split('/').nth(1).unwrap();
            applicant.change(&json!({member: good[member]})).await;
            left.retain(|one| one != &(*at, *code));
        }
        assert_eq!(applicant.warnings().await, told(&left));
        let statutes = piece(app, &world, &format!("{}/attachments", applicant.path), "statutes");
        let statutes = statutes.send().await.expect(201).json();
        assert_eq!(applicant.warnings().await, vec![]);
        let received = applicant.submit().await.expect(200).json();
        for (member, sent) in good.as_object().unwrap() {
            let shown = without_nulls(&received[member]);
            assert_eq!(&shown, sent, "{member}");
        }
        let listed = json!([{"id": statutes["id"], "kind": "statutes", "sha256": statutes["sha256"]}]);
        assert_eq!(received["receipt"]["attachments"], listed);
        returned_and_judged(app, &applicant, &world.instructor, &received).await;
    })
    .await;
}

/// It is sent back, corrected, received again under its number, and judged.
async fn returned_and_judged(app: &TestApp, applicant: &Applicant<'_>, instructor: &str, received: &Value) {
    let reason = json!({"pointer": "/indicators", "comment": "Précisez le nombre d’ateliers."});
    let back = json!({"correctBy": "2022-12-01T22:59:59Z", "reasons": [reason]});
    let returns = app.post(&format!("{}/returns", applicant.path)).token(instructor).json(&back);
    returns.send().await.expect(201);
    assert_eq!(applicant.read().await.json()["returned"]["reasons"], json!([reason]));
    app.set_clock("2022-11-25T10:00:00Z");
    let mut indicators = received["indicators"].clone();
    indicators[1]["planned"] = json!(34);
    applicant.change(&json!({"indicators": indicators})).await;
    let again = applicant.submit().await.expect(200).json();
    assert_eq!((&again["number"], &again["indicators"]), (&received["number"], &indicators));
    assert_ne!(again["receipt"]["digest"], received["receipt"]["digest"]);
    let judge = app.put(&format!("{}/admissibility", applicant.path)).token(instructor);
    let judged = judge.json(&json!({"admissible": true})).send().await.expect(200).json();
    assert_eq!(judged["status"], "admissible");
}

/// An application of the former year's call, submitted by the same organisation.
async fn former(app: &TestApp, world: &mut World) -> String {
    let call = world.call.clone();
    let mut body = world.call_body();
    body["year"] = json!(2022);
    world.call = world.published(app, &body).await;
    let former =
        id(&world.draft(app, &json!({"callId": world.call, "organisationId": world.organisation})).await);
    world.call = call;
    former
}

/// The value without the members that say nothing: what was left out is shown as null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Object(members) => {
            let told = members.iter().filter(|(_, member)| !member.is_null());
            Value::Object(told.map(|(name, member)| (name.clone(), without_nulls(member))).collect())
        }
        plain => plain.clone(),
    }
}

/// The members of the objects that the schema `name` and those below it describe, which `found` never has.
fn unused(document: &Value, schema: &Value, found: &[&Value], at: &str, missing: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return unused(document, &document["components"]["schemas"][name], found, at, missing);
    }
    for variant in
        ["oneOf", "allOf", "anyOf"].iter().flat_map(|kind| schema[*kind].as_array().into_iter().flatten())
    {
        unused(document, variant, found, at, missing);
    }
    if schema["items"].is_object() {
        let items: Vec<&Value> = found.iter().filter_map(|one| one.as_array()).flatten().collect();
        unused(document, &schema["items"], &items, at, missing);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let here = format!("{at}/{name}");
        let values: Vec<&Value> = found.iter().map(|one| &one[name]).filter(|one| !one.is_null()).collect();
        if values.is_empty() {
            missing.push(here);
        } else {
            unused(document, property, &values, &here, missing);
        }
    }
}

#[actix_web::test]
async fn the_form_uses_every_field_there_is() {
    let document = contrat_de_ville::app::openapi().unwrap();
    let form: Value = serde_json::from_str(FORM).unwrap();
    let schema = &document["components"]["schemas"]["ApplicationInput"];
    let mut missing = Vec::new();
    unused(&document, schema, &[&form], "", &mut missing);
    assert_eq!(missing, Vec::<String>::new());
    // The walk does see what is not there.
    unused(&document, schema, &[&json!({"budget": {"charges": []}})], "", &mut missing);
    assert!(missing.contains(&"/budget/products".to_owned()) && missing.contains(&"/title".to_owned()));
}
