//! OpenMetrics 1.0 as text. The metrics crate writes only the older format.

use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};
use std::fmt::{self, Write};

/// Suffixes of names that are units.
const UNITS: [&str; 3] = ["seconds", "bytes", "ratio"];

/// Writes families, and that nothing more comes.
pub(super) fn write(families: &[MetricFamily], out: &mut String) -> fmt::Result {
    families.iter().try_for_each(|family| write_family(family, out))?;
    out.write_str("# EOF\n")
}

fn write_family(family: &MetricFamily, out: &mut String) -> fmt::Result {
    let kind = match family.get_field_type() {
        MetricType::COUNTER => "counter",
        MetricType::HISTOGRAM => "histogram",
        _ => "gauge",
    };
    // A counter is known by its name without the suffix of its samples.
    let name = if kind == "counter" { family.name().trim_end_matches("_total") } else { family.name() };
    writeln!(out, "# TYPE {name} {kind}")?;
    if let Some(unit) = UNITS.iter().find(|unit| name.ends_with(&format!("_{unit}"))) {
        writeln!(out, "# UNIT {name} {unit}")?;
    }
    writeln!(out, "# HELP {name} {}", Escaped(family.help()))?;
    for metric in family.get_metric() {
        match kind {
            "counter" => {
                let value = metric.get_counter().get_value();
                sample(out, &format!("{name}_total"), metric.get_label(), None, value)?;
            }
            "histogram" => histogram(out, name, metric)?,
            _ => sample(out, name, metric.get_label(), None, metric.get_gauge().get_value())?,
        }
    }
    Ok(())
}

fn histogram(out: &mut String, name: &str, metric: &Metric) -> fmt::Result {
    let (histogram, labels) = (metric.get_histogram(), metric.get_label());
    let bucket = format!("{name}_bucket");
    for step in histogram.get_bucket() {
        let bound = format!("{:?}", step.upper_bound());
        sample(out, &bucket, labels, Some(&bound), step.cumulative_count() as f64)?;
    }
    sample(out, &bucket, labels, Some("+Inf"), histogram.get_sample_count() as f64)?;
    sample(out, &format!("{name}_count"), labels, None, histogram.get_sample_count() as f64)?;
    sample(out, &format!("{name}_sum"), labels, None, histogram.get_sample_sum())
}

fn sample(out: &mut String, name: &str, labels: &[LabelPair], le: Option<&str>, value: f64) -> fmt::Result {
    out.write_str(name)?;
    let pairs = labels.iter().map(|pair| (pair.name(), pair.value())).chain(le.map(|bound| ("le", bound)));
    let mut before = '{';
    for (label, value) in pairs {
        write!(out, "{before}{label}=\"{}\"", Escaped(value))?;
        before = ',';
    }
    if before == ',' {
        out.write_char('}')?;
    }
    writeln!(out, " {value}")
}

/// Text between quotes, or a HELP text.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '\\' => f.write_str("\\\\"),
            '"' => f.write_str("\\\""),
            '\n' => f.write_str("\\n"),
            c => f.write_char(c),
        })
    }
}
