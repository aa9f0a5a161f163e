//! The invented patients, and everything else in the capture that must not come out of it.

/// A patient.
pub(super) struct Patient {
    /// Name as DICOM and HL7 write it.
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) birth_date: &'static str,
    pub(super) sex: &'static str,
    pub(super) accession: &'static str,
    pub(super) address: &'static str,
    pub(super) phone: &'static str,
}

pub(super) const PATIENTS: [Patient; 3] = [
    Patient {
        name: "TESTPATIENT^ALMA^SYNTHETIC",
        id: "SYN-PAT-0001",
        birth_date: "19010203",
        sex: "F",
        accession: "SYN-ACC-7001",
        address: "1 Invented Lane^^Nowhere^^00001",
        phone: "555-0101",
    },
    Patient {
        name: "TESTPATIENT^BRUNO^SYNTHETIC",
        id: "SYN-PAT-0002",
        birth_date: "19020304",
        sex: "M",
        accession: "SYN-ACC-7002",
        address: "2 Invented Lane^^Nowhere^^00002",
        phone: "555-0102",
    },
    Patient {
        name: "TESTPATIENT^CLARA^SYNTHETIC",
        id: "SYN-PAT-0003",
        birth_date: "19030405",
        sex: "F",
        accession: "SYN-ACC-7003",
        address: "3 Invented Lane^^Nowhere^^00003",
        phone: "555-0103",
    },
];

pub(super) const PHYSICIAN: &str = "TESTDOCTOR^DORA";
pub(super) const OPERATOR: &str = "TESTOPERATOR^OTTO";
pub(super) const INSTITUTION: &str = "Synthetic General Hospital";
pub(super) const DESCRIPTION: &str = "SYNTHETIC STUDY DESCRIPTION";
pub(super) const USER_NAME: &str = "synthetic-user";
pub(super) const PASS_CODE: &str = "synthetic-passcode";
/// Root of every instance UID.
pub(super) const INSTANCES: &str = "1.2.826.0.1.3680043.10.999.20260302";
/// Maker in a contributing equipment sequence: a place where makers stand that are not the device's.
pub(super) const OTHER_MAKER: &str = "Contributing Postprocessor Works";
pub(super) const NOTE: &str = "synthetic free text about a patient";
pub(super) const DIAGNOSIS: &str = "SYNTHETIC DIAGNOSIS";

/// Pieces of text of which none may be in any output.
pub(super) const UNTOLD: &[&str] = &[
    "TESTPATIENT",
    "ALMA",
    "BRUNO",
    "CLARA",
    "SYN-PAT-",
    "19010203",
    "19020304",
    "19030405",
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
    INSTANCES,
    OTHER_MAKER,
    "synthetic free text",
    DIAGNOSIS,
    "SYNCTL",
    "SYNBED",
];
