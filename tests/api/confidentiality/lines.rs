//! What is hidden in a line from some of those who see it.

use contrat_de_ville::auth::{Binding, Principal, Role, Scopes};
use contrat_de_ville::types::ClientId;
use serde_json::Value;

use super::answering;
use crate::support::{TestApp, World, items, on_each_database};

/// The line of the Caf, found in the list of lines and alone.
async fn line(app: &TestApp, world: &World, application: &str, token: &str) -> Value {
    let list = format!("/v1/applications/{application}/decisions");
    let listed = items(&app.get(&list).token(token).send().await.expect(200).json());
    let one = app.get(&world.caf_line(application)).token(token).send().await.expect(200).json();
    assert_eq!(listed, std::slice::from_ref(&one));
    one
}

#[actix_web::test]
async fn applicant_reads_no_reply_to_the_council() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&answering("voted"));
        push.send().await.expect(201);
        let reply = &answering("voted")["replyToCouncil"];
        for token in [&world.caf_token, &world.city_token, &world.council, &world.instructor] {
            assert_eq!(&line(app, &world, &application, token).await["replyToCouncil"], reply);
        }
        assert_eq!(line(app, &world, &application, &world.applicant).await["replyToCouncil"], Value::Null);
    })
    .await;
}

#[actix_web::test]
async fn past_of_a_line_is_hidden_whatever_the_scopes() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&answering("voted"));
        push.send().await.expect(201);
        let history = format!("{}/history", world.caf_line(&application));
        for (role, binding) in [
            (Role::Applicant, Binding::Organisation(world.organisation.parse().unwrap())),
            (Role::Council, Binding::Council(world.contract.parse().unwrap())),
        ] {
            let scopes = Scopes::parse("audit:read decisions:read decisions:write").unwrap();
            let reader = Principal { client: ClientId::generate(), role, scopes, binding };
            let token = app.token_of(&reader).await;
            app.get(&world.caf_line(&application)).token(&token).send().await.expect(200);
            app.get(&history).token(&token).send().await.problem(404, "not-found");
        }
    })
    .await;
}
