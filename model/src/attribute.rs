//! The closed lists of what can be said about a device and of who said it.

/// Makes an enum whose variants have a fixed wire name and a meaning, with `ALL`, `name()` and `meaning()`.
macro_rules! closed_list {
    ($(#[$doc:meta])* $list:ident { $($(#[doc = $meaning:literal])+ $item:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list { $($(#[doc = $meaning])+ $item,)* }

        impl $list {
            /// Every item, in order.
            pub const ALL: &'static [Self] = &[$(Self::$item,)*];

            /// The name in documents, metrics and configuration.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$item => $name,)* }
            }

            /// What it means, in a line.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$item => concat!($($meaning),+).trim_ascii(),)* }
            }
        }

        impl<'de> serde::Deserialize<'de> for $list {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                let known = Self::ALL.iter().find(|item| item.name() == name);
                known.copied().ok_or_else(|| {
                    serde::de::Error::custom(concat!("not an item of the closed list ", stringify!($list)))
                })
            }
        }

        impl serde::Serialize for $list {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}
pub(crate) use closed_list;

closed_list! {
    /// What an observation says about a device. There is no item that could hold patient data: reference of the
    /// allow-lists in docs/privacy.md.
    Attribute {
        /// DICOM application entity title the device answers to or calls with (PS3.8 9.3.2).
        AeTitle = "ae_title",
        /// Application protocols that a TLS client offers, in its order, or the one that a server chose (RFC 7301).
        Alpn = "alpn",
        /// Inventory number that its owner gave it (LLDP-MED asset id).
        AssetId = "asset_id",
        /// Who sends results, in words of its maker: name, model, version, serial number in the maker's order (LIS2-A2 6.5).
        AstmSender = "astm_sender",
        /// Number of a BACnet device in its network (ASHRAE 135 12.11).
        BacnetInstance = "bacnet_instance",
        /// Maker of a BACnet device, by the number that ASHRAE gave (ASHRAE 135 23.1).
        BacnetVendorId = "bacnet_vendor_id",
        /// Date of last calibration (0018,1200).
        CalibrationDate = "calibration_date",
        /// What it does in the network, as it says: bridge, router, telephone (IEEE 802.1AB 8.5.8).
        Capability = "capability",
        /// Cassette identifier (0018,1007).
        CassetteId = "cassette_id",
        /// Who vouches for a server's certificate (RFC 5280 4.1.2.4).
        CertificateIssuer = "certificate_issuer",
        /// Kind and size of the key in a server's certificate: RSA 2048, EC P-256.
        CertificateKey = "certificate_key",
        /// Algorithm that a server's certificate is signed with (RFC 5280 4.1.1.2).
        CertificateSignature = "certificate_signature",
        /// Whom a server's certificate names: organisation and machine, never a person (RFC 5280 4.1.2.6).
        CertificateSubject = "certificate_subject",
        /// Time from which a server's certificate is valid (RFC 5280 4.1.2.5).
        CertificateValidFrom = "certificate_valid_from",
        /// Time until which a server's certificate is valid (RFC 5280 4.1.2.5).
        CertificateValidUntil = "certificate_valid_until",
        /// Kind of device that the evidence leads to.
        Class = "class",
        /// Detector identifier (0018,700A) or (0018,9371).
        DetectorId = "detector_id",
        /// What the device calls itself: station name (0008,1010), HL7 equipment identifier.
        DeviceName = "device_name",
        /// Code of the kind of device, such as MDC_DEV_PUMP_INFUS_MDS (IEEE 11073-10101).
        DeviceType = "device_type",
        /// Device UID (0018,1002) or device identifier (0018,1003).
        DeviceUid = "device_uid",
        /// Kind of the identifier of a DHCPv6 client, and the hardware address or the enterprise in it (RFC 8415 11).
        DhcpIdentifier = "dhcp_identifier",
        /// Parameters a DHCP client asks for, in its order: 1,15,3,6 (option 55, RFC 2132 9.8).
        DhcpParameterList = "dhcp_parameter_list",
        /// Vendor class of a DHCP client (option 60, RFC 2132 9.13; option 16, RFC 8415 21.16).
        DhcpVendorClass = "dhcp_vendor_class",
        /// Options a DHCPv6 client asks for, in its order: 24,23,17,39 (option 6, RFC 8415 21.7).
        Dhcpv6OptionList = "dhcpv6_option_list",
        /// Windows domain or workgroup that the computer belongs to.
        Domain = "domain",
        /// Who defined what it runs, by the number that IANA gave: 9 is Cisco (SNMP sysObjectID, engine id).
        EnterpriseNumber = "enterprise_number",
        /// 64-bit extended unique identifier (IEEE EUI-64) as sixteen hexadecimal digits.
        Eui64 = "eui64",
        /// Date after which the device must not be used (PRT-18).
        ExpiryDate = "expiry_date",
        /// Version of the device's firmware (MDC_ID_PROD_SPEC_FW).
        FirmwareVersion = "firmware_version",
        /// Greeting of an FTP server, its first line (RFC 959 4.2).
        FtpServer = "ftp_server",
        /// Gantry identifier (0018,1008).
        GantryId = "gantry_id",
        /// Generator identifier (0018,1005).
        GeneratorId = "generator_id",
        /// Code of the kind of device in the Global Medical Device Nomenclature.
        Gmdn = "gmdn",
        /// Version of the device's hardware (MDC_ID_PROD_SPEC_HW).
        HardwareVersion = "hardware_version",
        /// HASSH of an SSH client: digest of the algorithms it offers.
        Hassh = "hassh",
        /// HASSH of an SSH server: digest of the algorithms it offers.
        HasshServer = "hassh_server",
        /// HL7 application and facility, `APP^FACILITY` (MSH-3, MSH-4).
        Hl7Application = "hl7_application",
        /// Name of the computer.
        Hostname = "hostname",
        /// Software of an HTTP server (RFC 9110 10.2.4).
        HttpServer = "http_server",
        /// Software of an HTTP client (RFC 9110 10.1.5).
        HttpUserAgent = "http_user_agent",
        /// DICOM implementation class UID (PS3.7 D.3.3.2).
        ImplementationUid = "implementation_uid",
        /// DICOM implementation version name (PS3.7 D.3.3.2).
        ImplementationVersion = "implementation_version",
        /// Date of installation (0018,1205).
        InstallationDate = "installation_date",
        /// JA3 of a TLS client that does not offer TLS 1.3: digest of what it offers, in its order.
        Ja3 = "ja3",
        /// JA4 of a TLS client: how much it offers, and digests of that whose order does not matter.
        Ja4 = "ja4",
        /// Lot number (PRT-19, DEV-10).
        LotNumber = "lot_number",
        /// Magnetic field strength in tesla (0018,0087).
        MagneticFieldStrength = "magnetic_field_strength",
        /// Date of manufacture (0018,1204), PRT-17.
        ManufactureDate = "manufacture_date",
        /// Maker of the device, as it says.
        Manufacturer = "manufacturer",
        /// DICOM modality code (0008,0060).
        Modality = "modality",
        /// Model name or number.
        Model = "model",
        /// Software that speaks SMB, in its own words (NativeLanMan, MS-CIFS 2.2.4.53).
        NativeLanManager = "native_lan_manager",
        /// Operating system and release, in the words of the SMB service or client (NativeOS, MS-CIFS 2.2.4.53).
        NativeOs = "native_os",
        /// Holder of the MAC address block: who made the network interface, which is often not who made the device.
        NicManufacturer = "nic_manufacturer",
        /// Software of an NTP server (control messages, RFC 9327).
        NtpSoftware = "ntp_software",
        /// How many servers stand between an NTP server and a clock, itself counted (RFC 5905 7.3).
        NtpStratum = "ntp_stratum",
        /// Operating system of an NTP server (control messages, RFC 9327).
        NtpSystem = "ntp_system",
        /// Version of NTP that it speaks (RFC 5905 7.3).
        NtpVersion = "ntp_version",
        /// Operating system, or the family of releases that the evidence leads to.
        OperatingSystem = "operating_system",
        /// Version of Windows, with the build where told: 6.1, 10.0.19045 (NTLM, BROWSER).
        OsBuild = "os_build",
        /// Part or catalogue number (DEV-8, MDC_ID_PROD_SPEC_PART).
        PartNumber = "part_number",
        /// Plate identifier (0018,1004).
        PlateId = "plate_id",
        /// Hardware, in the words of its maker: cisco WS-C3560-24TS (CDP).
        Platform = "platform",
        /// Message profile the device says it follows (MSH-21).
        Profile = "profile",
        /// Build of an RDP client that goes on in clear: 2600 is that of Windows XP (MS-RDPBCGR 2.2.1.3.2).
        RdpClientBuild = "rdp_client_build",
        /// How an RDP server chose to secure a connection: standard, TLS, CredSSP (MS-RDPBCGR 2.2.1.2.1).
        RdpSecurity = "rdp_security",
        /// Part the device was seen to play, such as dicom-scu.
        Role = "role",
        /// Serial number.
        SerialNumber = "serial_number",
        /// Kind of service or device that it announces or answers as: _ipp._tcp (RFC 6763 7), mdpws:MedicalDevice, dicomweb.
        Service = "service",
        /// Software of a SIP telephone or registrar (RFC 3261 20.35, 20.41).
        SipSoftware = "sip_software",
        /// Version of SMB that a server chose: 1.0 to 3.1.1 (MS-SMB2 2.2.4).
        SmbDialect = "smb_dialect",
        /// Greeting of an SMTP server behind its name (RFC 5321 4.2).
        SmtpServer = "smtp_server",
        /// Engine of an SNMP agent, in hexadecimal digits (RFC 3411 5).
        SnmpEngineId = "snmp_engine_id",
        /// Name of a software product (SFT-3), with its version where told.
        Software = "software",
        /// Maker of a software product (SFT-1).
        SoftwareVendor = "software_vendor",
        /// Version of the device's software or firmware.
        SoftwareVersion = "software_version",
        /// Another device that this one passes on the words of.
        SpeaksFor = "speaks_for",
        /// Software of an SSH client (RFC 4253 4.2).
        SshClient = "ssh_client",
        /// Software of an SSH server (RFC 4253 4.2).
        SshServer = "ssh_server",
        /// What it is and runs, in a sentence of its maker: SNMP sysDescr (RFC 3418), LLDP, CDP.
        SystemDescription = "system_description",
        /// What it is, as an object identifier of its maker: SNMP sysObjectID (RFC 3418).
        SystemObjectId = "system_object_id",
        /// What a Telnet server shows before it asks for a login.
        TelnetBanner = "telnet_banner",
        /// Cipher suite that a TLS server chose, by its name in the registry of IANA.
        TlsCipherSuite = "tls_cipher_suite",
        /// Cipher suites that a TLS client offers, in its order: the first ones, in hexadecimal digits.
        TlsCipherSuites = "tls_cipher_suites",
        /// Version of SSL or TLS that a server chose.
        TlsVersion = "tls_version",
        /// Versions of SSL or TLS that a client offers, in its order; up to TLS 1.2 only the highest is known.
        TlsVersions = "tls_versions",
        /// Unique device identifier (0018,1009), PRT-10, PRT-16, DEV-2.
        Udi = "udi",
        /// Operating system and product of a UPnP device, or of who looks for one (UPnP Device Architecture 2.0 1.2.2).
        UpnpSoftware = "upnp_software",
        /// Kind of a UPnP device: urn:schemas-upnp-org:device:MediaRenderer:1 (UPnP Device Architecture 2.0 1.1.4).
        UpnpType = "upnp_type",
        /// Identifier that a UPnP device gave itself (UPnP Device Architecture 2.0 1.1.4).
        UpnpUuid = "upnp_uuid",
        /// Version of the protocol that a VNC client chose (RFC 6143 7.1.1).
        VncClientVersion = "vnc_client_version",
        /// Highest version of the protocol of a VNC server (RFC 6143 7.1.1).
        VncServerVersion = "vnc_server_version",
    }
}

