//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use contrat_de_ville::app::{self, Refused};
use contrat_de_ville::config::{Config, DataSettings, ServeSettings};
use contrat_de_ville::db::{Db, migrate};
use contrat_de_ville::{clients, demo};

mod client;
mod sweep;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The shared ledger of a French contrat de ville: calls for projects, co-funding decisions, evaluations, open data.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve(ServeSettings),
    /// Load the demonstration set, unless it is there already, and serve it
    Demo(ServeSettings),
    /// Bring the database up to date, and say what was done
    Migrate(DataSettings),
    /// Print the OpenAPI document
    Openapi {
        #[arg(long, value_enum, default_value = "json")]
        format: DocumentFormat,
    },
    /// Make, list or revoke the clients that may ask for tokens
    #[command(subcommand)]
    Client(client::Command),
    /// List or remove stored files that the database does not record
    #[command(subcommand)]
    Files(sweep::Command),
}

#[derive(Clone, Copy, ValueEnum)]
enum DocumentFormat {
    Json,
    Yaml,
}

#[actix_web::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info,actix_server=warn"))
        .init();
    let done = match cli.command {
        Command::Serve(settings) => serve(&settings).await,
        Command::Demo(settings) => serve_demo(&settings).await,
        Command::Migrate(settings) => run_migrations(&settings),
        Command::Openapi { format } => print_openapi(format),
        Command::Client(command) => client::run(command).await,
        Command::Files(command) => sweep::run(command).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refused(sentence)) => {
            eprintln!("contrat-de-ville: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(settings: &ServeSettings) -> Result<(), Refused> {
    let config = settings.check()?;
    let shared = app::open(&config).await?;
    if shared.db.read(clients::list).await?.is_empty() {
        println!(
            "There is no client yet. Make the first one with: contrat-de-ville client create --role administrator --name NAME"
        );
    }
    app::serve(&config, shared).await
}

async fn serve_demo(settings: &ServeSettings) -> Result<(), Refused> {
    let config = settings.check()?;
    let shared = app::open(&config).await?;
    let loaded =
        demo::ensure(&shared.db, &shared.clock, &config.data_dir, |step| println!("Loading {step}")).await?;
    println!(
        "{}",
        if loaded { "The demonstration set is loaded." } else { "The demonstration set is there already." }
    );
    print_hints(&config, &shared.db).await?;
    app::serve(&config, shared).await
}

/// What to try first, ready to be pasted.
async fn print_hints(config: &Config, db: &Db) -> Result<(), Refused> {
    let clients = demo::read_clients(&config.data_dir).unwrap_or_else(|cause| {
        println!("The demonstration's clients are not known here: {cause}");
        Vec::new()
    });
    let caf = clients
        .iter()
        .find(|client| client.name.contains("Caf"))
        .and_then(|caf| Some((caf, caf.co_funder_id?)));
    let url = &config.public_url;
    println!("\nDocumentation  {url}/docs/");
    println!("Contract       {url}/openapi.json");
    println!("Clients        {}", demo::clients_file(&config.data_dir).display());
    println!("\nTry:\n");
    println!("curl -s '{url}/v1/open-data/funded-projects/summary?groupBy=year'\n");
    let Some((caf, co_funder)) = caf else { return Ok(()) };
    println!(
        "TOKEN=$(curl -s -u '{}:{}' -d grant_type=client_credentials {url}/oauth/token | sed 's/.*access_token\":\"\\([^\"]*\\).*/\\1/')\n",
        caf.client_id, caf.client_secret
    );
    let Some(application) = demo::undecided(db, co_funder).await? else { return Ok(()) };
    println!(
        "curl -si -X PUT -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n  \
         -d '{{\"firmness\":\"voted\",\"granted\":{{\"amount\":\"4000.00\",\"currency\":\"EUR\"}},\"credits\":\"mainstream\",\"actReference\":\"CA-2023-099\",\"actDate\":\"2023-05-10\"}}' \\\n  \
         {url}/v1/applications/{application}/decisions/{co_funder}\n"
    );
    Ok(())
}

fn run_migrations(settings: &DataSettings) -> Result<(), Refused> {
    let ran = migrate(&mut settings.open()?.open()?)?;
    for migration in &ran {
        println!("{migration}");
    }
    println!("The database is up to date: {} migrations ran.", ran.len());
    Ok(())
}

fn print_openapi(format: DocumentFormat) -> Result<(), Refused> {
    let document = app::openapi()?;
    match format {
        DocumentFormat::Json => print!("{}", app::json(&document)?),
        DocumentFormat::Yaml => print!("{}", app::yaml(&document)?),
    }
    Ok(())
}
