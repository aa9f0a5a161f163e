//! Writes the captures of the simulated hospital: `cargo run -p wardwatch-hospital -- first-light OUT.pcap`, or
//! `… -- morning OUT.pcapng [SEED]`, which writes the truth beside it.

use std::{env, fs, io, path::Path, process::ExitCode};
use wardwatch_hospital::{first_light, morning};

#[allow(clippy::print_stderr, reason = "a tool that tells its caller what went wrong")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (out, written) = match arguments[..] {
        ["first-light", out] => (out, fs::write(out, first_light::pcap())),
        ["morning", out] => (out, write_morning(out, morning::SEED)),
        ["morning", out, seed] => match seed.parse() {
            Ok(seed) => (out, write_morning(out, seed)),
            Err(error) => {
                eprintln!("{seed} is no seed: {error}");
                return ExitCode::from(2);
            }
        },
        _ => {
            eprintln!("usage: wardwatch-hospital first-light OUT.pcap | morning OUT.pcapng [SEED]");
            return ExitCode::from(2);
        }
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{out}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The capture, and its truth as `.truth.json`.
fn write_morning(out: &str, seed: u64) -> io::Result<()> {
    let morning = morning::morning(seed);
    fs::write(out, morning::pcapng(&morning.packets))?;
    fs::write(Path::new(out).with_extension("truth.json"), morning::json(&morning.truth))
}
