//! docs/metrics.md, from the table of families.

use super::{AGENT, DEVICE, FLEET, Family, RELAY};
use std::fmt::Write;

const HEAD: &str = "# Metrics

Made from the table of families in `collector/src/metrics/table.rs`; a test holds this page to it.

| endpoint | what | scrape |
|---|---|---|
| `/metrics` | the fleet, the collector's own health, and the agent in the same process; bounded | 30 s |
| `/metrics/agents` | agents, with the labels `agent` and `site` in front; scrape the agents' families here or at `/metrics`, not both | 30 s |
| `/metrics/devices` | every device, up to 1,000,000 series; `?site=`, `?collect[]=info\\|software\\|seen\\|support\\|findings\\|confidence` | 2 to 5 min |

All speak the Prometheus text format 0.0.4 and OpenMetrics 1.0.0, by `Accept`, and gzip. Closed sets of labels are there
from the start, at 0, so that a rule sees the first increase. Addresses, names, serial numbers and peers are never labels.
Label values have at most 128 characters. *stable*: name, labels and meaning stay, and removal is announced two minor
versions before; *experimental*: may change.

To add what a device is to a series about it:

```promql
X * on (device) group_left (device_class, manufacturer, model, site)
  max by (device, device_class, manufacturer, model, site) (wardwatch_device_info)
```
";

/// The page.
#[must_use]
pub fn markdown() -> String {
    let mut page = HEAD.to_owned();
    let sections: [(&str, &[Family]); 4] = [
        ("`/metrics`: fleet and collector", FLEET),
        ("`/metrics` and `/metrics/agents`: agents", AGENT),
        ("`/metrics/agents` only", RELAY),
        ("`/metrics/devices`", DEVICE),
    ];
    for (title, families) in sections {
        let _ = write!(page, "\n## {title}\n\n| name | type | labels | stability | meaning |\n|---|---|---|---|---|\n");
        for family in families {
            let _ = writeln!(page, "{}", row(family));
        }
    }
    page
}

fn row(family: &Family) -> String {
    let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
    let (name, kind, stability) = (family.name, family.kind.name(), family.stability.name());
    format!("| `{name}` | {kind} | {} | {stability} | {} |", labels.join(", "), family.help)
}
