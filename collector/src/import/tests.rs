//! Each kind of file by samples of our own, in the forms that the programs write.

use super::*;
use proptest::prelude::*;

/// 2026-11-24T05:00:00Z.
const WRITTEN: PacketTime = PacketTime(1_795_496_400_000_000_000);

const A: &str = "00:00:5e:00:53:01";
const B: &str = "00:00:5e:00:53:02";

fn read(kind: &str, bytes: &[u8]) -> Import {
    let file = format!("{kind}=/exports/ward-sw-7.txt").parse().unwrap();
    import(&file, bytes, WRITTEN, MAX_RECORDS)
}

/// `line: mac ip net | site segment switch port access-point vlan | attributes`, what is not told left out.
fn told(import: &Import) -> Vec<String> {
    let shown = |record: &Record| {
        let said = &record.said;
        let spot = &said.spot;
        let who = [
            said.mac.map(|mac| mac.to_string()),
            said.ip.map(|ip| ip.to_string()),
            said.net.map(|net| net.to_string()),
        ];
        let at = [&spot.site, &spot.segment, &spot.switch, &spot.port, &spot.access_point];
        let at = at.into_iter().flatten().map(ToString::to_string).chain(spot.vlan.map(|vlan| format!("vlan {vlan}")));
        let said = said.attributes.iter().map(|(_, value)| value.to_string());
        let join = |words: Vec<String>| words.join(" ");
        let parts = [join(who.into_iter().flatten().collect()), join(at.collect()), join(said.collect())];
        format!("{}: {}", record.line, parts.join(" | ").trim_end_matches([' ', '|']))
    };
    import.records.iter().map(shown).collect()
}

fn problems(import: &Import) -> Vec<(u64, &str)> {
    import.report.problems.iter().map(|problem| (problem.line, problem.reason)).collect()
}

