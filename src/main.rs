//! The command line of Wardwatch.

mod analyze;
mod catalogue;
mod cli;
mod clock;
mod config;
mod doctor;
mod explain;
mod huge_pages;
mod import;
mod logging;
mod progress;
mod sandbox;
mod setup;
mod watch;

use clap::{CommandFactory, Parser};
use std::process::ExitCode;
use wardwatch_collector::store::probe_main;

/// Done; failed while running; wrong usage or configuration.
const DONE: u8 = 0;
const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    if let Some(home) = watch::store_to_probe(std::env::args_os()) {
        return ExitCode::from(probe_main(&home));
    }
    // Wrong flags end here, with a hint and exit code 2.
    let cli = cli::Cli::parse();
    logging::start(&cli.logging);
    if matches!(cli.command, cli::Command::Analyze(_) | cli::Command::Watch(_)) {
        huge_pages::ask();
    }
    ExitCode::from(match cli.command {
        cli::Command::Analyze(options) => analyze::run(&options),
        cli::Command::Watch(options) => watch::run(&options),
        cli::Command::Doctor(options) => doctor::run(&options),
        cli::Command::Explain(options) => explain::run(&options),
        cli::Command::Import(options) => import::run(&options),
        cli::Command::CheckConfig { file } => config::check(&file),
        cli::Command::CheckCatalogue { paths } => catalogue::check(&paths),
        cli::Command::PrintConfig { config_file } => config::print_effective(config_file.as_deref()),
        cli::Command::Completions { shell } => completions(shell),
    })
}

fn completions(shell: clap_complete::Shell) -> u8 {
    clap_complete::generate(shell, &mut cli::Cli::command(), "wardwatch", &mut std::io::stdout());
    DONE
}
