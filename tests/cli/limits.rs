//! What strangers can hold of a running program: memory, connections, answers that they do not read.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::client::Request;
use crate::program::{Server, program};

const MEBIBYTE: usize = 1_048_576;

fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.base.trim_start_matches("http://")).unwrap()
}

/// Resident memory of a server, in bytes.
#[cfg(target_os = "linux")]
fn memory(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1_024
}

/// Three hundred connections, each with the head of a token form and as much of its body.
#[cfg(target_os = "linux")]
fn hold_forms(server: &Server, framing: &str, body: &[u8]) -> Vec<TcpStream> {
    let hold = |_| {
        let mut stream = connect(server);
        write!(
            stream,
            "POST /oauth/token HTTP/1.1\r\nHost: ledger.test\r\n{framing}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        .unwrap();
        // The service may have answered, and closed, before it was given all.
        let _closed = stream.write_all(body);
        stream
    };
    (0..300).map(hold).collect()
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn three_hundred_forms_of_one_mebibyte_take_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&mut program(folder.path(), &["serve"]));
    server.get("/v1/calls").send().await.expect(200);
    let before = memory(&server);
    // All of it but the last byte: announced, in chunks, and as long as a form may be.
    let body = vec![b'x'; MEBIBYTE - 1];
    let chunk = [format!("{MEBIBYTE:x}\r\n").as_bytes(), &body].concat();
    for (framing, body) in [
        (format!("Content-Length: {MEBIBYTE}"), &body[..]),
        ("Transfer-Encoding: chunked".to_owned(), &chunk),
        ("Content-Length: 8192".to_owned(), &body[..8_191]),
    ] {
        let held = hold_forms(&server, &framing, body);
        server.get("/v1/calls").send().await.expect(200);
        let after = memory(&server);
        println!("{framing}: {} KiB before, {} KiB with 300 forms", before / 1_024, after / 1_024);
        assert!(after < before + 60 * MEBIBYTE, "{framing}: {after} bytes, {before} before");
        drop(held);
    }
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn a_client_that_reads_nothing_is_disconnected() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(program(folder.path(), &["serve"]).env("UNREAD_SECONDS", "1"));
    let mut stream = connect(&server);
    // Asks for the contract until neither side of the connection takes any more.
    let document = "GET /openapi.json HTTP/1.1\r\nHost: ledger.test\r\n\r\n".repeat(400);
    stream.set_nonblocking(true).unwrap();
    let _full = stream.write_all(document.as_bytes());
    stream.set_nonblocking(false).unwrap();
    // Of a connection that were not ended, a write would block until this is over.
    stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    let cause = stream.write_all(document.repeat(2_000).as_bytes()).unwrap_err();
    assert!(
        matches!(cause.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe),
        "{cause}"
    );
    server.get("/openapi.json").send().await.expect(200);
    // One that reads slowly reads on.
    let mut stream = connect(&server);
    write!(stream, "GET /openapi.json HTTP/1.1\r\nHost: ledger.test\r\nConnection: close\r\n\r\n").unwrap();
    let (mut part, mut length) = (vec![0; 100_000], 0);
    loop {
        let count = stream.read(&mut part).unwrap();
        length += count;
        if count == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(length > 500_000, "{length}");
}

#[actix_web::test]
async fn connections_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::start(program(folder.path(), &["serve"]).env("WORKERS", "1").env("CONNECTIONS", "64"));
    let held: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = connect(&server);
            write!(stream, "GET /health/live HTTP/1.1\r\nHost: ledger.test\r\n\r\n").unwrap();
            assert_eq!(stream.read(&mut [0; 12]).unwrap(), 12);
            stream
        })
        .collect();
    let mut one_more = connect(&server);
    write!(one_more, "GET /health/live HTTP/1.1\r\nHost: ledger.test\r\n\r\n").unwrap();
    one_more.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    one_more.read(&mut [0; 12]).expect_err("it waits");
    drop(held);
    one_more.set_read_timeout(None).unwrap();
    assert_eq!(one_more.read(&mut [0; 12]).unwrap(), 12);
}

#[actix_web::test]
async fn the_log_names_the_client_whose_secret_was_tried() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(program(folder.path(), &["serve"]).env("RUST_LOG", "access=info"));
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (grant, tried, status, logged) in [
        ("client_credentials", id, 401, id),
        ("client_credentials", "the-secret-in-the-wrong-field", 401, "-"),
        ("password", id, 400, id),
    ] {
        let form = format!("grant_type={grant}&client_id={tried}&client_secret=wrong-secret");
        let request = Request::new("POST", &server.base, "/oauth/token");
        let request = request.body("application/x-www-form-urlencoded", form);
        assert_eq!(request.send().await.status, status);
        let line = server.logged("POST /oauth/token");
        assert!(
            line.contains(&format!(" {status} ")) && line.contains(&format!(" client={logged} ")),
            "{line}"
        );
        assert!(!line.contains("secret"), "{line}");
    }
}