#[test]
fn leases_of_the_isc_are_read_and_a_lease_that_is_wrong_or_cut_costs_itself_alone() {
    let text = r#"# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 10.20.0.7 {
  starts 2 2026/11/24 03:00:00;
  ends 2 2026/11/24 15:00:00;
  binding state active;
  next binding state free;
  hardware ethernet 00:00:5e:00:53:01;
  uid "\001\000\000^\000S\001";
  client-hostname "pump\0557.ward";
}
lease 10.20.0.8 {
  hardware ethernet 00:00:5e:00:5;
}
lease 10.20.0.9 {
  starts epoch 1795496400; # Tue Nov 24 05:00:00 2026
  ends never;
  hardware ethernet 00:00:5e:00:53:02;
}
lease 10.20.0.10 {
  binding state abandoned;
}
lease 10.20.0.11 {
  hardware ethernet 00:00:5e:00:53:03;
lease 10.20.0.12 {
  binding state active;
}
lease 10.20.0.13 {
"#;
    let import = read("dhcp-isc", text.as_bytes());
    let expected =
        [format!("4: {A} 10.20.0.7 |  | pump-7.ward"), format!("16: {B} 10.20.0.9"), "26: 10.20.0.12".to_owned()];
    assert_eq!(told(&import), expected);
    let cut = "a lease without its end";
    assert_eq!(problems(&import), [(13, "not a MAC address"), (24, cut), (29, cut)]);
    let [first, second, third] = &import.records[..] else { panic!() };
    let from = PacketTime(WRITTEN.0 - 7_200_000_000_000);
    assert_eq!(first.seen, Some((from, from)));
    assert_eq!(first.until, Some(PacketTime(WRITTEN.0 + 36_000_000_000_000)));
    assert_eq!((second.seen, second.until, third.seen), (Some((WRITTEN, WRITTEN)), None, None));
    assert_eq!((import.report.refused, import.report.entries, import.report.lines), (3, 3, 29));
}

#[test]
fn leases_of_kea_are_read_and_those_that_nobody_holds_are_not() {
    let text = format!(
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n\
         10.20.0.7,{A},01:00:00:5e:00:53:01,3600,1795496400,1,0,0,ct-1.example.,0,,0\n\
         10.20.0.7,{A},01:00:00:5e:00:53:01,3600,1795500000,1,0,0,ct-1.example.,0,,0\n\
         10.20.0.8,{B},,3600,1795496400,1,0,0,,1,,0\n\
         nowhere,{B},,3600,1795496400,1,0,0,,0,,0\n\
         10.20.0.9,,,3600,1795496400,1,0,0,us-2,0,,0\n"
    );
    let import = read("dhcp-kea", text.as_bytes());
    assert_eq!(told(&import), [format!("3: {A} 10.20.0.7 |  | ct-1.example"), "6: 10.20.0.9 |  | us-2".to_owned()]);
    assert_eq!(problems(&import), [(5, "not an IP address")]);
    let hour = 3_600_000_000_000;
    let first = &import.records[0];
    assert_eq!(first.seen, Some((PacketTime(WRITTEN.0 - hour), WRITTEN)), "renewed");
    assert_eq!(first.until, Some(PacketTime(WRITTEN.0 + hour)));
}

#[test]
fn leases_of_windows_are_read_as_the_shell_and_as_the_console_export_them() {
    let shell = "#TYPE Microsoft.Management.Infrastructure.CimInstance\r\n\
         \"IPAddress\",\"ScopeId\",\"AddressState\",\"ClientId\",\"HostName\",\"LeaseExpiryTime\"\r\n\
         \"10.20.0.7\",\"10.20.0.0\",\"Active\",\"00-00-5e-00-53-01\",\"CT1.hospital.example\",\"11/25/2026 3:00:00 AM\"\r\n\
         \"10.20.0.8\",\"10.20.0.0\",\"Declined\",\"00-00-5e-00-53-02\",\"\",\"\"\r\n";
    let expected = [format!("3: {A} 10.20.0.7 |  | CT1.hospital.example")];
    assert_eq!(told(&read("dhcp-windows", shell.as_bytes())), expected);
    let utf16: Vec<u8> = "\u{feff}".chars().chain(shell.chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
    assert_eq!(told(&read("dhcp-windows", &utf16)), expected);
    let console = "Client IP Address\tName\tLease Expiration\tType\tUnique ID\tDescription\n\
         10.20.0.7\tCT1.hospital.example\t11/25/2026 3:00:00 AM\tDHCP\t00005e005301\tsecret\n";
    assert_eq!(
        told(&read("dhcp-windows", console.as_bytes())),
        [format!("2: {A} 10.20.0.7 |  | CT1.hospital.example")]
    );
}

#[test]
fn a_table_of_a_switch_is_read_in_each_form_that_cisco_prints() {
    let ios = "ward-sw-3#show mac address-table\n          Mac Address Table\n-------------------------------------------\n\n\
         Vlan    Mac Address       Type        Ports\n----    -----------       --------    -----\n \
         All    0100.0ccc.cccc    STATIC      CPU\n  120    0000.5e00.5301    DYNAMIC     Gi1/0/7\n  \
         120    0000.5e00.53zz    DYNAMIC     Gi1/0/8\n  120    0000.5e00.5302    DYNAMIC\n\
         Total Mac Addresses for this criterion: 3\n";
    let import = read("mac-table", ios.as_bytes());
    assert_eq!(told(&import), [format!("8: {A} | ward-sw-3 Gi1/0/7 vlan 120")]);
    assert_eq!(problems(&import), [(9, "not a MAC address"), (10, "no port")]);
    for (line, expected) in [
        ("* 10     0000.5e00.5301   dynamic  0         F      F    Eth1/1", "ward-sw-7 Eth1/1 vlan 10"),
        ("*  310  0000.5e00.5301   dynamic  Yes        0   Po12", "ward-sw-7 Po12 vlan 310"),
        ("0000.5e00.5301       Dynamic          2  FastEthernet0/1", "ward-sw-7 FastEthernet0/1 vlan 2"),
    ] {
        assert_eq!(told(&read("mac-table", line.as_bytes())), [format!("1: {A} | {expected}")]);
    }
}

#[test]
fn a_table_of_any_switch_is_read_as_csv_whatever_its_separator() {
    for separator in [",", ";", "\t"] {
        let text =
            "Switch,Interface,VLAN ID,MAC Address,Last Seen\nsw-1,ge-0/0/7,120,00-00-5E-00-53-01,2026-11-24 05:00:00\n\
             sw-1,ge-0/0/8,120,01:00:5e:00:00:01,\nsw-1,ge-0/0/9,120,0000,\n"
                .replace(',', separator);
        let import = read("mac-table", text.as_bytes());
        assert_eq!(told(&import), [format!("2: {A} | sw-1 ge-0/0/7 vlan 120")], "{separator:?}");
        assert_eq!(import.records[0].seen, Some((WRITTEN, WRITTEN)));
        assert_eq!((problems(&import), import.report.skipped), (vec![(4, "not a MAC address")], 2));
    }
}

#[test]
fn clients_of_a_wireless_controller_are_read_and_their_users_are_not() {
    let text = format!(
        "Client List,,,,\nUser Name,Client MAC Address,IP Address,AP Name,Building,Host Name,SSID\n\
         ZQXVUSER77,{A},10.30.0.5,ap-ward-4,North,infusion-5,clinical\nZQXVUSER78,{B},N/A,ap-ward-5,North,Unknown,clinical\n"
    );
    let import = read("wireless", text.as_bytes());
    assert_eq!(
        told(&import),
        [format!("3: {A} 10.30.0.5 | North ap-ward-4 | infusion-5"), format!("4: {B} | North ap-ward-5")]
    );
    assert!(!format!("{import:?}").contains("ZQXVUSER"));
}

#[test]
fn addresses_and_networks_of_a_plan_are_read() {
    let text = "network,mask,segment,site,vlan\n10.20.0.0/16,,imaging,North,120\n10.30.0.0,255.255.0.0,wards,North,\n\
         10.40.0.0,24,labs,South,9999\n10.50.0.7,,one,,\n10.0.0.0/99,,x,,\n2001:db8::/32,,six,,\n";
    let import = read("ipam", text.as_bytes());
    let expected = [
        "2: 10.20.0.0/16 | North imaging vlan 120",
        "3: 10.30.0.0/16 | North wards",
        "4: 10.40.0.0/24 | South labs",
        "5: 10.50.0.7/32 | one",
        "7: 2001:db8::/32 | six",
    ];
    assert_eq!(told(&import), expected);
    assert_eq!(problems(&import), [(6, "not a network such as 10.20.0.0/16")]);
    let hosts = format!(
        "address,dns_name,mac,site\n10.20.0.7/16,ct-1.example,{A},\"North, \"\"old\"\"\nwing\"\n10.20.0.8/16,\"x,,\n"
    );
    let import = read("ipam", hosts.as_bytes());
    assert_eq!(told(&import), [format!("2: {A} 10.20.0.7 | North, \"old\"\u{fffd}wing | ct-1.example")]);
    assert_eq!(problems(&import), [(4, "quotes that do not end")]);
}

#[test]
fn logs_of_zeek_are_read_and_what_may_name_a_person_is_not() {
    let dhcp = r##"{"ts":1795496400.5,"mac":"00:00:5e:00:53:01","assigned_addr":"10.20.0.7","host_name":"ct-1","uids":["C1"],"lease_time":3600.0}
{"ts":"2026-11-24T05:00:00.000000Z","client_addr":"0.0.0.0"}
{"ts":
#fields	ts"##;
    let import = read("zeek-dhcp", dhcp.as_bytes());
    assert_eq!(told(&import), [format!("1: {A} 10.20.0.7 |  | ct-1")]);
    let at = PacketTime(WRITTEN.0 + 500_000_000);
    assert_eq!(import.records[0].seen, Some((at, at)));
    let wrong = "not JSON: have Zeek write it with LogAscii::use_json=T";
    assert_eq!(problems(&import), [(3, "not a JSON object of this log"), (4, wrong)]);

    let software = r#"{"ts":1795496400.0,"host":"10.20.0.7","host_p":22,"software_type":"SSH::SERVER","name":"OpenSSH","version.major":7,"version.minor":4,"version.addl":"p1","unparsed_version":"ZQXVPH1"}
{"ts":1795496401.0,"host":"10.20.0.7","software_type":"HTTP::BROWSER","name":"Chrome","version.major":49,"unparsed_version":"ZQXVPH2"}"#;
    let import = read("zeek-software", software.as_bytes());
    assert_eq!(told(&import), ["1: 10.20.0.7 |  | OpenSSH 7.4-p1", "2: 10.20.0.7 |  | Chrome 49"]);
    assert!(!format!("{import:?}").contains("ZQXVPH"));

    let hosts = r#"{"ts":1795496400.0,"host":"10.20.0.7"}
{"ts":1795582800.0,"host":"10.20.0.7"}"#;
    let import = read("zeek-known-hosts", hosts.as_bytes());
    assert_eq!(told(&import), ["2: 10.20.0.7"], "the same twice is one");
    assert_eq!(import.records[0].seen, Some((WRITTEN, PacketTime(WRITTEN.0 + 86_400_000_000_000))));

    let ssl = r#"{"ts":1795496400.0,"id.orig_h":"10.1.0.1","id.resp_h":"10.20.0.7","id.resp_p":443,"version":"TLSv10","cipher":"TLS_RSA_WITH_RC4_128_SHA","server_name":"ris.example","established":true,"subject":"CN=ZQXVPH3"}
{"ts":1795496400.0,"id.resp_h":"10.20.0.8","version":"TLSv12","established":false}"#;
    let import = read("zeek-ssl", ssl.as_bytes());
    assert_eq!(told(&import), ["1: 10.20.0.7 |  | ris.example TLS 1.0 TLS_RSA_WITH_RC4_128_SHA"]);
    assert!(!format!("{import:?}").contains("ZQXVPH"));
}

#[test]
fn a_file_of_another_kind_is_refused_as_a_whole() {
    for kind in ["dhcp-kea", "dhcp-windows", "ipam", "wireless", "mac-table"] {
        let import = read(kind, b"some,other,file\n1,2,3\n");
        assert_eq!((import.records.len(), import.report.refused), (0, 1), "{kind}");
        assert!(import.report.problems[0].reason.contains("docs/imports.md"));
    }
}

#[test]
fn entries_beyond_the_room_are_refused_and_those_before_stay() {
    let file = "zeek-known-hosts=x".parse().unwrap();
    let log: String = (0..9).map(|host| format!("{{\"host\":\"10.0.0.{host}\"}}\n")).collect();
    let import = import(&file, log.as_bytes(), WRITTEN, 4);
    assert_eq!((import.report.entries, import.report.refused), (4, 5));
    assert_eq!(problems(&import)[0], (5, "more entries than there is room for"));
}

#[test]
fn a_port_tells_how_many_addresses_are_at_it() {
    let table = |text: &str| ("mac-table=sw.txt".parse().unwrap(), text.as_bytes().to_vec(), WRITTEN);
    let imports = Imports::read([
        table("1 0000.5e00.5301 DYNAMIC Gi1/0/1\n1 0000.5e00.5302 DYNAMIC Gi1/0/1"),
        table("2 0000.5e00.5302 DYNAMIC Gi1/0/1\n1 0000.5e00.5303 DYNAMIC Gi1/0/2"),
    ]);
    let counts: Vec<_> = imports
        .files()
        .iter()
        .flat_map(|file| &file.records)
        .map(|record| imports.port_macs(&record.said.spot))
        .collect();
    assert_eq!(counts, [Some(2), Some(2), Some(2), Some(1)]);
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic_and_whatever_was_good_before_stays(bytes: Vec<u8>, words in "[a-z0-9.:;,/{}\"\\\\ \t\n#]{0,400}") {
        let samples = [
            ("dhcp-isc", "lease 10.0.0.7 {\n  hardware ethernet 00:00:5e:00:53:01;\n}\n"),
            ("dhcp-kea", "address,hwaddr\n10.0.0.7,00:00:5e:00:53:01\n"),
            ("dhcp-windows", "IPAddress,ClientId\n10.0.0.7,00-00-5e-00-53-01\n"),
            ("ipam", "ip,mac\n10.0.0.7,00:00:5e:00:53:01\n"),
            ("mac-table", "1 0000.5e00.5301 DYNAMIC Gi1/0/1\n"),
            ("wireless", "ip,mac\n10.0.0.7,00:00:5e:00:53:01\n"),
            ("zeek-dhcp", "{\"mac\":\"00:00:5e:00:53:01\"}\n"),
            ("zeek-known-hosts", "{\"host\":\"10.0.0.7\"}\n"),
            ("zeek-software", "{\"host\":\"10.0.0.7\",\"name\":\"x\"}\n"),
            ("zeek-ssl", "{\"id.resp_h\":\"10.0.0.7\",\"established\":true}\n"),
        ];
        prop_assert_eq!(samples.len(), Source::imports().count());
        for (kind, sample) in samples {
            for junk in [bytes.as_slice(), words.as_bytes()] {
                read(kind, junk);
                let import = read(kind, &[sample.as_bytes(), junk].concat());
                prop_assert!(import.records.iter().any(|record| record.said.mac.is_some() || record.said.ip.is_some()), "{}", kind);
            }
        }
    }
}
