//! `contrat-de-ville client …`: the clients that may ask for tokens.

use clap::{Args, Subcommand};
use contrat_de_ville::app::Refused;
use contrat_de_ville::auth::{Binding, Role, Scopes};
use contrat_de_ville::clients::{self, Client, NewClient};
use contrat_de_ville::config::DataSettings;
use contrat_de_ville::db::Db;
use contrat_de_ville::types::{ClientId, Clock, TextKind, normalize};

#[derive(Subcommand)]
pub enum Command {
    /// Make a client and print its secret, which is shown once
    Create(Create),
    /// List the clients, without their secrets
    List(DataSettings),
    /// Revoke a client: it gets no new token, and writes nothing more with those it has
    Revoke {
        #[command(flatten)]
        data: DataSettings,
        /// The client's id
        id: String,
    },
}

#[derive(Args)]
pub struct Create {
    #[command(flatten)]
    data: DataSettings,
    /// Whose system it is
    #[arg(long)]
    name: String,
    /// administrator, instructor, co-funder, applicant or council
    #[arg(long)]
    role: String,
    /// Fewer scopes than the role has, separated by spaces
    #[arg(long)]
    scopes: Option<String>,
    /// For a co-funder: the co-funder it acts for
    #[arg(long)]
    co_funder_id: Option<String>,
    /// For an applicant: the organisation it acts for
    #[arg(long)]
    organisation_id: Option<String>,
    /// For a council: the contract it follows; for an instructor: the only contract it works on
    #[arg(long)]
    contract_id: Option<String>,
}

pub async fn run(command: Command) -> Result<(), Refused> {
    match command {
        Command::Create(create) => make(&create).await,
        Command::List(data) => list(&data).await,
        Command::Revoke { data, id } => revoke(&data, &id).await,
    }
}

fn open(data: &DataSettings) -> Result<Db, Refused> {
    Ok(Db::open(data.open()?, 1)?)
}

fn parse<T: std::str::FromStr>(flag: &str, text: Option<&String>) -> Result<T, String> {
    let text = text.ok_or_else(|| format!("this role needs {flag}"))?;
    text.parse().map_err(|_| format!("{flag} must be an id, not {text}"))
}

impl Create {
    fn client(&self) -> Result<NewClient, String> {
        let role =
            Role::parse(&self.role).ok_or_else(|| format!("--role {} is not one of the roles", self.role))?;
        let given =
            [&self.co_funder_id, &self.organisation_id, &self.contract_id].into_iter().flatten().count();
        let binding = match role {
            Role::Instructor if self.contract_id.is_some() => {
                Binding::Instruction(parse("--contract-id", self.contract_id.as_ref())?)
            }
            Role::Administrator | Role::Instructor => Binding::Staff,
            Role::CoFunder => Binding::CoFunder(parse("--co-funder-id", self.co_funder_id.as_ref())?),
            Role::Applicant => {
                Binding::Organisation(parse("--organisation-id", self.organisation_id.as_ref())?)
            }
            Role::Council => Binding::Council(parse("--contract-id", self.contract_id.as_ref())?),
        };
        if given != usize::from(binding != Binding::Staff) {
            return Err(format!("a client of role {role} acts for exactly what its role says, nothing else"));
        }
        let scopes = self.scopes.as_deref().map(Scopes::parse).transpose();
        let scopes = scopes.map_err(|word| format!("--scopes: {word} is not a scope"))?;
        let name = normalize(&self.name);
        if name.is_empty() || TextKind::Line.first_forbidden(&name).is_some() {
            return Err("--name must be a line of visible text".to_owned());
        }
        Ok(NewClient { name, role, scopes, binding })
    }
}

async fn make(create: &Create) -> Result<(), Refused> {
    let (db, new) = (open(&create.data)?, create.client()?);
    let now = Clock::system().now();
    let (client, secret) = db
        .write(move |tx| {
            clients::check_binding(tx, new.binding)?;
            clients::create(tx, &new, now)
        })
        .await?;
    println!("client id      {}\nclient secret  {secret}\nscopes         {}", client.id, client.scopes);
    println!("The secret is not kept in readable form and cannot be shown again.");
    Ok(())
}

async fn list(data: &DataSettings) -> Result<(), Refused> {
    let bound = |client: &Client| {
        let co_funder = client.co_funder_id.map(|id| id.to_string());
        let organisation = client.organisation_id.map(|id| id.to_string());
        let contract = client.contract_id.map(|id| id.to_string());
        co_funder.or(organisation).or(contract).unwrap_or_else(|| "-".to_owned())
    };
    for client in open(data)?.read(clients::list).await? {
        let state = client.revoked_at.map_or_else(|| "active".to_owned(), |at| format!("revoked {at}"));
        println!("{}\t{}\t{}\t{state}\t{}", client.id, client.role, bound(&client), client.name);
    }
    Ok(())
}

async fn revoke(data: &DataSettings, id: &str) -> Result<(), Refused> {
    let client: ClientId = id.parse().map_err(|_| format!("{id} is not a client's id"))?;
    let now = Clock::system().now();
    let known = open(data)?.write(move |tx| clients::revoke(tx, client, now)).await?;
    if !known {
        return Err(Refused(format!("there is no active client {id}")));
    }
    println!("revoked {id}");
    Ok(())
}
