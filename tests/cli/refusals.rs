//! A start that cannot be: one clear sentence, and an exit status that says so.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::program::{Server, program, run};

/// The one sentence a refused start says.
#[track_caller]
fn sentence(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1, "{text}");
    lines[0].strip_prefix("contrat-de-ville: ").unwrap().to_owned()
}

fn refused_with(folder: &Path, name: &str, value: &str) -> String {
    sentence(&program(folder, &["serve"]).env(name, value).output().unwrap())
}

#[test]
fn a_wrong_setting_is_named_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value, reason) in [
        ("LISTEN", "nowhere", "an address and a port"),
        ("PUBLIC_URL", "ftp://ledger", "http:// or https://"),
        ("CORS_ORIGINS", "everyone", "origins such as"),
        ("TOKEN_TTL_SECONDS", "1", "between 60 and 86400"),
        ("DATABASE_URL", "mysql://host/db", "mysql:// is not a database"),
        ("FILES_URL", "https://s3.example/ville", "s3://BUCKET"),
        ("DATABASE_CONNECTIONS", "0", "between 1 and 200"),
    ] {
        let said = refused_with(folder.path(), name, value);
        assert!(said.contains(name) && said.contains(reason), "{said}");
    }
}

#[test]
fn a_busy_port_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let busy = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let said = refused_with(folder.path(), "LISTEN", &address);
    assert!(said.contains(&address) && said.contains("already in use"), "{said}");
}

#[test]
fn a_database_that_is_not_there_is_told_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let said = refused_with(folder.path(), "DATABASE_URL", "postgres://me:secret@127.0.0.1:1/ledger");
    assert!(said.contains("127.0.0.1:1/ledger") && said.contains("cannot be opened"), "{said}");
    assert!(!said.contains("secret"), "{said}");
    let missing = folder.path().join("nowhere/ledger.sqlite");
    let said = refused_with(folder.path(), "DATABASE_URL", &missing.to_string_lossy());
    assert!(said.contains("nowhere/ledger.sqlite") && said.contains("cannot be opened"), "{said}");
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ledger.sqlite"), "This is a letter, not a database. ".repeat(200)).unwrap();
    let said = sentence(&run(folder.path(), &["serve"]));
    assert!(said.contains("ledger.sqlite") && said.contains("not a database"), "{said}");
}

#[test]
fn a_locked_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let mut holder = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    holder.batch_execute("CREATE TABLE t (x); PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;").unwrap();
    let said = sentence(&run(folder.path(), &["serve"]));
    assert!(said.contains("ledger.sqlite") && said.contains("locked"), "{said}");
}

#[test]
fn a_damaged_signing_key_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signing-key.pem");
    for (text, reason) in
        [("", "is empty"), ("no key", "Ed25519"), ("-----BEGIN PRIVATE KEY-----\nMC4C", "Ed25519")]
    {
        fs::write(&path, text).unwrap();
        for command in ["serve", "demo"] {
            let said = sentence(&run(folder.path(), &[command]));
            assert!(said.contains("signing-key.pem") && said.contains(reason), "{said}");
            assert!(said.contains("restore it from a backup, or delete it"), "{said}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
    fs::remove_file(&path).unwrap();
    Server::start(&mut program(folder.path(), &["serve"])).kill();
    assert!(fs::read_to_string(&path).unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn an_empty_folder_is_enough_and_the_first_client_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    let server = Server::start(&mut program(&data, &["serve"]));
    assert!(server.printed.iter().any(|line| line.contains("client create")), "{:?}", server.printed);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(data.join("signing-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(server.terminate().success(), "SIGTERM is a graceful end");
}

#[test]
fn the_printed_contract_is_the_committed_one() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), &["openapi"]);
    assert!(printed.status.success());
    let same = printed.stdout == fs::read("openapi/openapi.json").unwrap();
    assert!(same, "run: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn help_names_every_setting() {
    let folder = tempfile::tempdir().unwrap();
    let help = String::from_utf8(run(folder.path(), &["serve", "--help"]).stdout).unwrap();
    // However the terminal wrapped it.
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let manual = fs::read_to_string("docs/operations.md").unwrap();
    for name in [
        "LISTEN",
        "PUBLIC_URL",
        "DATABASE_URL",
        "DATA_DIR",
        "TOKEN_TTL_SECONDS",
        "CORS_ORIGINS",
        "DATABASE_CONNECTIONS",
        "WORKERS",
        "FILES_URL",
        "CONNECTIONS",
        "BODY_MEMORY_MIB",
        "UNREAD_SECONDS",
        "SHUTDOWN_SECONDS",
    ] {
        assert!(help.contains(&format!("env: {name}")), "{name} is not in --help");
        assert!(manual.contains(&format!("`{name}`")), "{name} is not in docs/operations.md");
    }
}
