//! The command line: what is asked for, and where it is done.
//!
//! Every command works while the server runs: changes go through the same transactions and the same trail.

mod account;
mod open;
mod password;
mod serve;
mod token;
mod verify;

#[cfg(test)]
mod tests;

use std::{io::Write as _, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::{auth::setup_link, config::Settings};

/// EcOS Console: one place for container hosts, for those who run them and those who use them.
#[derive(Debug, Parser)]
#[command(name = "ecos", version, disable_help_subcommand = true)]
pub struct Cli {
    /// The settings file; else that of `ECOS_CONFIG`, else `./ecos.toml`, if it is there
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console (the default)
    Serve,
    /// Accounts, for whoever has a shell here
    #[command(subcommand)]
    Admin(Admin),
    /// API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// The trail
    #[command(subcommand)]
    Audit(Audit),
    /// Settings
    #[command(subcommand)]
    Config(Config),
    /// Print the API's description (OpenAPI)
    Openapi,
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Make a platform administrator
    Create(Account),
    /// Give an account a new password, end its sessions, and let it in again
    Reset(Account),
    /// Print a new one-time link for the first account; earlier ones end
    SetupLink,
}

#[derive(Debug, Args)]
struct Account {
    #[arg(long)]
    username: String,
    /// The password comes on standard input, where no list of processes shows it
    #[arg(long, required = true)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make an API token and print it, once, alone, on standard output
    Create {
        /// Whose token: it never may more than this person
        #[arg(long, value_name = "USERNAME")]
        user: String,
        #[arg(long)]
        name: String,
        /// A role that limits it (viewer, operator …)
        #[arg(long)]
        role: Option<String>,
        /// How long it holds: 90d, 12h
        #[arg(long, value_name = "TIME", value_parser = duration)]
        expires: Option<Duration>,
    },
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Check the trail, and name the first bad record
    Verify {
        /// Signed checkpoints kept elsewhere (else those in the data directory)
        #[arg(long, value_name = "FILE")]
        anchor: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum Config {
    /// Print what holds and where it came from, secrets hidden
    Show,
}

fn duration(text: &str) -> Result<Duration, String> {
    crate::config::parse_duration(text).ok_or_else(|| "write a time such as 90d, 12h or 30m".to_owned())
}

impl Cli {
    /// Does what is asked for.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(Command::Openapi) = self.command {
            return print(&format!("{}\n", serde_json::to_string_pretty(&crate::api::document())?));
        }
        let environment = || std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v.to_string_lossy().into_owned())));
        let file = self.config.as_deref();
        if let Some(Command::Config(Config::Show)) = self.command {
            return print(&Settings::show(file, environment())?);
        }
        let settings = Settings::load(file, environment())?;
        let command = match self.command {
            None | Some(Command::Serve) => return serve::run(settings).await.map(|()| ExitCode::SUCCESS),
            Some(command) => command,
        };
        open::log();
        match command {
            Command::Admin(Admin::Create(account)) => print(&account::create(settings, &account.username, password::read()?).await?),
            Command::Admin(Admin::Reset(account)) => print(&account::reset(settings, &account.username, password::read()?).await?),
            Command::Admin(Admin::SetupLink) => {
                let app = open::app(settings).await?;
                let link = setup_link::make(&app).await?;
                print(&format!(
                    "{}\n",
                    link.ok_or_else(|| anyhow::anyhow!("there is an account already: sign in, or use ecos admin reset"))?
                ))
            }
            Command::Token(TokenCommand::Create { user, name, role, expires }) => {
                print(&format!("{}\n", token::create(settings, &user, &name, role, expires).await?))
            }
            Command::Audit(Audit::Verify { anchor }) => {
                let verdict = verify::run(&settings, anchor.as_deref()).await?;
                print(&format!("{verdict}\n"))?;
                Ok(if verdict.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            Command::Serve | Command::Config(_) | Command::Openapi => unreachable!("done above"),
        }
    }
}

/// To standard output. Whoever reads may have gone away; that is no panic.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
