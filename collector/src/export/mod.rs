//! The document of an analysis as people and programs like to read it.

mod csv;
mod explanation;
mod imports;
mod json;
mod table;

use std::io::{self, Write};
use wardwatch_model::analysis::Analysis;

pub use csv::write_csv;
pub use explanation::write_explanation;
pub use imports::{write_imports_json, write_imports_table};
pub use table::write_table;

/// Writes the document as JSON on one line.
pub fn write_json(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    json::write(analysis, out)?;
    out.write_all(b"\n")
}

/// A list in one cell.
fn joined<T: ToString>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    let mut texts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    texts.dedup();
    texts.join(separator)
}