closed_list! {
    /// Where an observation was read.
    Source {
        /// ARP (RFC 826).
        Arp = "arp",
        /// Source addresses of frames.
        Frame = "frame",
        /// A-ASSOCIATE-RQ and -AC (PS3.8 9.3).
        DicomAssociation = "dicom.association",
        /// Attributes of the device that made a secondary capture (PS3.3 C.8.6.1).
        DicomSecondaryCapture = "dicom.secondary-capture",
        /// Equipment attributes of a stored object or a performed procedure step.
        DicomDataset = "dicom.dataset",
        /// Station a worklist query asks about.
        DicomWorklist = "dicom.worklist",
        /// MSH-3 to MSH-6, MSH-21.
        Hl7Header = "hl7.msh",
        /// SFT, software segment.
        Hl7Software = "hl7.sft",
        /// OBX-18 and the device attributes of IHE PCD.
        Hl7Observation = "hl7.obx",
        /// PRT-10, PRT-16 to PRT-22.
        Hl7Participation = "hl7.prt",
        /// EQU-1.
        Hl7Equipment = "hl7.equ",
        /// DEV, device segment.
        Hl7Device = "hl7.dev",
        /// What a Philips IntelliVue monitor announces of itself, and tells who associates with it.
        Intellivue = "intellivue",
        /// What a point-of-care device says when it greets its manager: DEV of HEL.R01 (CLSI POCT1-A2).
        Poct1a = "poct1-a.hel",
        /// Header record of whoever tells results or asks for orders (ASTM E1394, CLSI LIS2-A2).
        Astm = "astm.header",
        /// Types and scopes that a device announces of itself by WS-Discovery (OASIS WS-Discovery 1.1, IEEE 11073-20701, ONVIF).
        WsDiscovery = "ws-discovery",
        /// Metadata that a device answers in SOAP over HTTP: ThisModel, ThisDevice (OASIS DPWS 1.1).
        Dpws = "dpws",
        /// What a DHCP client says of itself (RFC 2131, RFC 2132).
        Dhcp = "dhcp",
        /// What a DHCPv6 client says of itself (RFC 8415).
        Dhcpv6 = "dhcpv6",
        /// What a host answers for itself by multicast DNS, and the services it announces (RFC 6762, RFC 6763).
        Mdns = "mdns",
        /// What a host answers for itself by link-local multicast name resolution (RFC 4795).
        Llmnr = "llmnr",
        /// What a host registers or answers for itself in the NetBIOS name service (RFC 1002).
        Nbns = "nbns",
        /// Announcements to the Windows browser service (MS-BRWS).
        Browser = "browser",
        /// What an SNMP agent answers or tells of itself (RFC 3418, RFC 6933, RFC 3805, RFC 3411).
        Snmp = "snmp",
        /// Who gives or asks for the time, and what a server is (RFC 5905, RFC 9327).
        Ntp = "ntp",
        /// What a UPnP device announces or answers of itself, and who looks for one (UPnP Device Architecture 2.0).
        Ssdp = "ssdp",
        /// What a device announces on its link by LLDP and LLDP-MED (IEEE 802.1AB, ANSI/TIA-1057).
        Lldp = "lldp",
        /// What a device announces on its link by CDP.
        Cdp = "cdp",
        /// Software fields of HTTP (RFC 9110).
        Http = "http",
        /// What a BACnet device announces or answers of itself (ASHRAE 135).
        Bacnet = "bacnet",
        /// Identification of a Modbus device (MODBUS Application Protocol 6.21).
        Modbus = "modbus",
        /// Negotiation of RDP (MS-RDPBCGR 2.2.1).
        Rdp = "rdp",
        /// Requests of SIP telephones, answers of registrars (RFC 3261).
        Sip = "sip",
        /// Versions of VNC (RFC 6143).
        Vnc = "vnc",
        /// Greetings of FTP servers (RFC 959).
        Ftp = "ftp",
        /// Greetings of SMTP servers (RFC 5321).
        Smtp = "smtp",
        /// What Telnet servers show before a login (RFC 854).
        Telnet = "telnet",
        /// Versions and names in NTLM messages (MS-NLMP 2.2.1).
        Ntlm = "ntlm",
        /// Negotiation and session setup of SMB (MS-CIFS, MS-SMB2).
        Smb = "smb",
        /// Identification and algorithms of SSH (RFC 4253).
        Ssh = "ssh",
        /// Hellos of TLS: what a client offers, what a server chooses (RFC 8446 4.1).
        Tls = "tls",
        /// Certificate of a TLS server, in clear up to TLS 1.2 (RFC 5280).
        TlsCertificate = "tls.certificate",
        /// Name that TLS clients ask an answering server for (RFC 6066 3).
        TlsServerName = "tls.server-name",
        /// The IEEE registry of MAC address blocks.
        IeeeRegistry = "ieee.registry",
        /// The part a device plays in the conversations seen.
        Conversation = "conversation",
        /// The catalogue, from another observation.
        Catalogue = "catalogue",
        /// Leases of the DHCP server of the ISC: dhcpd.leases.
        ImportDhcpIsc = "import.dhcp-isc",
        /// Leases of Kea: its memfile, CSV.
        ImportDhcpKea = "import.dhcp-kea",
        /// Leases of the DHCP server of Windows, exported as CSV.
        ImportDhcpWindows = "import.dhcp-windows",
        /// Addresses and networks of an address management, CSV.
        ImportIpam = "import.ipam",
        /// MAC addresses that a switch learnt, and at which port: the text of Cisco's `show mac address-table`, or CSV.
        ImportMacTable = "import.mac-table",
        /// Clients of a wireless controller, and at which access point: CSV.
        ImportWireless = "import.wireless",
        /// dhcp.log of Zeek, JSON.
        ImportZeekDhcp = "import.zeek-dhcp",
        /// known_hosts.log of Zeek, JSON.
        ImportZeekKnownHosts = "import.zeek-known-hosts",
        /// software.log of Zeek, JSON.
        ImportZeekSoftware = "import.zeek-software",
        /// ssl.log of Zeek, JSON.
        ImportZeekSsl = "import.zeek-ssl",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_sorted_lists_stay_so() {
        // Lists in documents are sorted by attribute.
        assert!(Attribute::ALL.is_sorted_by(|a, b| a.name() < b.name()));
        let mut sources: Vec<_> = Source::ALL.iter().map(|s| s.name()).collect();
        sources.sort_unstable();
        sources.dedup();
        assert_eq!(sources.len(), Source::ALL.len());
    }
}
