//! `contrat-de-ville files sweep`: stored files that the database does not record, listed first, removed when confirmed.

use clap::{Args, Subcommand};
use contrat_de_ville::app::{Refused, check_owner};
use contrat_de_ville::applications::{UnrecordedFiles, list_unrecorded_files, remove_unrecorded_files};
use contrat_de_ville::config::{DataSettings, FilesSettings};
use contrat_de_ville::db::Db;
use contrat_de_ville::files::Files;
use contrat_de_ville::types::Clock;

#[derive(Subcommand)]
pub enum Command {
    /// List the stored files, older than an hour, that the database does not record; with --yes, remove them
    ///
    /// Such files are left over by a database that was restored from an older backup: restoring a newer backup of the
    /// database may bring their records back, removing them cannot be undone.
    Sweep(Sweep),
}

#[derive(Args)]
pub struct Sweep {
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    files: FilesSettings,
    /// Remove the files; without it they are only listed
    #[arg(long)]
    yes: bool,
}

pub async fn run(command: Command) -> Result<(), Refused> {
    let Command::Sweep(settings) = command;
    let place = settings.files.place(&settings.data)?;
    let db = Db::open(settings.data.existing()?, 1)?;
    let files = Files::open(&place, settings.data.arrivals()).await?;
    // Only read, never claimed: in the place of another database every file is unrecorded.
    check_owner(&place, files.owner().await?, db.ledger().await?)?;
    let found = list_unrecorded_files(&db, &files, &Clock::system()).await?;
    print_list(&found);
    let (count, are) = counted(found.files.len(), "is", "are");
    println!("{count} in {place}, stored more than an hour ago, {are} not recorded in this database.");
    if settings.yes {
        let removed = remove_unrecorded_files(&db, &files, &found).await?;
        let (count, were) = counted(removed, "was", "were");
        println!("{count} {were} removed.");
    } else if !found.files.is_empty() {
        println!("Nothing was removed. To remove them: contrat-de-ville files sweep --yes");
    }
    Ok(())
}

/// So many files, with a verb in the same number.
fn counted(count: usize, one: &'static str, many: &'static str) -> (String, &'static str) {
    if count == 1 { ("1 file".to_owned(), one) } else { (format!("{count} files"), many) }
}

fn print_list(found: &UnrecordedFiles) {
    for file in &found.files {
        let newer = if found.is_newer(file) { "\tnewer than the last change of the database" } else { "" };
        println!("{}\t{} bytes\t{}{newer}", file.key, file.size, file.stored_at);
    }
    match found.last_change {
        Some(last) => println!("The database was last changed on {last}."),
        None => println!("The database is empty."),
    }
}
