//! The program under test, run as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use contrat_de_ville::demo::DemoClient;

use crate::client::Request;

/// The program, with settings that leave nothing outside `folder`.
pub fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contrat-de-ville"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("DATA_DIR", folder)
        .env("LISTEN", "127.0.0.1:0")
        .env("PUBLIC_URL", "http://ledger.test")
        .env("RUST_LOG", "error");
    command
}

/// Runs the program to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().unwrap()
}

/// A program that serves.
pub struct Server {
    process: Child,
    pub base: String,
    /// What it printed before it listened.
    pub printed: Vec<String>,
}

impl Server {
    /// Starts it and waits until it says that it listens.
    pub fn start(command: &mut Command) -> Self {
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut server = Self { process, base: String::new(), printed: Vec::new() };
        let output = BufReader::new(server.process.stdout.take().unwrap());
        for line in output.lines().map_while(Result::ok) {
            if let Some(base) = line.strip_prefix("Listening on ") {
                server.base = base.to_owned();
                return server;
            }
            server.printed.push(line);
        }
        let mut cause = String::new();
        server.process.stderr.take().unwrap().read_to_string(&mut cause).unwrap();
        panic!("the program ended before it listened: {:?} {cause}", server.printed);
    }

    pub fn get(&self, path: &str) -> Request {
        Request::new("GET", &self.base, path)
    }

    pub fn put(&self, path: &str) -> Request {
        Request::new("PUT", &self.base, path)
    }

    /// The number of the process.
    pub fn id(&self) -> String {
        self.process.id().to_string()
    }

    /// The first line of the log with these words; the test hangs if there is none.
    pub fn logged(&mut self, words: &str) -> String {
        let log = BufReader::new(self.process.stderr.as_mut().unwrap());
        let mut lines = log.lines().map_while(Result::ok);
        lines.find(|line| line.contains(words)).unwrap_or_else(|| panic!("the program never logged {words}"))
    }

    /// SIGKILL: no goodbye.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and the status it ends with.
    pub fn terminate(mut self) -> ExitStatus {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.process.wait().unwrap()
    }

    /// An access token, asked for as a partner's system would.
    pub async fn token(&self, client: &DemoClient) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            client.client_id, client.client_secret
        );
        let request = Request::new("POST", &self.base, "/oauth/token");
        let answer = request.body("application/x-www-form-urlencoded", form).send().await.expect(200);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended, where the test ended it.
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}
