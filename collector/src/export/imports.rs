//! What became of imported files, for people and for programs.

use serde::Serialize;
use std::io::{self, Write};
use wardwatch_model::ImportReport;

/// Writes one document of the schema `wardwatch.imports/1`.
pub fn write_imports_json(reports: &[ImportReport], out: &mut impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        imports: &'a [ImportReport],
    }
    serde_json::to_writer(&mut *out, &Document { schema: "wardwatch.imports/1", imports: reports })?;
    writeln!(out)
}

/// Writes a few lines for each file.
pub fn write_imports_table(reports: &[ImportReport], out: &mut impl Write) -> io::Result<()> {
    for report in reports {
        let kind = report.source.import_kind().unwrap_or_default();
        writeln!(out, "Imported {} ({kind}, written {})", report.file, report.as_of)?;
        write!(out, "  {} lines, {} entries", report.lines, report.entries)?;
        if let (Some(matched), Some(unmatched)) = (report.matched, report.unmatched) {
            write!(out, ": {matched} matched, {unmatched} unmatched")?;
        }
        writeln!(out, "; {} skipped, {} refused", report.skipped, report.refused)?;
        for problem in &report.problems {
            writeln!(out, "  line {}: {}", problem.line, problem.reason)?;
        }
        if report.refused > report.problems.len() as u64 {
            writeln!(out, "  and {} more", report.refused - report.problems.len() as u64)?;
        }
        if !report.unmatched_lines.is_empty() {
            let lines: Vec<String> = report.unmatched_lines.iter().map(ToString::to_string).collect();
            let more = if report.unmatched > Some(lines.len() as u64) { " and more" } else { "" };
            writeln!(out, "  no device here for line {}{more}", lines.join(", "))?;
        }
    }
    Ok(())
}
