//! The invented patients and staff, and everything else in the capture that must not come out of it.

use super::dice::Dice;

/// Given names, of which none is part of another word here.
const GIVEN: [&str; 12] = [
    "ADELHEID",
    "BALTHASAR",
    "CORNELIA",
    "DIETLINDE",
    "EBERHARD",
    "FRIDOLIN",
    "GERTRAUD",
    "HANNIBAL",
    "ISIDORA",
    "JOACHIM",
    "KUNIGUNDE",
    "LEOPOLDINE",
];

/// A patient.
#[derive(Clone, Debug)]
pub(super) struct Patient {
    /// Name as DICOM and HL7 write it.
    pub(super) name: String,
    pub(super) id: String,
    pub(super) birth_date: String,
    pub(super) sex: &'static str,
    pub(super) accession: String,
    pub(super) address: String,
    pub(super) phone: String,
}

/// One of the patients of the day.
pub(super) fn patient(dice: &mut Dice) -> Patient {
    let number = dice.between::<usize>(0, GIVEN.len() as u64 - 1);
    let given = GIVEN.get(number).expect("one of them");
    Patient {
        name: format!("TESTPATIENT^{given}^SYNTHETIC"),
        id: format!("SYN-PAT-{number:04}"),
        birth_date: format!("1899{:02}17", number + 1),
        sex: if number.is_multiple_of(2) { "F" } else { "M" },
        accession: format!("SYN-ACC-{}", dice.digits(5)),
        address: format!("{} Invented Lane^^Nowhere^^00001", number + 1),
        phone: format!("555-01{number:02}"),
    }
}

pub(super) const PHYSICIAN: &str = "TESTDOCTOR^DORA";
pub(super) const OPERATOR: &str = "TESTOPERATOR^OTTO";
pub(super) const INSTITUTION: &str = "Synthetic General Hospital";
pub(super) const DESCRIPTION: &str = "SYNTHETIC STUDY DESCRIPTION";
pub(super) const USER_NAME: &str = "synthetic-user";
pub(super) const PASS_CODE: &str = "synthetic-passcode";
pub(super) const TICKET: &str = "synthetic-ticket";
/// Root of every instance UID.
pub(super) const INSTANCES: &str = "1.2.826.0.1.3680043.10.999.20261102";
/// Maker in a contributing equipment sequence: a place where makers stand that are not the device's.
pub(super) const OTHER_MAKER: &str = "Contributing Postprocessor Works";
pub(super) const NOTE: &str = "synthetic free text about a patient";
pub(super) const DIAGNOSIS: &str = "SYNTHETIC DIAGNOSIS";
pub(super) const RESULT: &str = "SYNTHETIC RESULT";
/// Where patients lie.
pub(super) const BED: &str = "SYNBED";
/// Beginning of every message control id.
pub(super) const CONTROL: &str = "SYNCTL";

/// Pieces of text of which none may be in any output.
pub(super) const UNTOLD: &[&str] = &[
    "TESTPATIENT",
    "SYN-PAT-",
    "SYN-ACC-",
    "Invented Lane",
    "Nowhere",
    "555-01",
    "TESTDOCTOR",
    "TESTOPERATOR",
    INSTITUTION,
    DESCRIPTION,
    USER_NAME,
    PASS_CODE,
    TICKET,
    INSTANCES,
    OTHER_MAKER,
    "synthetic free text",
    DIAGNOSIS,
    RESULT,
    BED,
    CONTROL,
    "^SYNTHETIC",
];
