//! The command line of Wardwatch.

mod analyze;
mod cli;
mod clock;
mod explain;
mod logging;
mod progress;

use clap::Parser;
use std::process::ExitCode;

/// Done; failed while running; wrong usage or configuration.
const DONE: u8 = 0;
const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    // Wrong flags end here, with a hint and exit code 2.
    let cli = cli::Cli::parse();
    logging::start(&cli.logging);
    ExitCode::from(match cli.command {
        cli::Command::Analyze(options) => analyze::run(&options),
        cli::Command::Explain(options) => explain::run(&options),
    })
}
