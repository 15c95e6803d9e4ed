//! Large attachments through the real program: equal digests, bounded memory, nothing left half-written. In a folder and,
//! with `TEST_S3_ENDPOINT` and the `AWS_*` variables that lead there, on an S3 server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use actix_web::rt::time::sleep;
use aws_lc_rs::digest::{SHA256, digest};
use contrat_de_ville::auth::Role;
use contrat_de_ville::demo::read_clients;
use serde_json::{Value, json};

use crate::client::{Request, at_once};
use crate::program::{Server, program};

const MEBIBYTE: usize = 1_048_576;
/// What the server may hold in memory while files come and go: an unoptimised program and one thread that serves, here.
const MOST_MEMORY: usize = 120 * MEBIBYTE;

/// A store to run on: the variables that name it.
pub async fn stores() -> Vec<Vec<(String, String)>> {
    let mut stores = vec![Vec::new()];
    if let Ok(endpoint) = std::env::var("TEST_S3_ENDPOINT") {
        Request::new("PUT", &endpoint, "/ville").send().await.expect(200);
        let mut variables: Vec<_> = std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect();
        variables.push(("FILES_URL".to_owned(), format!("s3://ville/cli/{}", uuid::Uuid::now_v7())));
        stores.push(variables);
    }
    stores
}

pub fn started(folder: &Path, command: &str, store: &[(String, String)]) -> Server {
    let variables = store.iter().map(|(name, value)| (name, value));
    Server::start(program(folder, &[command]).env("WORKERS", "1").envs(variables))
}

/// Forgets the most memory the server has held until now (`man 5 proc_pid_clear_refs`).
fn forget_peak(server: &Server) {
    std::fs::write(format!("/proc/{}/clear_refs", server.id()), "5").unwrap();
}

/// The most memory the server has held since that was last forgotten.
fn peak_memory(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1_024
}

/// A token of the applicant, and the address of the attachments of a draft of its own.
pub async fn draft(server: &Server, folder: &Path) -> (String, String) {
    let clients = read_clients(folder).unwrap();
    let applicant = clients.iter().find(|client| client.role == Role::Applicant).unwrap();
    let token = server.token(applicant).await;
    let calls = server.get("/v1/calls").send().await.expect(200).json();
    let body = json!({"callId": calls["items"][0]["id"], "organisationId": applicant.organisation_id});
    let post = Request::new("POST", &server.base, "/v1/applications").token(&token).json(&body);
    let made = post.send().await.expect(201).json();
    (token, format!("/v1/applications/{}/attachments", made["id"].as_str().unwrap()))
}

pub fn pdf(size: usize, seed: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((bytes.len()..size).map(|place| u8::try_from((place * 31 + seed) % 251).unwrap()));
    bytes
}

/// Makes a file, unless it is there, and lets it be as old as that.
pub fn set_age(path: &Path, hours: u64) {
    let file = std::fs::File::options().append(true).create(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3_600)).unwrap();
}

fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn large_files_go_up_and_down_without_being_held_in_memory() {
    for store in stores().await {
        let folder = tempfile::tempdir().unwrap();
        started(folder.path(), "demo", &store).kill();
        let server = started(folder.path(), "serve", &store);
        let (token, path) = draft(&server, folder.path()).await;
        // What the start took is not to hide what files take.
        forget_peak(&server);
        let at_rest = peak_memory(&server);
        let post = |bytes: &[u8]| {
            let post = Request::new("POST", &server.base, &format!("{path}?kind=other&fileName=a.pdf"));
            post.token(&token).body("application/pdf", bytes)
        };
        for size in [10 * MEBIBYTE, 19 * MEBIBYTE] {
            let bytes = pdf(size, 0);
            let made = post(&bytes).send().await.expect(201);
            assert_eq!(made.json()["sha256"], hex(&bytes));
            let address = format!("{}/content", made.header("Location").unwrap());
            let content = server.get(&address).token(&token).send().await.expect(200);
            assert_eq!(hex(&content.bytes), hex(&bytes));
        }
        // Several at once, each another file.
        let files: Vec<Vec<u8>> = (1..=4).map(|seed| pdf(19 * MEBIBYTE, seed)).collect();
        let made = at_once(files.iter().map(|bytes| post(bytes))).await;
        let addresses = made.iter().map(|answer| format!("{}/content", answer.header("Location").unwrap()));
        let contents = at_once(addresses.map(|address| server.get(&address).token(&token))).await;
        for (bytes, content) in files.iter().zip(&contents) {
            assert_eq!(hex(&content.bytes), hex(bytes));
        }
        let peak = peak_memory(&server);
        println!("resident memory: {} KiB at rest, {} KiB at the most", at_rest / 1_024, peak / 1_024);
        // To S3 two files at once have a part of 5 MiB each in memory, and the allocator gives back freed ones seconds later.
        let files = if store.is_empty() { 12 * MEBIBYTE } else { 64 * MEBIBYTE };
        assert!(peak < at_rest + files, "{peak} bytes, {at_rest} at rest");
        assert!(!store.is_empty() || peak < MOST_MEMORY, "{peak} bytes");
    }
}

/// Every file that arrives or is kept, but for the name of the ledger they belong to.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["arrivals", "attachments"] {
        let listed = std::fs::read_dir(folder.join(name)).into_iter().flatten();
        let listed = listed.map(|one| one.unwrap().path().to_string_lossy().into_owned());
        found.extend(listed.filter(|path| {
            !path.ends_with("attachments/ledger") && !path.ends_with("attachments/unrecorded")
        }));
    }
    found
}

#[actix_web::test]
async fn a_kill_in_the_middle_of_an_upload_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = started(folder.path(), "demo", &[]);
    let (token, path) = draft(&server, folder.path()).await;
    let (size, half) = (10 * MEBIBYTE, pdf(5 * MEBIBYTE, 0));
    let mut line = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    write!(
        line,
        "POST {path}?kind=other&fileName=a.pdf HTTP/1.1\r\nHost: ledger.test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/pdf\r\nContent-Length: {size}\r\n\r\n"
    )
    .unwrap();
    line.write_all(&half).unwrap();
    // Until the half has been written to a file of the server.
    let written = || {
        let descriptors = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap();
        let sizes = descriptors.filter_map(|one| {
            let path = one.unwrap().path();
            let target = std::fs::read_link(&path).ok()?;
            let arriving = target.to_string_lossy().contains("/arrivals/");
            arriving.then(|| std::fs::metadata(&path).map_or(0, |facts| facts.len()))
        });
        sizes.max().unwrap_or(0) > 4 * 1_048_576
    };
    while !written() {
        sleep(Duration::from_millis(5)).await;
    }
    server.kill();
    assert_eq!(line.read(&mut [0; 10]).unwrap_or(0), 0);
    let server = started(folder.path(), "serve", &[]);
    assert_eq!(files(folder.path()), Vec::<String>::new());
    let list: Value = server.get(&path).token(&token).send().await.expect(200).json();
    assert_eq!(list["items"], json!([]));
}

