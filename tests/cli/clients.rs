//! `client create`, `client list`, `client revoke`.

use contrat_de_ville::auth::Role;
use contrat_de_ville::demo::DemoClient;

use crate::client::Request;
use crate::program::{Server, program, run};

fn field(text: &str, name: &str) -> String {
    let line =
        text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
    line.trim_start_matches(name).trim().to_owned()
}

#[actix_web::test]
async fn a_client_is_made_listed_used_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let create = ["client", "create", "--name", "Préfecture", "--role", "administrator"];
    let made = String::from_utf8(run(folder.path(), &create).stdout).unwrap();
    let id = field(&made, "client id");
    let client = DemoClient {
        name: String::new(),
        role: Role::Administrator,
        client_id: id.parse().unwrap(),
        client_secret: field(&made, "client secret"),
        scopes: vec![],
        co_funder_id: None,
        organisation_id: None,
        contract_id: None,
    };
    let listed = String::from_utf8(run(folder.path(), &["client", "list"]).stdout).unwrap();
    assert!(listed.contains(&id) && listed.contains("active"), "{listed}");
    assert!(!listed.contains(&client.client_secret));
    let server = Server::start(&mut program(folder.path(), &["serve"]));
    let token = server.token(&client).await;
    let body = r#"{"name": "Ville", "kind": "city"}"#;
    let create =
        Request::new("POST", &server.base, "/v1/co-funders").token(&token).body("application/json", body);
    create.send().await.expect(201);
    assert!(run(folder.path(), &["client", "revoke", &id]).status.success());
    create.send().await.problem(401, "invalid-token");
    assert!(!run(folder.path(), &["client", "revoke", &id]).status.success(), "it is revoked already");
}

#[test]
fn a_client_acts_for_what_its_role_says() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (arguments, reason) in [
        (vec!["--role", "king"], "not one of the roles"),
        (vec!["--role", "co-funder"], "needs --co-funder-id"),
        (vec!["--role", "administrator", "--co-funder-id", unknown], "nothing else"),
        (vec!["--role", "co-funder", "--co-funder-id", "x"], "must be an id"),
        (vec!["--role", "co-funder", "--co-funder-id", unknown], "does not exist"),
        (vec!["--role", "council", "--contract-id", unknown], "does not exist"),
        (vec!["--role", "instructor", "--contract-id", unknown], "does not exist"),
        (vec!["--role", "instructor", "--co-funder-id", unknown], "nothing else"),
        (vec!["--role", "administrator", "--scopes", "root"], "root is not a scope"),
        (vec!["--role", "administrator", "--scopes", "decisions:write"], "more than its role"),
    ] {
        let output = run(folder.path(), &[vec!["client", "create", "--name", "x"], arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(reason), "{said}");
    }
    for name in ["", " ", "a\u{200b}b", "a\nb"] {
        let output = run(folder.path(), &["client", "create", "--role", "administrator", "--name", name]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("--name must be"), "{said}");
    }
    let listed = run(folder.path(), &["client", "list"]);
    assert!(listed.stdout.is_empty(), "nothing was made");
}
