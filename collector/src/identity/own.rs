//! What hosts say of themselves in words that are theirs alone, and what the catalogue makes of those words.

use super::{Premise, Workshop};
use crate::knowledge::Fingerprint;
use std::{rc::Rc, sync::Arc};
use wardwatch_model::{
    Attribute, Description, DeviceText, Seen, Source,
    analysis::{Role, Software, SoftwareRole},
};

/// How sure the words are that a host says of itself in this way; none where they may be about others.
///
/// What answers only to who asks, or is set by hand, is less sure than what a device tells of its own making.
pub(super) const fn confidence(source: Source) -> Option<f64> {
    match source {
        Source::Snmp
        | Source::Lldp
        | Source::Cdp
        | Source::Ntp
        | Source::Bacnet
        | Source::Modbus
        | Source::Dpws
        | Source::Intellivue => Some(0.95),
        Source::Smb
        | Source::Ntlm
        | Source::Ssh
        | Source::Tls
        | Source::Mdns
        | Source::Ssdp
        | Source::WsDiscovery
        | Source::Rdp
        | Source::Vnc => Some(0.9),
        // A proxy tells what it passes on, and certificates are handed on with what they were made for.
        Source::Http
        | Source::TlsCertificate
        | Source::Nbns
        | Source::Browser
        | Source::Ftp
        | Source::Sip
        | Source::Smtp
        | Source::Telnet => Some(0.85),
        // Anyone on the link may answer for any name, which is how names are stolen.
        Source::Llmnr => Some(0.6),
        // Others say it, and behind one address there may be many names.
        Source::TlsServerName => Some(0.5),
        _ => None,
    }
}

/// Adds a host's words, and what they lead to.
pub(super) fn words(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen, sure: f64) {
    for (attribute, value) in &description.attributes {
        learn(workshop, index, (*attribute, value), (description.source, sure), seen);
    }
}

/// Adds words about a device, and what the catalogue makes of them.
pub(super) fn learn(
    workshop: &mut Workshop<'_>,
    index: usize,
    (attribute, value): (Attribute, &DeviceText),
    (source, sure): (Source, f64),
    seen: &Seen,
) {
    let shown = workshop.shown(attribute, value);
    if let Some(draft) = workshop.draft(index) {
        draft.add(attribute, &shown, source, sure, seen);
        if let Some(role) = part(attribute) {
            draft.play(role, source, seen);
        }
    }
    if workshop.catalogue.reads(attribute) {
        let premise = || Premise::of(attribute, &shown, source);
        conclude(workshop, index, (attribute, value), premise, seen);
    }
}

/// The part that only whoever says such words plays.
const fn part(attribute: Attribute) -> Option<Role> {
    match attribute {
        Attribute::BacnetInstance => Some(Role::BacnetDevice),
        Attribute::NtpStratum => Some(Role::NtpServer),
        Attribute::RdpSecurity => Some(Role::RdpServer),
        Attribute::VncServerVersion => Some(Role::VncServer),
        _ => None,
    }
}

/// Adds what the catalogue makes of words.
fn conclude(
    workshop: &mut Workshop<'_>,
    index: usize,
    (attribute, value): (Attribute, &DeviceText),
    premise: impl Fn() -> Premise,
    seen: &Seen,
) {
    let catalogue = workshop.catalogue;
    let known = workshop.fingerprints.entry((attribute, value.clone()));
    let known = Rc::clone(known.or_insert_with(|| catalogue.fingerprints(attribute, value).into()));
    let Some(draft) = workshop.draft(index) else { return };
    let organisation = || draft.mac.and_then(|mac| catalogue.organisation(mac.0));
    let fits: Vec<&Fingerprint> = known.iter().filter(|known| known.fits_interface(organisation)).collect();
    for fingerprint in fits {
        let get = |wanted| fingerprint.asserts.iter().find_map(|(known, text)| (*known == wanted).then_some(text));
        if let Some(name) = get(Attribute::Software) {
            let version = get(Attribute::SoftwareVersion).cloned();
            let (name, role) = (Some(name.clone()), role(attribute));
            draft.software.insert(Software { name, version, role });
        }
        for (asserted, text) in &fingerprint.asserts {
            let text = match (*asserted, get(Attribute::Software), get(Attribute::SoftwareVersion)) {
                (Attribute::Software, Some(name), Some(version)) => DeviceText::new(&[name, " ", version].concat()),
                // The software's, not the device's.
                (Attribute::SoftwareVersion, Some(_), _) => None,
                _ => DeviceText::new(text),
            };
            if let Some(text) = text {
                let reason = || (Arc::clone(&fingerprint.origin), vec![premise()]);
                draft.conclude(*asserted, &text, fingerprint.confidence, seen, reason);
            }
        }
    }
}

