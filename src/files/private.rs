//! Small files with secrets, which only their owner can read. They are written atomically: a crash leaves the former file,
//! or none, and never an empty or half-written one.

use std::fs::File;
use std::io::{Error, Result, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// Creates a file; fails with `AlreadyExists` when there is one, which stays as it is.
pub fn create_private(path: &Path, text: &str) -> Result<()> {
    write_beside(path, text)?.persist_noclobber(path).map_err(|failed| failed.error)?;
    sync_folder(path)
}

/// Creates a file, or replaces the one there is.
pub fn replace_private(path: &Path, text: &str) -> Result<()> {
    write_beside(path, text)?.persist(path).map_err(|failed| failed.error)?;
    sync_folder(path)
}

/// Writes a temporary file (mode 0600) in the same folder, since a rename is atomic within one file system only.
fn write_beside(path: &Path, text: &str) -> Result<NamedTempFile> {
    let name = path.file_name().ok_or_else(|| Error::other("the path names no file"))?;
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut file = Builder::new().prefix(&prefix).suffix(".tmp").tempfile_in(folder_of(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes the rename durable.
fn sync_folder(path: &Path) -> Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn an_existing_file_is_not_created_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        create_private(&path, "first").unwrap();
        assert_eq!(create_private(&path, "second").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("first", 1));
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_replaced_file_is_private_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clients.json");
        fs::write(&path, "a longer text that anybody can read").unwrap();
        let mut reader = fs::File::open(&path).unwrap();
        replace_private(&path, "new").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("new", 1));
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
        // The former file was not written over: who had it open still reads it whole.
        let mut former = String::new();
        std::io::Read::read_to_string(&mut reader, &mut former).unwrap();
        assert!(former.starts_with("a longer text"));
    }

    #[test]
    fn a_folder_that_refuses_files_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("key.pem");
        assert_eq!(create_private(&path, "x").unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(replace_private(&path, "x").unwrap_err().kind(), ErrorKind::NotFound);
    }
}
