//! What was acknowledged stays, once, whatever happens to the process or to the disk.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use contrat_de_ville::auth::Role;
use contrat_de_ville::demo::{DemoClient, read_clients};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::program::{Server, program};

const KILLS: usize = 20;

/// One partner's system: it pushes its line again and again, each time with the next reference of its own.
struct Pusher {
    line: String,
    token: String,
    etag: Option<String>,
    /// The reference of the push under way, or of the next one.
    next: u32,
    acknowledged: u32,
}

impl Pusher {
    fn body(&self) -> Value {
        json!({
            "firmness": "intended", "proposed": {"amount": "1.00", "currency": "EUR"}, "credits": "mainstream",
            "partnerReference": format!("push-{}", self.next)
        })
    }

    /// Pushes until the connection breaks; the push whose answer was lost is sent again next time.
    async fn push_until_broken(&mut self, base: &str, stopped: &AtomicBool, done: &AtomicUsize) {
        while !stopped.load(Ordering::SeqCst) {
            let mut request = Request::new("PUT", base, &self.line).token(&self.token).json(&self.body());
            if let Some(etag) = &self.etag {
                request = request.if_match(etag);
            }
            let Ok(answer) = request.try_send().await else { return };
            assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
            self.etag = Some(answer.etag().to_owned());
            self.acknowledged = self.next;
            self.next += 1;
            done.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Pushes once; the next push is another one if this one was acknowledged.
    async fn push_once(&mut self, server: &Server) -> Answer {
        let mut request = server.put(&self.line).token(&self.token).json(&self.body());
        if let Some(etag) = &self.etag {
            request = request.if_match(etag);
        }
        let answer = request.send().await;
        if answer.status < 300 {
            self.etag = Some(answer.etag().to_owned());
            self.acknowledged = self.next;
            self.next += 1;
        }
        answer
    }

    /// Every acknowledged push is in the history, in order, none twice; at most one more was kept unheard.
    async fn check(&self, server: &Server) {
        let path = format!("{}/history", self.line);
        let answer = server.get(&path).token(&self.token).send().await;
        let history = if answer.status == 404 { json!({"items": []}) } else { answer.expect(200).json() };
        let kept: Vec<&str> = history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["line"]["partnerReference"].as_str().unwrap())
            .collect();
        let length = u32::try_from(kept.len()).unwrap();
        let expected: Vec<String> = (1..=length).map(|number| format!("push-{number}")).collect();
        assert_eq!(kept, expected);
        assert!(
            length == self.acknowledged || length == self.acknowledged + 1,
            "{length} {}",
            self.acknowledged
        );
    }
}

async fn pushers(server: &Server, folder: &Path) -> Vec<Pusher> {
    let clients = read_clients(folder).unwrap();
    let co_funders: Vec<&DemoClient> =
        clients.iter().filter(|client| client.role == Role::CoFunder).collect();
    let instructor = clients.iter().find(|client| client.role == Role::Instructor).unwrap();
    let token = server.token(instructor).await;
    let list = server.get("/v1/applications?status=admissible&limit=200").token(&token).send().await.json();
    let mut undecided = Vec::new();
    for application in list["items"].as_array().unwrap() {
        let id = application["id"].as_str().unwrap().to_owned();
        let lines = server.get(&format!("/v1/applications/{id}/decisions")).token(&token).send().await.json();
        if lines["items"].as_array().unwrap().is_empty() {
            undecided.push(id);
        }
    }
    let first = &undecided[0];
    let mut pushers = Vec::new();
    for client in &co_funders {
        let line = format!("/v1/applications/{first}/decisions/{}", client.co_funder_id.unwrap());
        pushers.push(Pusher {
            line,
            token: server.token(client).await,
            etag: None,
            next: 1,
            acknowledged: 0,
        });
    }
    pushers
}

/// An eighth system, on an application of its own, beside the seven that share one.
async fn eighth(server: &Server, folder: &Path, others: &[Pusher]) -> Pusher {
    let clients = read_clients(folder).unwrap();
    let department = clients.iter().find(|client| client.name.contains("départemental")).unwrap();
    let token = server.token(department).await;
    let list = server.get("/v1/applications?status=admissible&limit=200").token(&token).send().await.json();
    for application in list["items"].as_array().unwrap().iter().rev() {
        let id = application["id"].as_str().unwrap();
        let line = format!("/v1/applications/{id}/decisions/{}", department.co_funder_id.unwrap());
        let taken = others.iter().any(|other| other.line == line);
        if !taken && server.get(&line).token(&token).send().await.status == 404 {
            return Pusher { line, token, etag: None, next: 1, acknowledged: 0 };
        }
    }
    panic!("no application for the eighth system");
}

#[actix_web::test]
async fn no_acknowledged_push_is_lost_or_doubled_by_twenty_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&mut program(folder.path(), &["demo"]));
    let mut pushers = pushers(&server, folder.path()).await;
    pushers.push(eighth(&server, folder.path(), &pushers).await);
    assert_eq!(pushers.len(), 8);
    let lines: std::collections::HashSet<&String> = pushers.iter().map(|pusher| &pusher.line).collect();
    assert_eq!(lines.len(), 8, "each system has a line of its own");
    for round in 0..KILLS {
        let (stopped, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        let base = server.base.clone();
        let pushing =
            join_all(pushers.iter_mut().map(|pusher| pusher.push_until_broken(&base, &stopped, &done)));
        let killing = async {
            // In the middle of it: once enough was acknowledged, at a moment that differs from round to round.
            while done.load(Ordering::SeqCst) < 8 + round {
                actix_web::rt::time::sleep(Duration::from_millis(1)).await;
            }
            server.kill();
            stopped.store(true, Ordering::SeqCst);
        };
        futures_util::future::join(pushing, killing).await;
        server = Server::start(&mut program(folder.path(), &["serve"]));
        for pusher in &pushers {
            pusher.check(&server).await;
        }
    }
    assert!(pushers.iter().map(|pusher| pusher.acknowledged).sum::<u32>() > 200);
}

