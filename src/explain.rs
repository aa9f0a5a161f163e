//! `wardwatch explain`: the closed lists, from the code that uses them.

use crate::{DONE, FAILED, cli::Explain};
use std::io::{self, Write};
use wardwatch_agent::{LOSS_REASONS, protocol::Protocol};
use wardwatch_model::{
    Attribute, Source,
    analysis::{Role, SoftwareRole},
};

pub(crate) fn run(options: &Explain) -> u8 {
    if options.lists && lists(&mut io::stdout().lock()).is_err() {
        return FAILED;
    }
    DONE
}

fn lists(out: &mut impl Write) -> io::Result<()> {
    let lists: [(&str, Vec<&str>); 6] = [
        ("protocols", Protocol::ALL.iter().map(|item| item.name()).collect()),
        ("roles", Role::ALL.iter().map(|item| item.name()).collect()),
        ("software roles", SoftwareRole::ALL.iter().map(|item| item.name()).collect()),
        ("attributes", Attribute::ALL.iter().map(|item| item.name()).collect()),
        ("sources", Source::ALL.iter().map(|item| item.name()).collect()),
        ("loss reasons", LOSS_REASONS.to_vec()),
    ];
    for (name, items) in lists {
        writeln!(out, "{name}:")?;
        for item in items {
            writeln!(out, "  {item}")?;
        }
    }
    Ok(())
}