#[actix_web::test]
async fn interrupted_uploads_are_swept_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = started(folder.path(), "demo", &[]);
    // A change of now: what was marked after the last one might be recorded by a newer database.
    draft(&server, folder.path()).await;
    server.kill();
    let kept = folder.path().join("attachments");
    std::fs::create_dir_all(kept.join("unrecorded")).unwrap();
    let stray = |name: String, hours: u64| {
        let path = kept.join(name);
        set_age(&path, hours);
        path
    };
    let interrupted = |hours: u64| {
        let key = uuid::Uuid::now_v7();
        [stray(format!("unrecorded/{key}"), hours), stray(key.to_string(), hours)]
    };
    let half_written = |hours: u64| stray(format!("{}#1", uuid::Uuid::now_v7()), hours);
    let (old, fresh) = ([interrupted(2), interrupted(3)].concat(), interrupted(0));
    let (old_half, fresh_half) = (half_written(2), half_written(0));
    let unmarked = stray(uuid::Uuid::now_v7().to_string(), 2);
    let _server = started(folder.path(), "serve", &[]);
    for _ in 0..3_000 {
        if old.iter().all(|path| !path.exists()) && !old_half.exists() {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert!(old.iter().all(|path| !path.exists()) && !old_half.exists());
    assert!(fresh.iter().all(|path| path.exists()) && fresh_half.exists() && unmarked.exists());
}

#[actix_web::test]
async fn the_files_of_another_ledger_are_not_swept() {
    for store in stores().await {
        let folder = tempfile::tempdir().unwrap();
        started(folder.path(), "serve", &store).kill();
        let stray = folder.path().join("attachments").join(uuid::Uuid::now_v7().to_string());
        if store.is_empty() {
            let file = std::fs::File::create(&stray).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(7_200)).unwrap();
        }
        let other = folder.path().join("other.sqlite");
        let variables = store.iter().map(|(name, value)| (name, value));
        let mut command = program(folder.path(), &["serve"]);
        let refused = command.envs(variables).env("DATABASE_URL", &other).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        let setting = if store.is_empty() { "DATA_DIR: " } else { "FILES_URL: s3://" };
        assert!(!refused.status.success() && said.lines().count() == 1, "{said}");
        assert!(
            said.contains(setting) && said.contains("set DATABASE_URL to the database they belong to"),
            "{said}"
        );
        assert_eq!(stray.exists(), store.is_empty());
        // Its own database finds the store as it was.
        started(folder.path(), "serve", &store).kill();
    }
}

#[actix_web::test]
async fn what_is_acknowledged_survives_every_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = started(folder.path(), "demo", &[]);
    let (token, path) = draft(&server, folder.path()).await;
    let bytes = pdf(3 * MEBIBYTE, 0);
    let mut acknowledged = 0;
    for round in 0..8_u64 {
        let post = Request::new("POST", &server.base, &format!("{path}?kind=other&fileName=a.pdf"));
        let post = post.token(&token).body("application/pdf", bytes.clone());
        let sent = actix_web::rt::spawn(async move { post.try_send().await });
        // At a moment that differs from round to round: while it arrives, is stored, is recorded, or is answered.
        sleep(Duration::from_millis(15 * round)).await;
        server.kill();
        acknowledged += usize::from(sent.await.unwrap().is_ok_and(|answer| answer.status == 201));
        server = started(folder.path(), "serve", &[]);
        let list = server.get(&path).token(&token).send().await.expect(200).json();
        let list = list["items"].as_array().unwrap().clone();
        assert!(list.len() >= acknowledged, "{} {acknowledged}", list.len());
        for one in list {
            let address = format!("{path}/{}/content", one["id"].as_str().unwrap());
            let content = server.get(&address).token(&token).send().await.expect(200);
            assert_eq!(one["sha256"], hex(&content.bytes));
        }
    }
}

#[actix_web::test]
async fn a_bucket_that_does_not_answer_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut command: Command = program(folder.path(), &["serve"]);
    command
        .env("FILES_URL", "s3://ville/2023")
        .env("AWS_ENDPOINT", "http://127.0.0.1:1")
        .env("AWS_ALLOW_HTTP", "true");
    command
        .env("AWS_ACCESS_KEY_ID", "x")
        .env("AWS_SECRET_ACCESS_KEY", "confidential")
        .env("AWS_REGION", "eu-west-3");
    let refused = command.output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("FILES_URL: s3://ville/2023 does not answer"),
        "{said}"
    );
    assert!(said.lines().count() == 1 && !said.contains("confidential"), "{said}");
}
