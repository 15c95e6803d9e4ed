//! Submission: every violation is told, in a draft as a warning, at submission as a refusal (rules S1 to S7).

mod audiences;
mod chance;
mod reception;
mod years;

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, World, eur, id, on_each_database, sorted_faults, told};

type Faults = Vec<(&'static str, &'static str)>;

fn path(application: &str) -> String {
    format!("/v1/applications/{application}")
}

async fn submit(app: &TestApp, world: &World, application: &str) -> Answer {
    app.put(&format!("{}/submission", path(application))).token(&world.applicant).send().await
}

/// The warnings of an application, as pairs in order.
fn warnings(application: &Value) -> Vec<(String, String)> {
    let text = |one: &Value, member: &str| one[member].as_str().unwrap().to_owned();
    let list = application["warnings"].as_array().unwrap();
    let mut list: Vec<_> = list.iter().map(|one| (text(one, "pointer"), text(one, "code"))).collect();
    list.sort();
    list
}

/// Saves `body` as a draft and tries to submit it: warnings and refusal tell exactly `expected`.
async fn check(app: &TestApp, world: &World, body: &Value, expected: &[(&str, &str)]) {
    let draft = world.draft(app, body).await;
    assert_eq!(warnings(&draft), told(expected), "{body}");
    let answer = submit(app, world, &id(&draft)).await;
    if expected.is_empty() {
        assert_eq!(answer.expect(200).json()["warnings"], json!([]));
        return;
    }
    assert_eq!(sorted_faults(&answer.problem(422, "validation-failed")), told(expected), "{body}");
    let after = app.get(&path(&id(&draft))).token(&world.applicant).send().await.expect(200).json();
    assert_eq!(after, draft);
}

/// Checks `body` with the value at each pointer replaced.
async fn check_with(app: &TestApp, world: &World, changes: &[(&str, Value)], expected: Faults) {
    let mut body = world.application_body();
    for (pointer, value) in changes {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        match body.pointer_mut(parent).unwrap() {
            Value::Array(list) if member == "-" => list.push(value.clone()),
            parent => match member.parse::<usize>() {
                Ok(place) => parent[place] = value.clone(),
                Err(_) => parent[member] = value.clone(),
            },
        }
    }
    check(app, world, &body, &expected).await;
}

#[actix_web::test]
async fn an_empty_draft_saves_and_says_all_it_lacks() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let body = json!({"callId": world.call, "organisationId": world.organisation});
        let required = [
            "/title",
            "/objectives",
            "/strand",
            "/challenges",
            "/neighbourhoods",
            "/startsOn",
            "/endsOn",
            "/budget/charges",
            "/requests",
        ];
        check(app, &world, &body, &required.map(|pointer| (pointer, "required"))).await;
        check_with(
            app,
            &world,
            &[("/title", json!("  ")), ("/objectives", json!("\n"))],
            vec![("/title", "required"), ("/objectives", "required")],
        )
        .await;
        assert_eq!(
            (app.events("application.created").await, app.events("application.submitted").await),
            (2, 0)
        );
    })
    .await;
}

#[actix_web::test]
async fn a_draft_saves_whatever_its_dates_are() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        (body["startsOn"], body["endsOn"]) = (json!("2023-06-01"), json!("2023-05-31"));
        check(app, &world, &body, &[("/endsOn", "period-order")]).await;
    })
    .await;
}

