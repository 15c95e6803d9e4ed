//! A database that is restored from an older backup beside newer files, and the command that an operator then has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::attachments::{draft, pdf, set_age, started};
use crate::client::Request;
use crate::program::{Server, program, run};

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn back_up(folder: &Path) -> PathBuf {
    let copy = folder.join("backup.sqlite");
    let database = folder.join("ledger.sqlite").to_string_lossy().into_owned();
    let mut connection = SqliteConnection::establish(&database).unwrap();
    connection.batch_execute(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
    copy
}

fn restore(folder: &Path, backup: &Path) {
    for name in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        // A server that ended in good order has left none.
        let _ = fs::remove_file(folder.join(name));
    }
    fs::copy(backup, folder.join("ledger.sqlite")).unwrap();
}

/// Uploads this many files, as old as that once the server has ended.
async fn upload(folder: &Path, many: usize, hours: u64) -> Vec<PathBuf> {
    let server = started(folder, "serve", &[]);
    let (token, path) = draft(&server, folder).await;
    let mut files = Vec::new();
    for seed in 0..many {
        let post = Request::new("POST", &server.base, &format!("{path}?kind=other&fileName=a.pdf"));
        let post = post.token(&token).body("application/pdf", pdf(1_000, seed));
        let made = post.send().await.expect(201).json();
        files.push(folder.join("attachments").join(made["id"].as_str().unwrap()));
    }
    server.kill();
    files.iter().for_each(|file| set_age(file, hours));
    files
}

fn existing(files: &[PathBuf]) -> usize {
    files.iter().filter(|file| file.exists()).count()
}

fn start_and_hear(folder: &Path) -> (Server, String) {
    let mut server = Server::start(program(folder, &["serve"]).env("WORKERS", "1").env("RUST_LOG", "warn"));
    let said = server.logged("not recorded in this database");
    (server, said)
}

#[actix_web::test]
async fn an_older_database_keeps_newer_files_until_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    started(folder, "demo", &[]).kill();
    let older = upload(folder, 1, 5).await;
    let backup = back_up(folder);
    let newer = upload(folder, 10, 2).await;
    restore(folder, &backup);
    let (server, said) = start_and_hear(folder);
    assert!(said.contains("10 stored files") && said.contains("contrat-de-ville files sweep"), "{said}");
    // The restored database goes on: its next changes must not make the files look older than it.
    draft(&server, folder).await;
    server.kill();
    let (server, said) = start_and_hear(folder);
    assert!(said.contains("10 stored files"), "{said}");
    assert_eq!((existing(&newer), existing(&older)), (10, 1));
    // While the service runs, the operator looks first.
    let listed = text(&run(folder, &["files", "sweep"]));
    for file in &newer {
        let name = file.file_name().unwrap().to_str().unwrap();
        let line = listed.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line.contains("1000 bytes") && line.contains('T') && line.contains('Z'), "{line}");
    }
    assert!(listed.contains("10 files in the folder") && listed.contains("Nothing was removed"), "{listed}");
    assert_eq!(existing(&newer), 10);
    let removed = text(&run(folder, &["files", "sweep", "--yes"]));
    assert!(removed.contains("10 files were removed"), "{removed}");
    assert_eq!((existing(&newer), existing(&older)), (0, 1));
    let nothing = text(&run(folder, &["files", "sweep", "--yes"]));
    assert!(nothing.contains("0 files in the folder"), "{nothing}");
    server.kill();
}

#[actix_web::test]
async fn files_sweep_refuses_the_files_of_another_database() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    started(folder, "serve", &[]).kill();
    let stray = folder.join("attachments").join(uuid::Uuid::now_v7().to_string());
    set_age(&stray, 2);
    let other = folder.join("other.sqlite");
    let sweep = || {
        refusal(&program(folder, &["files", "sweep", "--yes"]).env("DATABASE_URL", &other).output().unwrap())
    };
    let said = sweep();
    assert!(said.contains("there is no database at") && !other.exists(), "{said}");
    assert!(program(folder, &["migrate"]).env("DATABASE_URL", &other).status().unwrap().success());
    let said = sweep();
    assert!(said.contains("keeps the files of another ledger"), "{said}");
    // A place that no service has used is not claimed by looking at it.
    let empty = tempfile::tempdir().unwrap();
    assert!(run(empty.path(), &["migrate"]).status.success());
    let said = refusal(&run(empty.path(), &["files", "sweep", "--yes"]));
    assert!(said.contains("no database uses the folder"), "{said}");
    assert!(!empty.path().join("attachments/ledger").exists() && stray.exists());
}

#[actix_web::test]
async fn a_damaged_ledger_object_stops_the_start_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    started(folder, "serve", &[]).kill();
    let ledger = folder.join("attachments/ledger");
    let whole = fs::read_to_string(&ledger).unwrap();
    for damaged in ["", &whole[..20], "not an id"] {
        fs::write(&ledger, damaged).unwrap();
        for arguments in [&["serve"][..], &["files", "sweep", "--yes"]] {
            let said = refusal(&run(folder, arguments));
            assert!(said.contains("`ledger`") && said.contains("is empty or damaged"), "{said}");
            assert_eq!(fs::read_to_string(&ledger).unwrap(), damaged);
        }
    }
    fs::write(&ledger, whole).unwrap();
    started(folder, "serve", &[]).kill();
}

#[actix_web::test]
async fn a_damaged_file_of_demonstration_clients_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    started(folder, "demo", &[]).kill();
    let clients = folder.join("demo-clients.json");
    fs::write(&clients, "").unwrap();
    let server = started(folder, "demo", &[]);
    let said = server.printed.join("\n");
    assert!(said.contains("demo-clients.json is not what the demonstration wrote"), "{said}");
    server.kill();
    // A new database writes the file anew, whole and private.
    fs::remove_file(folder.join("ledger.sqlite")).unwrap();
    for name in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = fs::remove_file(folder.join(name));
    }
    fs::remove_dir_all(folder.join("attachments")).unwrap();
    started(folder, "demo", &[]).kill();
    assert!(contrat_de_ville::demo::read_clients(folder).unwrap().len() > 5);
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}
