//! That our rules hold to their examples, and what is said of a hospital's own that do not.

use super::*;
use crate::knowledge::{FINGERPRINTS, registry};

/// What is wrong with a file of a hospital's own.
fn refusal(text: &str) -> String {
    let errors = OwnRules::read([("own.toml", text)]).expect_err("a refusal");
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A file with one rule about host names, which says more.
fn rule(more: &str) -> String {
    format!(
        "reads = [\"hostname\"]\n\n[[rule]]\nname = \"pump\"\nconfidence = 0.8\nsource = \"our list of names\"\n{more}\n"
    )
}

const WHOLE: &str =
    "begins = [\"pump-\"]\nasserts = { class = \"infusion-pump\" }\nexamples = [{ text = \"PUMP-12\" }]";

#[test]
fn every_example_of_our_fingerprints_gives_what_it_says() {
    let checked = FINGERPRINTS.iter().filter_map(|file| {
        let read = Chapters::read(file).and_then(|(_, chapters)| chapters.check_examples(file));
        Some(read.err()?.to_string())
    });
    let broken: Vec<String> = checked.collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What rules assert, of all our files: as many as there are rules.
pub(in crate::knowledge) fn assertions() -> Vec<BTreeMap<Attribute, String>> {
    let files = FINGERPRINTS.iter().map(|file| Chapters::read(file).unwrap().1);
    files.flat_map(|chapters| chapters.rules).map(|rule| rule.asserts().clone()).collect()
}

#[test]
fn what_a_file_is_about_is_known_without_reading_it() {
    for file in FINGERPRINTS {
        let (reads, _) = Chapters::read(file).unwrap();
        assert_eq!(announced(file.text).collect::<Vec<_>>(), reads, "{}", file.name);
    }
}

#[test]
fn makers_of_interfaces_are_called_as_in_the_registry() {
    for file in FINGERPRINTS {
        let (_, chapters) = Chapters::read(file).unwrap();
        for wanted in chapters.rules.iter().flat_map(|rule| rule.interfaces().iter()) {
            assert!(registry::has_beginning(wanted), "{}: {wanted:?} is not in the registry", file.name);
        }
    }
}

#[test]
fn rules_of_a_hospital_count_beside_ours() {
    let own = OwnRules::read([("own.toml", rule(WHOLE).as_str())]).unwrap();
    assert_eq!(own.len(), 1);
    let told: Vec<Fingerprint> = own.of(Attribute::Hostname, "Pump-7").collect();
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(told.asserts, [(Attribute::Class, "infusion-pump".to_owned())]);
    let origin = (told.origin.file.as_str(), told.origin.line, told.origin.name.as_str());
    assert_eq!(origin, ("own.toml", 3, "pump"));
    assert_eq!(own.of(Attribute::Hostname, "lamp-7").count(), 0);
}

#[test]
fn a_rule_may_want_the_interface_to_be_of_a_maker() {
    let text = rule(&format!("{WHOLE}\ninterface = [\"B. Braun\"]"));
    let own = OwnRules::read([("own.toml", text.as_str())]).unwrap();
    let told = own.of(Attribute::Hostname, "pump-7").next().unwrap();
    assert!(told.fits_interface(|| Some("B. BRAUN Melsungen AG")));
    for other in [Some("Siemens AG"), Some("B"), None] {
        assert!(!told.fits_interface(|| other), "{other:?}");
    }
}

#[test]
fn a_broken_file_is_refused_with_its_line_and_the_reason() {
    for (text, told) in [
        ("reads = [\"hostname\"]\n[[rule]\n".to_owned(), "own.toml: line 2: "),
        (rule(&WHOLE.replace("begins", "starts")), "own.toml: line 7: unknown field `starts`"),
        (rule(&WHOLE.replace("infusion-pump", "lamp")), "line 3: entry \"pump\", key asserts: \"lamp\" is not a class"),
        (rule(&WHOLE.replace("PUMP-12", "lamp")), "line 3: entry \"pump\", key examples: \"lamp\" gives nothing, not "),
        (rule(&WHOLE.replace("begins = [\"pump-\"]", "match = \"(\"")), "line 3: entry \"pump\", key match: unclosed"),
        (rule(&WHOLE.replace("begins", "is = [\"x\"]\nbegins")), "key match: not one of is, begins, match"),
        (rule(WHOLE).replace("our list of names", " "), "key source: empty"),
        (rule(WHOLE).replace("0.8", "1.0"), "key confidence: not between 0 and 1"),
        (rule(WHOLE).replace("hostname", "host"), "own.toml: line 1: "),
    ] {
        let refusal = refusal(&text);
        assert!(refusal.contains(told), "{refusal:?} of {text}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
}

#[test]
fn every_broken_file_is_told_at_once() {
    let errors = OwnRules::read([("a.toml", "x"), ("b.toml", rule(WHOLE).as_str()), ("c.toml", "y")]).unwrap_err();
    let files = errors.iter().map(|error| error.to_string().chars().next());
    assert_eq!(files.collect::<Vec<_>>(), [Some('a'), Some('c')]);
}

#[test]
fn no_part_of_a_name_is_told_by_a_rule() {
    let text = rule(
        "match = \"^pump-(?<model>.+)\"\nasserts = { model = \"{model}\" }\nexamples = [{ text = \"pump-x\", gives = { model = \"x\" } }]",
    );
    assert!(refusal(&text).contains("hostname, which may be a person's"), "{}", refusal(&text));
}