#[actix_web::test]
async fn a_budget_balances_in_every_way() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let amount = |cents: &str| eur(cents);
        let charge = "/budget/charges/0/amount";
        let in_kind = "/budget/charges/2/amount";
        let unbalanced = ("/budget", "unbalanced");
        check_with(app, &world, &[(charge, amount("12000.01"))], vec![unbalanced]).await;
        check_with(app, &world, &[(in_kind, amount("499.99"))], vec![unbalanced]).await;
        // What is short in money is not made up in kind.
        check_with(
            app,
            &world,
            &[(charge, amount("11500.00")), (in_kind, amount("1000.00"))],
            vec![unbalanced, unbalanced],
        )
        .await;
        let mismatch = "request-mismatch";
        check_with(
            app,
            &world,
            &[("/requests/1/amount", amount("4999.99"))],
            vec![("/requests/1/amount", mismatch)],
        )
        .await;
        let extra =
            json!({"coFunderId": world.landlord, "amount": eur("100.00"), "credits": "tfpbAbatement"});
        check_with(app, &world, &[("/requests/-", extra)], vec![("/requests/2/amount", mismatch)]).await;
        let product = json!({"account": "74", "amount": eur("0.00"), "coFunderId": world.landlord});
        check_with(
            app,
            &world,
            &[("/budget/products/-", product)],
            vec![("/budget/products/4/coFunderId", mismatch)],
        )
        .await;
        check_with(
            app,
            &world,
            &[("/budget/products/0/coFunderId", json!(world.caf))],
            vec![("/budget/products/0/coFunderId", mismatch)],
        )
        .await;
        let floor = |text: &str| ("/viabilityFloor", eur(text));
        check_with(app, &world, &[floor("10000.01")], vec![("/viabilityFloor", "too-large")]).await;
        check_with(app, &world, &[floor("10000.00")], vec![]).await;
        // Sub-accounts count, and a co-funder may be asked on two lines.
        let half =
            |account: &str| json!({"account": account, "amount": eur("2500.00"), "coFunderId": world.caf});
        check_with(
            app,
            &world,
            &[
                ("/budget/charges/0/account", json!("606")),
                ("/budget/products/2", half("7461")),
                ("/budget/products/-", half("74")),
            ],
            vec![],
        )
        .await;
        assert_eq!(app.events("application.submitted").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn what_an_application_names_belongs_to_the_call() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (stranger, _) = world.another_co_funder(app, "Région").await;
        let unknown = "unknown-reference";
        let cases: Vec<(Vec<(&str, Value)>, Faults)> = vec![
            (vec![("/strand", json!("sport"))], vec![("/strand", unknown)]),
            (vec![("/challenges", json!([5, 4]))], vec![("/challenges/1", unknown)]),
            (
                vec![("/operationalPriorities", json!(["life-9", "life-1"]))],
                vec![("/operationalPriorities/0", unknown)],
            ),
            (vec![("/neighbourhoods", json!(["nord", "sud"]))], vec![("/neighbourhoods/1", unknown)]),
            (
                vec![("/statements", json!([{"priority": "age", "statement": "x"}]))],
                vec![("/statements/0/priority", unknown)],
            ),
            (
                vec![
                    ("/requests/0/coFunderId", json!(stranger)),
                    ("/budget/products/2/coFunderId", json!(stranger)),
                ],
                vec![("/requests/0/coFunderId", unknown)],
            ),
            // A strand that is not there does not hide what no strand of the call has.
            (
                vec![
                    ("/strand", json!("sport")),
                    ("/challenges", json!([77])),
                    ("/operationalPriorities", json!(["z"])),
                ],
                vec![("/strand", unknown), ("/challenges/0", unknown), ("/operationalPriorities/0", unknown)],
            ),
        ];
        for (changes, expected) in cases {
            check_with(app, &world, &changes, expected).await;
        }
        assert_eq!(app.events("application.submitted").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn all_violations_of_one_application_are_told_at_once_and_in_french() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        body["title"] = json!("");
        body["startsOn"] = json!("2022-06-01");
        body["multiYear"] = json!(true);
        body["neighbourhoods"] = json!(["sud"]);
        body["challenges"] = json!([4]);
        body["budget"]["charges"][0]["amount"] = eur("12000.01");
        body["requests"][1]["amount"] = eur("1.00");
        body["viabilityFloor"] = eur("6000.00");
        check(
            app,
            &world,
            &body,
            &[
                ("/title", "required"),
                ("/budget", "unbalanced"),
                ("/requests/1/amount", "request-mismatch"),
                ("/viabilityFloor", "too-large"),
                ("/challenges/0", "unknown-reference"),
                ("/neighbourhoods/0", "unknown-reference"),
                ("/statements", "required"),
                ("/startsOn", "outside-period"),
                ("/multiYear", "not-applicable"),
            ],
        )
        .await;
        let application = id(&world.draft(app, &body).await);
        let submission =
            app.put(&format!("{}/submission", path(&application))).token(&world.applicant).french();
        let problem = submission.send().await.problem(422, "validation-failed");
        let detail = |pointer: &str| {
            let list = problem["errors"].as_array().unwrap();
            list.iter().find(|one| one["pointer"] == pointer).unwrap()["detail"].clone()
        };
        assert_eq!(detail("/title"), "intitulé de l’action : à renseigner");
        assert_eq!(detail("/budget"), "budget : 60–69 : 20000.01, 70–79 : 20000.00");
        assert_eq!(
            detail("/requests/1/amount"),
            "demandes aux cofinanceurs : vaut 1.00, mais les lignes 74 de ce cofinanceur totalisent 5000.00"
        );
        assert_eq!(
            detail("/statements"),
            "priorités transversales : il manque la réponse à « égalité » (gender-equality)"
        );
        assert_eq!(detail("/startsOn"), "début de l’action : hors de 2023");
    })
    .await;
}
