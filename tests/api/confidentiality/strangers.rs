//! Clients that have nothing to do with an application: no read of it, or of a part of it, answers them.

use contrat_de_ville::auth::{Binding, Role};
use serde_json::json;

use crate::conditional::full_world::full_world;
use crate::contract::operations;
use crate::support::{TestApp, World, contract_body, id, on_each_database, siret};

/// An applicant, a co-funder, a council and an instructor of another contract.
async fn strangers(app: &TestApp, world: &World) -> [(&'static str, String); 4] {
    let (_, applicant) = world.another_organisation(app, "Ailleurs", &siret(7)).await;
    let (co_funder, co_funder_token) = world.another_co_funder(app, "Région").await;
    let mut body = contract_body(&[&co_funder]);
    body["reference"] = json!("CV-AILLEURS");
    let made = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
    let contract = id(&made.json());
    let council = app.token(Role::Council, Binding::Council(contract.parse().unwrap())).await;
    let instructor = app.token(Role::Instructor, Binding::Instruction(contract.parse().unwrap())).await;
    [
        ("applicant", applicant),
        ("co-funder", co_funder_token),
        ("council", council),
        ("instructor", instructor),
    ]
}

#[actix_web::test]
async fn strangers_read_no_part_of_an_application() {
    on_each_database(async |app| {
        let (world, names) = full_world(app).await;
        let parts = ["/v1/applications/{", "/v1/committee-sessions/{", "/v1/decision-batches/{"];
        let reads: Vec<String> = operations()
            .into_iter()
            .filter(|(path, method, _)| method == "GET" && parts.iter().any(|part| path.starts_with(part)))
            .map(|(path, _, _)| names.iter().fold(path, |path, (name, value)| path.replace(name, value)))
            .collect();
        assert!(reads.len() >= 20, "{reads:?}");
        for (stranger, token) in strangers(app, &world).await {
            let mut hidden = 0;
            for path in &reads {
                let answer = app.get(path).token(&token).send().await;
                match answer.status {
                    403 => drop(answer.problem(403, "insufficient-scope")),
                    _ => {
                        assert_eq!(answer.status, 404, "{stranger}: {path}: {}", answer.text);
                        hidden += 1;
                    }
                }
            }
            assert!(hidden >= 12, "{stranger} lacks the scopes to try: {hidden}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_part_is_found_under_its_own_application_only() {
    on_each_database(async |app| {
        let (world, names) = full_world(app).await;
        let other = world.admissible(app).await;
        let mut tried = 0;
        for (path, method, _) in operations() {
            let is_part = path.starts_with("/v1/applications/{") && path.matches('{').count() > 1;
            if method != "GET" || !is_part {
                continue;
            }
            let names = names.iter().map(|(name, value)| match *name {
                "{applicationId}" => (*name, &other),
                _ => (*name, value),
            });
            let path = names.fold(path, |path, (name, value)| path.replace(name, value));
            app.get(&path).token(&world.administrator).send().await.problem(404, "not-found");
            tried += 1;
        }
        assert!(tried >= 8, "{tried}");
    })
    .await;
}
