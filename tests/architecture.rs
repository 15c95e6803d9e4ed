//! The shape of the house: a module imports only from those above it in `lib.rs`, and no file grows beyond reading.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

use std::fs;
use std::path::{Path, PathBuf};

const LONGEST: usize = 400;

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules, in the order `lib.rs` lists them.
fn modules() -> Vec<String> {
    let index = fs::read_to_string("src/lib.rs").unwrap();
    let names = index.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// The module a file belongs to: its folder or its name under `src`.
fn module_of(path: &Path) -> String {
    let first = path.strip_prefix("src").unwrap().iter().next().unwrap();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The modules a text names after `crate::`, grouped imports included.
fn imports(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (place, _) in text.match_indices("crate::") {
        let rest = text[place..].trim_start_matches("crate::");
        let word = |text: &str| -> String {
            text.trim_start().chars().take_while(|one| one.is_alphanumeric() || *one == '_').collect()
        };
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group.split('}').next().unwrap().split(',').map(word)),
            None => names.push(word(rest)),
        }
    }
    names
}

#[test]
fn a_module_imports_only_from_those_above_it() {
    let order = modules();
    let place = |name: &str| order.iter().position(|known| known == name);
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let Some(own) = place(&module_of(&file)) else { continue };
        let text = fs::read_to_string(&file).unwrap();
        for name in imports(&text) {
            if place(&name).is_some_and(|other| other > own) {
                wrong.push(format!("{} imports {name}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(order.len() > 15, "the index was not read: {order:?}");
}

#[test]
fn every_folder_under_src_is_in_the_index() {
    let order = modules();
    for file in rust_files(Path::new("src")) {
        let module = module_of(&file);
        let is_binary = ["lib", "main", "client", "sweep"].contains(&module.as_str());
        assert!(is_binary || order.contains(&module), "{} is not in lib.rs", file.display());
    }
}

#[test]
fn no_file_grows_beyond_reading() {
    let mut long = Vec::new();
    for file in [rust_files(Path::new("src")), rust_files(Path::new("tests"))].concat() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        if lines > LONGEST {
            long.push(format!("{}: {lines}", file.display()));
        }
    }
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn imports_are_found_in_every_spelling() {
    let text = "use crate::db::Db;\nuse crate::{calls, clients};\ncrate::error::Error::internal(1)";
    assert_eq!(imports(text), ["db", "calls", "clients", "error"]);
}
