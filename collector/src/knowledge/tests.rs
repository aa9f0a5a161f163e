//! That the reviewed files hold is checked by reading them: every example, the order, rival claims.

use super::*;
use std::collections::BTreeMap;
use wardwatch_model::DeviceClass;

const NO_VENDORS: File<'static> = File::ours("vendors", "vendor = []");
const NO_IMPLEMENTATIONS: File<'static> = File::ours("implementations", "implementation = []");

const DCMTK_UID: &str = "1.2.276.0.7230010.3.0.3.6.7";

fn embedded() -> Catalogue {
    Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(vendors: &'static str, implementations: &'static str) -> String {
    let vendors = File { text: vendors, ..NO_VENDORS };
    let implementations = File { text: implementations, ..NO_IMPLEMENTATIONS };
    Catalogue::read(&vendors, &implementations).expect_err("a refusal").to_string()
}

#[test]
fn the_embedded_catalogue_holds() {
    embedded();
}

#[test]
fn words_from_the_wire_find_their_maker() {
    let catalogue = embedded();
    for (wire, name) in [
        ("  siemens  ", "Siemens Healthineers"),
        ("G.E.  medical-systems, Israel", "GE HealthCare"),
        ("MINDRAY_D-SERIES", "Mindray"),
        ("Dräger", "Draeger"),
        ("DRAEGER", "Draeger"),
        ("Mortara Instrument, Inc.", "Mortara"),
        ("SonoSite, Inc.", "Fujifilm Sonosite"),
    ] {
        assert_eq!(catalogue.vendor(wire), Some(name), "{wire}");
    }
}

#[test]
fn the_longest_words_win() {
    let catalogue = embedded();
    assert_eq!(catalogue.vendor("Abbott Informatics"), Some("STARLIMS"));
    assert_eq!(catalogue.vendor("Canon Medical Systems"), Some("Canon Medical"));
    assert_eq!(catalogue.vendor("Canon"), Some("Canon"));
    assert_eq!(catalogue.vendor("FUJIFILM SonoSite, Inc."), Some("Fujifilm Sonosite"));
}

#[test]
fn a_beginning_within_a_word_or_of_another_maker_does_not_count() {
    let catalogue = embedded();
    for wire in [
        "Rochester",
        "Philips Lighting BV",
        "FUJIFILM Business Innovation Corp.",
        "TOSHIBA TEC",
        "GE Lighting",
        "",
        "^~\\&",
    ] {
        assert_eq!(catalogue.vendor(wire), None, "{wire}");
    }
}

#[test]
fn dcmtk_is_never_called_orthanc() {
    let catalogue = embedded();
    let found = catalogue.implementation(DCMTK_UID, Some("OFFIS_DCMTK_367")).unwrap();
    assert_eq!((found.name, found.version.as_deref(), found.vendor), ("DCMTK", Some("3.6.7"), None));
    assert_eq!(found.kind, Kind::Toolkit);
    assert!(!IMPLEMENTATIONS.text.contains("name = \"Orthanc"));
}

#[test]
fn identities_of_the_captures_are_known() {
    let catalogue = embedded();
    for (uid, version_name, name, version) in [
        ("1.2.826.0.1.3680043.9.3811.3.0.4", "PYNETDICOM_304", "pynetdicom", Some("3.0.4")),
        ("1.2.840.113654.2.3.1995.3.0.6", "MIRCTN11MAR2003", "MIR CTN", Some("11MAR2003")),
        ("1.2.826.0.1.3680043.9.7133.1.1", "GODICOM_1_1", "go-netdicom", None),
    ] {
        let found = catalogue.implementation(uid, Some(version_name)).unwrap();
        assert_eq!((found.name, found.version.as_deref()), (name, version));
    }
}

#[test]
fn the_longest_arc_wins_by_whole_components() {
    let catalogue = embedded();
    let name = |uid| catalogue.implementation(uid, None).map(|found| found.name);
    assert_eq!(name("1.3.12.2.1107.5.2"), Some("Siemens MR"));
    assert_eq!(name("1.3.12.2.1107.5.20"), Some("Siemens DICOM implementation"));
    assert_eq!(name("1.3.12.2.1107.50"), None);
    assert_eq!(name("1.3.6.1.4.1.5962.99.2"), Some("PixelMed"));
    assert_eq!(name("1.2.276.0.7230010.3.0.3.6.7\0"), Some("DCMTK"), "padded");
    assert_eq!(name(""), None);
    assert_eq!(name("2.25.1"), None);
}

#[test]
fn a_version_name_alone_is_believed_less_than_a_uid() {
    let catalogue = embedded();
    let by_uid = catalogue.implementation(DCMTK_UID, None).unwrap();
    let by_name = catalogue.implementation("1.2.3.4", Some("OFFIS_DCMTK_367")).unwrap();
    assert_eq!(by_uid.name, by_name.name);
    assert_eq!(by_uid.version, None);
    assert!(by_name.confidence < by_uid.confidence);
}

#[test]
fn a_version_that_does_not_fit_is_unknown_not_guessed() {
    let catalogue = embedded();
    for version_name in ["OFFIS_DCMTK_", "OFFIS_DCMTK_36", "OFFIS_DCMTK_3610", "OFFIS_DCMTK_36ä", "dcm4che-5.34.1"] {
        let found = catalogue.implementation(DCMTK_UID, Some(version_name)).unwrap();
        assert_eq!(found.version, None, "{version_name}");
    }
    let dcm4che = |version_name| catalogue.implementation("1.2.40.0.13.1.3", Some(version_name)).unwrap().version;
    assert_eq!(dcm4che("dcm4che-x"), None);
    assert_eq!(dcm4che("dcm4che-5.").as_deref(), Some("5"));
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let refusal = refusal(
        "[[vendor]]\nname = \"A\"\naliases = []\nowner = \"B\"\nsource = \"s\"\nexamples = []",
        "implementation = []",
    );
    assert!(refusal.starts_with("vendors: ") && refusal.contains("owner"), "{refusal}");
}

#[test]
fn a_refusal_names_file_entry_and_key() {
    const A: &str =
        "[[vendor]]\nname = \"A\"\naliases = [\"X\"]\nsource = \"s\"\nexamples = [{ wire = \"X\", name = \"A\" }]\n";
    let rivals = "[[vendor]]\nname = \"A\"\naliases = [\"X\"]\nsource = \"s\"\nexamples = [{ wire = \"X\", name = \"A\" }]\n\
        [[vendor]]\nname = \"B\"\naliases = [\"x.\"]\nsource = \"s\"\nexamples = [{ wire = \"X\", name = \"B\" }]";
    assert_eq!(
        refusal(rivals, "implementation = []"),
        r#"vendors: entry "B", key aliases: "x." is also claimed by "A""#
    );

    for (change, key) in [
        (r#"uids = ["1.02"]"#, "uids"),
        (r#"uids = ["1.3", "1.2"]"#, "uids"),
        ("uids = []", "uids"),
        ("uids = [\"1.2\"]\nnames = [\"N\"]", "version"),
        ("uids = [\"1.2\"]\ntold-by-name = true", "told-by-name"),
        ("uids = [\"1.2\"]\nvendor = \"Z\"", "vendor"),
        (r#"uids = ["1.3"]"#, "examples"),
    ] {
        let text = format!(
            "[[implementation]]\nname = \"I\"\nkind = \"product\"\nevidence = \"wire\"\nsource = \"s\"\n{change}\n\
             examples = [{{ uid = \"1.2.3\", name = \"I\" }}]"
        );
        let refusal = refusal(A, text.leak());
        assert!(refusal.starts_with(&format!("implementations: entry \"I\", key {key}: ")), "{refusal}");
    }
}

#[test]
fn a_title_that_a_tool_comes_with_is_known_as_it_is_written() {
    let catalogue = embedded();
    let known = catalogue.default_ae_title("ECHOSCU").unwrap();
    assert!(known.verified && known.origin.contains("DCMTK"));
    assert!(!catalogue.default_ae_title("KPServer").unwrap().verified);
    for other in ["echoscu", "ECHOSCU2", "ECHO", ""] {
        assert!(catalogue.default_ae_title(other).is_none(), "{other}");
    }
}

#[test]
fn titles_and_texts_that_do_not_hold_are_refused() {
    let titles = |titles: &[&str]| {
        let entry =
            |title| format!("[[title]]\ntitle = \"{title}\"\norigin = \"o\"\nverified = true\nsource = \"s\"\n");
        let text = titles.iter().map(entry).collect::<String>().leak();
        Titles::read(&File::ours("titles", text)).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(titles(&["A", "B"]), Ok(()));
    for wrong in [&["B", "A"][..], &["A", "A"], &["SEVENTEEN LETTERS"], &[""]] {
        let refusal = titles(wrong).unwrap_err();
        assert!(refusal.contains("key title: "), "{refusal}");
    }
    let text = "[[detection]]\nid = \"D01\"\ntitle = \"t\"\nmeaning = \"m\"\nfalse-positives = \"f\"\n\
        security = \" \"\nbiomed = \"b\"\nsource = \"s\"";
    let refusal = Detections::read(&File::ours("detections", text)).unwrap_err().to_string();
    assert_eq!(refusal, r#"detections: entry "D01", key security: empty"#);
}

/// Makers in vendors.toml of whom most devices are no medical ones.
const GENERAL_MAKERS: [&str; 10] =
    ["Axis", "Barco", "Canon", "Cisco", "EIZO", "HP", "InterSystems", "Lexmark", "Samsung", "Xerox"];

/// What counts as a rule: an entry of `fingerprints/`, of DICOM implementations, of operating systems, a rule of a device class, and
/// the modality codes and objects of a class that makes images. Names of makers, titles and life cycles do not count.
#[test]
fn there_are_so_many_rules() {
    let catalogue = embedded();
    let class = |name: &str| DeviceClass::ALL.iter().copied().find(|class| class.name() == name);
    let is_medical = |asserts: &BTreeMap<Attribute, String>| match asserts.get(&Attribute::Class) {
        Some(name) => class(name).is_some_and(DeviceClass::is_medical),
        None => asserts
            .get(&Attribute::Manufacturer)
            .and_then(|maker| catalogue.vendor(maker))
            .is_some_and(|maker| !GENERAL_MAKERS.contains(&maker)),
    };
    let asserted = fingerprints::tests::assertions();
    let (mut all, mut medical) = (asserted.len(), asserted.iter().filter(|asserts| is_medical(asserts)).count());
    all += SYSTEMS.text.matches("[[system]]").count();
    for entry in IMPLEMENTATIONS.text.split("[[implementation]]").skip(1) {
        all += 1;
        medical += usize::from(entry.contains("\nvendor = "));
    }
    for entry in CLASSES.text.split("[[class]]").skip(1) {
        let name = entry.split('"').nth(1).unwrap_or_default();
        let rules = entry.matches("[[class.rule]]").count() + entry.matches("\nmodality = ").count();
        all += rules;
        medical += if class(name).is_some_and(DeviceClass::is_medical) { rules } else { 0 };
    }
    println!("{all} rules, {medical} of them for medical devices");
    assert!(all >= 600 && medical >= 150, "{all} rules, {medical} of them for medical devices");
}