/// A server whose files may not grow beyond a little more than the database: writing then fails as on a full disk.
#[cfg(unix)]
fn confined(folder: &Path) -> Server {
    let length = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
    let blocks = length("ledger.sqlite").max(length("ledger.sqlite-wal")) / 512 + 400;
    let binary = env!("CARGO_BIN_EXE_contrat-de-ville");
    let script = format!("trap '' XFSZ; ulimit -S -f {blocks}; exec {binary} serve");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env("DATA_DIR", folder).env("LISTEN", "127.0.0.1:0");
    command.env("PUBLIC_URL", "http://ledger.test").env("RUST_LOG", "off").env_remove("DATABASE_URL");
    Server::start(&mut command)
}

#[cfg(unix)]
#[actix_web::test]
async fn a_full_disk_is_a_refusal_and_not_the_end() {
    let folder = tempfile::tempdir().unwrap();
    Server::start(&mut program(folder.path(), &["demo"])).kill();
    let server = confined(folder.path());
    let mut pushers = pushers(&server, folder.path()).await;
    let pusher = &mut pushers[0];
    let refused = loop {
        let answer = pusher.push_once(&server).await;
        if answer.status >= 400 {
            break answer;
        }
        assert!(pusher.next < 20_000, "the disk never filled");
    };
    refused.problem(503, "unavailable");
    assert!(refused.header("Retry-After").is_some());
    pusher.push_once(&server).await.problem(503, "unavailable");
    server.get("/v1/open-data/funded-projects").send().await.expect(200);
    pusher.check(&server).await;
    // Room is made: the service goes on by itself.
    let limit = ["--fsize=unlimited", "--pid", &server.id()];
    assert!(Command::new("prlimit").args(limit).status().unwrap().success());
    assert!(pusher.push_once(&server).await.status < 300);
    server.kill();
    let server = Server::start(&mut program(folder.path(), &["serve"]));
    pusher.check(&server).await;
    assert!(pusher.push_once(&server).await.status < 300);
}

#[cfg(unix)]
#[actix_web::test]
async fn nothing_is_acknowledged_while_the_ledger_is_away_and_its_log_is_never_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&mut program(folder.path(), &["demo"]));
    let mut pushers = pushers(&server, folder.path()).await;
    let pusher = &mut pushers[0];
    assert!(pusher.push_once(&server).await.status < 300);
    let (ledger, away) = (folder.path().join("ledger.sqlite"), folder.path().join("away.sqlite"));
    std::fs::rename(&ledger, &away).unwrap();
    pusher.push_once(&server).await.problem(503, "unavailable");
    server.get("/health/ready").send().await.problem(503, "unavailable");
    std::fs::rename(&away, &ledger).unwrap();
    assert!(pusher.push_once(&server).await.status < 300);
    server.get("/health/ready").send().await.expect(200);
    server.kill();
    std::fs::rename(&ledger, &away).unwrap();
    let refused = program(folder.path(), &["serve"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("put the file back first"), "{said}");
    std::fs::rename(&away, &ledger).unwrap();
    pusher.check(&Server::start(&mut program(folder.path(), &["serve"]))).await;
}

#[actix_web::test]
async fn the_demonstration_is_not_put_beside_real_data() {
    let folder = tempfile::tempdir().unwrap();
    let create = ["client", "create", "--name", "Préfecture", "--role", "administrator"];
    assert!(program(folder.path(), &create).status().unwrap().success());
    let refused = program(folder.path(), &["demo"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("this database is in use"), "{said}");
}
