//! The demonstration, as a newcomer meets it.

use std::fs;

use contrat_de_ville::auth::Role;
use contrat_de_ville::demo::DemoClient;
use serde_json::{Value, json};

use crate::program::{Server, program};

fn total(summary: &Value) -> (u64, &str) {
    (summary["total"]["projects"].as_u64().unwrap(), summary["total"]["amount"]["amount"].as_str().unwrap())
}

#[actix_web::test]
async fn the_demonstration_is_blois_in_2023() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&mut program(folder.path(), &["demo"]));
    assert!(server.printed.iter().any(|line| line.contains("applications: 70 of 70")), "progress is shown");
    assert_eq!(server.printed.iter().filter(|line| line.contains("curl ")).count(), 3);
    let summary = |by: &str| server.get(&format!("/v1/open-data/funded-projects/summary?groupBy={by}"));
    let years = summary("year").send().await.expect(200).json();
    assert_eq!(years["items"].as_array().unwrap().len(), 1);
    assert_eq!(years["items"][0]["key"], "2023");
    assert_eq!(total(&years), (66, "1200000.00"));
    let strands = summary("strand").send().await.expect(200).json();
    assert_eq!(strands["items"].as_array().unwrap().len(), 3);
    assert_eq!(total(&strands), (66, "1200000.00"));
    let cents =
        |group: &Value| group["amount"]["amount"].as_str().unwrap().replace('.', "").parse::<u64>().unwrap();
    assert_eq!(strands["items"].as_array().unwrap().iter().map(cents).sum::<u64>(), 120_000_000);
    let table =
        server.get("/v1/open-data/funded-projects").header("Accept", "text/csv").send().await.expect(200);
    let mut reader = csv::Reader::from_reader(table.text.as_bytes());
    let amount = reader.headers().unwrap().iter().position(|name| name == "amount").unwrap();
    let amounts: Vec<u64> =
        reader.records().map(|row| row.unwrap()[amount].replace('.', "").parse().unwrap()).collect();
    assert_eq!((amounts.len(), amounts.iter().sum::<u64>()), (66, 120_000_000));
    check_contract(&server).await;
}

/// The table a committee reads: it adds up to what is published, and a spreadsheet takes it for what it is.
#[actix_web::test]
async fn the_programme_of_2023_adds_up_to_what_was_voted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&mut program(folder.path(), &["demo"]));
    let clients = fs::read_to_string(folder.path().join("demo-clients.json")).unwrap();
    let clients: Vec<DemoClient> = serde_json::from_str(&clients).unwrap();
    let token = server.token(clients.iter().find(|one| one.role == Role::CoFunder).unwrap()).await;
    let call = server.get("/v1/calls?year=2023").send().await.expect(200).json()["items"][0]["id"].clone();
    let path = format!("/v1/calls/{}/programme", call.as_str().unwrap());
    let programme = server.get(&path).token(&token).send().await.expect(200).json();
    assert_eq!(programme["totals"]["voted"]["amount"], "1200000.00");
    let cents = |amount: &str| amount.replace('.', "").parse::<u64>().unwrap();
    let voted = |list: &str| -> u64 {
        let items = programme[list].as_array().unwrap().iter();
        items.map(|one| cents(one.get("funding").unwrap_or(one)["voted"]["amount"].as_str().unwrap())).sum()
    };
    for list in ["rows", "coFunders", "byCredits", "byStrand"] {
        assert_eq!(voted(list), 120_000_000, "{list}");
    }
    let table = server.get(&format!("{path}?format=csv")).token(&token).send().await.expect(200);
    let text =
        table.text.strip_prefix('\u{feff}').expect("a byte-order mark, by which spreadsheets know UTF-8");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let column = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    assert!(column("Caisse d’allocations familiales (Caf) : demandé") > column("Avis du conseil citoyen"));
    let (number, amount) = (column("Numéro"), column("Voté"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of_applications = rows.iter().filter(|row| row[number].starts_with("2023-"));
    assert_eq!(of_applications.map(|row| cents(&row[amount])).sum::<u64>(), 120_000_000);
    let total = rows.iter().find(|row| &row[number] == "Total").unwrap();
    assert_eq!(&total[amount], "1200000.00");
}

async fn check_contract(server: &Server) {
    let contracts = server.get("/v1/contracts").send().await.expect(200).json();
    let id = contracts["items"][0]["id"].as_str().unwrap();
    let at = |day: &str| server.get(&format!("/v1/contracts/{id}?asOf={day}"));
    let before = at("2019-12-31").send().await.expect(200).json();
    let after = at("2020-01-01").send().await.expect(200).json();
    assert_eq!((&before["endsOn"], &after["endsOn"]), (&json!("2020-12-31"), &json!("2022-12-31")));
    assert_eq!(after["challenges"].as_array().unwrap().len(), 5);
    assert_eq!(after["crossCuttingChallenges"].as_array().unwrap().len(), 4);
    assert_eq!(after["includedAmendments"][0]["kind"], "perr");
}

#[actix_web::test]
async fn its_clients_can_be_used_and_a_second_start_finds_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::start(&mut program(folder.path(), &["demo"]));
    let file = folder.path().join("demo-clients.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let clients: Vec<DemoClient> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let of = |role: Role| clients.iter().filter(|client| client.role == role).count();
    assert_eq!(of(Role::CoFunder), 7);
    for role in [Role::Administrator, Role::Instructor, Role::Applicant, Role::Council] {
        assert_eq!(of(role), 1, "{role}");
    }
    first.kill();
    let second = Server::start(&mut program(folder.path(), &["demo"]));
    assert!(!second.printed.iter().any(|line| line.contains("Loading")), "{:?}", second.printed);
    for client in &clients {
        let token = second.token(client).await;
        let seen = second.get("/v1/applications?limit=200").token(&token).send().await.expect(200).json();
        let count = seen["items"].as_array().unwrap().len();
        let expected = if client.role == Role::Applicant { 1..=3 } else { 70..=70 };
        assert!(expected.contains(&count), "{} sees {count}", client.name);
    }
}
