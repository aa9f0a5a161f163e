//! Every metric family, in one table: what is exported, and what docs/metrics.md says.

use super::family::{Family, Kind, Stability};

/// Declares families, and the list of all of a page.
macro_rules! families {
    ($(#[$doc:meta])* $page:ident: $($item:ident = $kind:ident $stability:ident $name:literal [$($label:literal),*] $help:literal,)*) => {
        $(pub(super) const $item: Family = Family {
            name: $name,
            kind: Kind::$kind,
            labels: &[$($label),*],
            help: $help,
            stability: Stability::$stability,
        };)*

        $(#[$doc])*
        pub const $page: &[Family] = &[$($item),*];
    };
}

families! {
    /// Families of `/metrics` about the fleet and the collector.
    FLEET:
    BUILD_INFO = Gauge Stable "wardwatch_build_info" ["version", "revision", "rustversion"]
        "Build metadata; always 1.",
    RELOAD_SUCCESSFUL = Gauge Stable "wardwatch_config_last_reload_successful" []
        "Whether the last load of the configuration succeeded.",
    RELOAD_TIMESTAMP = Gauge Stable "wardwatch_config_last_reload_success_timestamp_seconds" []
        "Time of the last successful load of the configuration.",
    DEVICES = Gauge Stable "wardwatch_devices" ["site", "device_class", "state"]
        "Devices known. active: seen within 24 hours of the latest packet; idle: within 30 days; retired: not since.",
    SUPPORT_DEVICES = Gauge Stable "wardwatch_support_devices" ["site", "device_class", "support"]
        "Devices by vendor support: supported, ending, ended, or unknown.",
    IDENTIFICATION_DEVICES = Gauge Stable "wardwatch_identification_devices" ["site", "confidence"]
        "Devices by confidence of identification: high from 0.8, medium from 0.5, low above 0, else none.",
    VISIBILITY_DEVICES = Gauge Stable "wardwatch_visibility_devices" ["site", "score"]
        "Devices by how much is known of them, 0 to 100: of a device see wardwatch_device_visibility_score.",
    FINDINGS = Gauge Stable "wardwatch_findings" ["site", "kind", "severity"]
        "Open findings.",
    FINDINGS_OPENED = Counter Stable "wardwatch_findings_opened_total" ["kind", "severity"]
        "Findings opened.",
    FINDINGS_RESOLVED = Counter Stable "wardwatch_findings_resolved_total" ["kind", "severity"]
        "Findings resolved.",
    FINDINGS_OLDEST = Gauge Stable "wardwatch_findings_oldest_open_timestamp_seconds" ["severity"]
        "Opening time of the oldest open finding, packet time.",
    DISCOVERED = Counter Stable "wardwatch_devices_discovered_total" ["site"]
        "Devices seen for the first time. Those that turned out to be one are made up for by the next.",
    CATALOGUE_INFO = Gauge Stable "wardwatch_catalogue_info" ["catalogue", "version"]
        "Loaded reference data; always 1.",
    CATALOGUE_ENTRIES = Gauge Stable "wardwatch_catalogue_entries" ["catalogue"]
        "Entries in reference data; own: the hospital's own rules (catalogue.dirs).",
    AGENTS = Gauge Stable "wardwatch_agents" []
        "Agents that have reported.",
    REPORTS = Counter Stable "wardwatch_ingest_reports_total" []
        "Agent reports accepted.",
    REJECTED = Counter Stable "wardwatch_ingest_rejected_total" ["reason"]
        "Agent reports refused.",
    LAST_REPORT = Gauge Stable "wardwatch_ingest_last_report_timestamp_seconds" []
        "Time of the latest accepted report, wall clock.",
    STORE_BYTES = Gauge Stable "wardwatch_store_bytes" []
        "Size of the store on disk.",
    STORE_DEVICES = Gauge Stable "wardwatch_store_devices" []
        "Devices in the store.",
    STORE_DEVICES_LIMIT = Gauge Stable "wardwatch_store_devices_limit" []
        "Devices that the store may hold.",
    STORE_WRITE_FAILURES = Counter Stable "wardwatch_store_write_failures_total" []
        "Failed writes to the store.",
    STORE_FAILING = Gauge Experimental "wardwatch_store_failing" []
        "Whether the last write to the store failed: what agents report since is not taken, and comes again.",
    STORE_REBUILT = Gauge Experimental "wardwatch_store_rebuilt" []
        "Whether the store was damaged when the process opened it, and made anew from a snapshot.",
    STORE_UNREADABLE = Gauge Experimental "wardwatch_store_unreadable_records" []
        "Records of the store that could not be understood when it was read.",
    STORE_SNAPSHOTS = Counter Experimental "wardwatch_store_snapshots_total" []
        "Snapshots of the store written by the process.",
    STORE_EVICTIONS = Counter Stable "wardwatch_store_evictions_total" ["reason"]
        "What was removed from the store: limit, devices to make room; retention, devices too long silent; findings, findings to make room.",
    EXPOSITION_SERIES = Gauge Stable "wardwatch_exposition_series" ["endpoint"]
        "Series in the latest answer of a metrics endpoint.",
    EXPOSITION_LIMIT = Gauge Stable "wardwatch_exposition_series_limit" ["endpoint"]
        "Most series an endpoint gives.",
    EXPOSITION_TRUNCATED = Gauge Stable "wardwatch_exposition_truncated" ["endpoint"]
        "Whether the latest answer of an endpoint left series out.",
    EVALUATION = Histogram Stable "wardwatch_evaluation_duration_seconds" []
        "Duration of one evaluation of everything known.",
    HTTP_REQUESTS = Counter Stable "wardwatch_http_requests_total" ["handler", "code"]
        "HTTP requests answered.",
    HTTP_DURATION = Histogram Stable "wardwatch_http_request_duration_seconds" ["handler"]
        "Time to answer HTTP requests.",
    SANDBOX = Gauge Experimental "wardwatch_sandbox_restriction" ["restriction"]
        "Whether the process is restricted by a means of the kernel: capabilities, no_new_privs, landlock_files, landlock_network, seccomp; docs/sandbox.md.",
    PROCESS_CPU = Counter Stable "process_cpu_seconds_total" []
        "User and system CPU time of the process.",
    PROCESS_MEMORY = Gauge Stable "process_resident_memory_bytes" []
        "Resident memory of the process.",
    PROCESS_FDS = Gauge Stable "process_open_fds" []
        "Open file descriptors of the process.",
    PROCESS_START = Gauge Stable "process_start_time_seconds" []
        "Start time of the process since the Unix epoch.",
}

families! {
    /// Families about agents: of `/metrics` where agent and collector are one process, of `/metrics/agents` with the labels
    /// `agent` and `site` in front.
    AGENT:
    AGENT_INFO = Gauge Stable "wardwatch_agent_info" ["version", "os", "capture_method"]
        "Build and capture method of an agent; always 1.",
    CAPTURE_UP = Gauge Stable "wardwatch_agent_capture_up" ["interface"]
        "Whether an interface delivers packets.",
    PACKETS_RECEIVED = Counter Stable "wardwatch_agent_packets_received_total" ["interface"]
        "Frames received.",
    BYTES_RECEIVED = Counter Stable "wardwatch_agent_bytes_received_total" ["interface"]
        "Bytes received, as on the wire.",
    PACKETS_DROPPED = Counter Stable "wardwatch_agent_packets_dropped_total" ["interface", "reason"]
        "Frames lost before they were read. A reason about which nothing can be known is absent, and is not 0.",
    DROPS_KNOWN = Gauge Experimental "wardwatch_agent_packets_dropped_known" ["interface", "reason"]
        "Whether frames lost for a reason can be counted; 0 where wardwatch_agent_packets_dropped_total is absent.",
    CAPTURE_FREEZES = Counter Experimental "wardwatch_agent_capture_freezes_total" ["interface"]
        "Times the buffer that the kernel fills was full; the frames lost meanwhile are dropped for the reason kernel. Absent where it is not known.",
    PACKETS_TRANSMITTED = Counter Stable "wardwatch_agent_packets_transmitted_total" ["interface"]
        "Frames that a monitored interface sent, whoever sent them; a mirror port stays at 0. Absent where it is not known.",
    MAY_TRANSMIT = Gauge Experimental "wardwatch_agent_interface_may_transmit" ["interface", "reason"]
        "Whether the machine might send frames on a monitored interface, by reason; docs/doctor.md says what to type. Absent where it is not known.",
    WORKER_PACKETS_RECEIVED = Counter Experimental "wardwatch_agent_worker_packets_received_total" ["interface", "worker"]
        "Frames of an interface that a worker took, by its number.",
    WORKER_PACKETS_DROPPED = Counter Experimental "wardwatch_agent_worker_packets_dropped_total" ["interface", "worker"]
        "Frames lost because the share of a worker in the buffer that the kernel fills was full. Absent where it is not known.",
    WORKER_CONDITIONS = Counter Experimental "wardwatch_agent_worker_conditions_total" ["interface", "worker", "condition"]
        "Frames of an interface by what tells how well it is captured, for each worker: truncated, undecodable, duplicate, offloaded, without checksum.",
    STREAM_GAP_BYTES = Counter Stable "wardwatch_agent_stream_gap_bytes_total" []
        "Bytes of connections that never came.",
    MESSAGES = Counter Stable "wardwatch_agent_messages_total" ["protocol"]
        "Messages, as each protocol counts them.",
    PARSE_FAILURES = Counter Stable "wardwatch_agent_parse_failures_total" ["protocol", "reason"]
        "Times a parser met what its standard does not allow; reason other where reasons are not told apart.",
    FLOWS = Gauge Stable "wardwatch_agent_flows" []
        "Flows followed now.",
    FLOWS_LIMIT = Gauge Stable "wardwatch_agent_flows_limit" []
        "Flows that can be followed at once.",
    FLOW_EVICTIONS = Counter Stable "wardwatch_agent_flow_evictions_total" ["reason"]
        "Flows given up: limit, to make room for others; memory, to free memory of reassembly.",
    LAST_PACKET = Gauge Stable "wardwatch_agent_last_packet_timestamp_seconds" ["interface"]
        "Time of the latest frame, packet time.",
    CAPTURE_LOSSES = Counter Experimental "wardwatch_agent_capture_losses_total" ["reason"]
        "Frames, bytes or facts lost to us after capture, by loss reason; docs/loss.md says what each counts.",
    CAPTURE_CONDITIONS = Counter Experimental "wardwatch_agent_capture_conditions_total" ["condition"]
        "Packets, segments or connections by which nothing is lost but which tell how well the capture sees; docs/loss.md says what each counts.",
    STREAM_BYTES = Counter Experimental "wardwatch_agent_stream_bytes_total" []
        "Payload bytes of TCP connections, each once.",
    CAPTURE_LOSS = Gauge Experimental "wardwatch_agent_capture_loss_ratio" []
        "What part of the bytes of TCP connections the capture lost, as far as the holes in them tell; absent before there are any.",
}

families! {
    /// Families only of `/metrics/agents`, with the labels `agent` and `site` in front.
    RELAY:
    AGENT_LAST_REPORT = Gauge Stable "wardwatch_agent_last_report_timestamp_seconds" []
        "Time of the latest report of an agent, wall clock of the collector.",
}

families! {
    /// Families of `/metrics/devices`.
    DEVICE:
    DEVICE_INFO = Gauge Stable "wardwatch_device_info" ["device", "device_class", "manufacturer", "model", "site", "segment"]
        "Identity of a device, empty where unknown; always 1.",
    DEVICE_SOFTWARE = Gauge Stable "wardwatch_device_software_info" ["device", "component", "name", "version"]
        "Software of a device, at most 4; always 1.",
    DEVICE_FIRST_SEEN = Gauge Stable "wardwatch_device_first_seen_timestamp_seconds" ["device"]
        "First sight of a device, packet time.",
    DEVICE_LAST_SEEN = Gauge Stable "wardwatch_device_last_seen_timestamp_seconds" ["device"]
        "Latest sight of a device, packet time.",
    DEVICE_SUPPORT_END = Gauge Stable "wardwatch_device_support_end_timestamp_seconds" ["device", "component"]
        "Last day of vendor support of an application, a component or the os; only where a date is known.",
    DEVICE_FINDINGS = Gauge Stable "wardwatch_device_findings" ["device", "severity"]
        "Open findings of a device; only where there are any.",
    DEVICE_CONFIDENCE = Gauge Stable "wardwatch_device_confidence_ratio" ["device"]
        "Confidence of identification, 0 to 1: that in the model, or half of that in maker or class where none is known.",
    DEVICE_VISIBILITY = Gauge Stable "wardwatch_device_visibility_score" ["device"]
        "How much is known of a device, 0 to 100: maker, model and class 20 each, serial number, software version, os and location 10 each.",
}