/// What software is to a device that is known by words of this kind.
const fn role(attribute: Attribute) -> SoftwareRole {
    match attribute {
        Attribute::FtpServer
        | Attribute::HasshServer
        | Attribute::HttpServer
        | Attribute::NtpSoftware
        | Attribute::SmtpServer
        | Attribute::SshServer => SoftwareRole::Server,
        Attribute::Hassh | Attribute::HttpUserAgent | Attribute::SshClient => SoftwareRole::Client,
        _ => SoftwareRole::Application,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::{
        identity::{IdKey, resolve},
        knowledge::Catalogue,
    };
    use wardwatch_model::{
        Attribute, Description, DeviceClass, DeviceText, Facts, Mac, PacketTime, Place, Seen, Sighting, Source,
        Tunnels, Vlans,
        analysis::Device,
        config::{Config, Names},
    };

    /// The device of a host that says this.
    pub(in crate::identity) fn device(source: Source, said: &[(Attribute, &str)], hostnames: Names) -> Device {
        device_with(None, source, said, hostnames)
    }

    /// The same, with a MAC address.
    fn device_with(mac: Option<Mac>, source: Source, said: &[(Attribute, &str)], hostnames: Names) -> Device {
        let (ip, seen) = ("10.0.0.9".parse().unwrap(), Seen::once(PacketTime(3)));
        let mut report = Facts::default();
        let sighting = Sighting { seen, payload: true, claimed: false, routed: false };
        report.sightings.insert(Place { ip, tunnels: Tunnels::default(), mac, vlans: Vlans::default() }, sighting);
        let attributes = said.iter().map(|(attribute, value)| (*attribute, DeviceText::new(value).unwrap())).collect();
        let description = Description {
            speaker: ip,
            tunnels: Tunnels::default(),
            speaker_mac: mac,
            source,
            speaks_as: None,
            attributes,
        };
        report.descriptions.insert(description, seen);
        let config = Config { hostnames, ..Config::default() };
        let mut devices = resolve(&report, &config, &Catalogue::embedded().unwrap(), IdKey::of_site("test")).devices;
        assert_eq!(devices.len(), 1, "a host describes itself");
        devices.remove(0)
    }

    #[test]
    fn words_and_what_they_tell_are_evidence_of_two_sources() {
        let words = "Lexmark MS610dn version LW60.SB7.P628 kernel 3.0.0 All-N-1";
        let device = device(Source::Snmp, &[(Attribute::SystemDescription, words)], Names::Keep);
        let told = (device.manufacturer.as_deref(), device.model.as_deref(), device.class);
        assert_eq!(told, (Some("Lexmark"), Some("MS610dn"), DeviceClass::Printer));
        let sources: Vec<_> = device.evidence.iter().map(|evidence| (evidence.attribute, evidence.source)).collect();
        assert!(sources.contains(&(Attribute::SystemDescription, Source::Snmp)));
        assert!(sources.contains(&(Attribute::FirmwareVersion, Source::Catalogue)));
    }

    #[test]
    fn a_monitor_that_announces_itself_is_known_by_model_serial_number_and_class() {
        let said = [
            (Attribute::DeviceType, "69965"),
            (Attribute::Manufacturer, "Philips"),
            (Attribute::Model, "M8007A"),
            (Attribute::SerialNumber, "DE00000001"),
            (Attribute::SoftwareVersion, "G.01.78"),
        ];
        let device = device(Source::Intellivue, &said, Names::Keep);
        assert_eq!((device.manufacturer.as_deref(), device.model.as_deref()), (Some("Philips"), Some("M8007A")));
        assert_eq!((device.serial_number.as_deref(), device.class), (Some("DE00000001"), DeviceClass::BedsideMonitor));
        assert!(device.software.iter().any(|software| software.version.as_deref() == Some("G.01.78")));
    }

    #[test]
    fn a_build_of_windows_leads_to_its_releases() {
        let device = device(Source::Browser, &[(Attribute::OsBuild, "5.1")], Names::Keep);
        assert_eq!((device.os.name.as_deref(), device.os.version.as_deref()), (Some("Windows"), Some("5.1.2600")));
    }

    #[test]
    fn what_a_device_says_in_words_is_surer_than_the_number_of_a_maker() {
        let said = [
            (Attribute::EnterpriseNumber, "367"),
            (Attribute::SystemDescription, "Lexmark MS610dn version LW60.SB7.P628 kernel 3.0.0 All-N-1"),
        ];
        assert_eq!(device(Source::Snmp, &said, Names::Keep).manufacturer.as_deref(), Some("Lexmark"));
    }

    #[test]
    fn a_host_name_and_the_maker_of_the_interface_together_tell_what_a_device_is() {
        let class = |mac, name| device_with(mac, Source::Dhcp, &[(Attribute::Hostname, name)], Names::Keep).class;
        let (hp, other) = (Mac([0x00, 0x01, 0xe6, 1, 2, 3]), Mac([0x00, 0x09, 0xfb, 1, 2, 3]));
        assert_eq!(class(Some(hp), "NPI010203"), DeviceClass::Printer);
        for (mac, name) in [(Some(other), "NPI010203"), (None, "NPI010203"), (Some(hp), "nurse-station")] {
            assert_eq!(class(mac, name), DeviceClass::Unknown, "{mac:?} {name}");
        }
    }

    #[test]
    fn what_a_medical_device_calls_its_model_outranks_what_it_runs() {
        let said = [(Attribute::Model, "IntelliVue MX500 - 866064"), (Attribute::Service, "_ipp._tcp")];
        let device = device(Source::Mdns, &said, Names::Keep);
        assert_eq!((device.class, device.manufacturer.as_deref()), (DeviceClass::BedsideMonitor, Some("Philips")));
    }

    #[test]
    fn software_known_with_its_version_is_not_told_without_it_too() {
        let hassh = "ec9ea89c70f5fc71cf61061bff5e4740";
        let digest = "c6f5e6d54285a11b9f02fef7fc77bd6f";
        let versions = |said: &[(Attribute, &str)]| {
            let device = device(Source::Ssh, said, Names::Keep);
            device.software.into_iter().map(|software| software.version).collect::<Vec<_>>()
        };
        assert_eq!(versions(&[(Attribute::Hassh, hassh)]), [Some("7.4".to_owned())]);
        assert_eq!(versions(&[(Attribute::Hassh, digest)]), [None]);
        let both = [(Attribute::Hassh, digest), (Attribute::SshClient, "paramiko_2.0.0")];
        assert_eq!(versions(&both), [Some("2.0.0".to_owned())]);
    }

    #[test]
    fn names_are_hidden_where_the_configuration_says_so_and_what_they_stand_in_too() {
        let said = [
            (Attribute::Hostname, "pc-of-jones"),
            (Attribute::Domain, "jones"),
            (Attribute::CertificateSubject, "CN=pc-of-jones"),
            (Attribute::CertificateIssuer, "CN=pc-of-jones"),
            (Attribute::SystemDescription, "Linux pc-of-jones 4.19.0-21-amd64 #1 SMP"),
        ];
        let device = device(Source::Snmp, &said, Names::Hash);
        assert!(!format!("{device:?}").contains("jones"));
        assert_eq!(device.os.name.as_deref(), Some("Linux"), "and yet it is understood");
    }
}
