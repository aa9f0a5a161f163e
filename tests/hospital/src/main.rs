//! Writes the captures of the simulated hospital: `cargo run -p wardwatch-hospital -- first-light OUT.pcap`.

use std::{env, fs, process::ExitCode};
use wardwatch_hospital::first_light;

#[allow(clippy::print_stderr, reason = "a tool that tells its caller what went wrong")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [scenario, out] = arguments[..] else {
        eprintln!("usage: wardwatch-hospital first-light OUT.pcap");
        return ExitCode::from(2);
    };
    let file = match scenario {
        "first-light" => first_light::pcap(),
        _ => {
            eprintln!("{scenario}: there is no such scenario; there is: first-light");
            return ExitCode::from(2);
        }
    };
    match fs::write(out, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{out}: {error}");
            ExitCode::FAILURE
        }
    }
}
