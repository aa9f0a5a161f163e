//! The list of the modalities: what each of them is, and tells of itself.

use super::leases::{WINDOWS_7, WINDOWS_8, WINDOWS_10, WINDOWS_XP, Windows};
use crate::dicom::uid::{
    CR_IMAGE, CT_IMAGE, DX_IMAGE, ECG_WAVEFORM, ES_IMAGE, EXPLICIT_LITTLE, IMPLICIT_LITTLE, IO_IMAGE, MG_IMAGE,
    MR_IMAGE, NM_IMAGE, OPT_IMAGE, PT_IMAGE, RF_IMAGE, RT_IMAGE, SC_IMAGE, SM_IMAGE, US_IMAGE, XA_IMAGE,
};

/// A row of the equipment list.
pub(super) struct Row {
    pub(super) class: &'static str,
    pub(super) title: &'static str,
    pub(super) modality: &'static str,
    pub(super) storage: &'static str,
    /// Manufacturer as the device writes it, and by its present trade name.
    pub(super) maker: [&'static str; 2],
    pub(super) model: &'static str,
    /// What serial numbers begin with.
    pub(super) serial: &'static str,
    pub(super) software: &'static str,
    pub(super) implementation: [&'static str; 2],
    pub(super) block: [u8; 3],
    pub(super) syntax: &'static str,
    pub(super) address: Address,
    pub(super) is_scheduled: bool,
}

/// Where a modality has its address from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    Fixed,
    /// By DHCP, whose client is that of a Windows version.
    Windows(&'static Windows),
}

/// Most are asked to do something, write in the plain syntax, and have their address written into them.
const USUAL: Row = Row {
    class: "",
    title: "",
    modality: "",
    storage: "",
    maker: ["", ""],
    model: "",
    serial: "",
    software: "",
    implementation: ["", ""],
    block: [0x00, 0x1e, 0x67],
    syntax: EXPLICIT_LITTLE,
    address: Address::Fixed,
    is_scheduled: true,
};

const SIEMENS: [&str; 2] = ["SIEMENS", "Siemens Healthineers"];
const GE: [&str; 2] = ["GE MEDICAL SYSTEMS", "GE HealthCare"];
const PHILIPS: [&str; 2] = ["Philips Medical Systems", "Philips"];

pub(super) const ROWS: [Row; 25] = [
    Row {
        class: "ct-scanner",
        title: "CT1",
        modality: "CT",
        storage: CT_IMAGE,
        maker: SIEMENS,
        model: "SOMATOM Definition AS",
        serial: "66",
        software: "syngo CT 2014A\\VA48A",
        implementation: ["1.3.12.2.1107.5.1", "SIEMENS_S5VB20B"],
        syntax: IMPLICIT_LITTLE,
        ..USUAL
    },
    Row {
        class: "ct-scanner",
        title: "CT_EMERGENCY",
        modality: "CT",
        storage: CT_IMAGE,
        maker: PHILIPS,
        model: "Ingenuity CT",
        serial: "3",
        software: "4.1.10",
        implementation: ["1.3.46.670589.33.1.1", "BRCONN_4.0"],
        ..USUAL
    },
    Row {
        class: "mr-scanner",
        title: "MR1",
        modality: "MR",
        storage: MR_IMAGE,
        maker: SIEMENS,
        model: "MAGNETOM Avanto",
        serial: "26",
        software: "syngo MR B19",
        implementation: ["1.3.12.2.1107.5.2", "MR_VB19A"],
        syntax: IMPLICIT_LITTLE,
        ..USUAL
    },
    Row {
        class: "mr-scanner",
        title: "MR2_SIGNA",
        modality: "MR",
        storage: MR_IMAGE,
        maker: GE,
        model: "SIGNA Architect",
        serial: "MR2S",
        software: "28\\LX\\MR Software release:DV28.0_R01_1833.b",
        implementation: ["1.2.840.113619.6.475", "DV28.0"],
        ..USUAL
    },
    Row {
        class: "pet-scanner",
        title: "PET1",
        modality: "PT",
        storage: PT_IMAGE,
        maker: GE,
        model: "Discovery MI",
        serial: "PETMI",
        software: "pet_dmi.55",
        implementation: ["1.2.840.113619.6.323", "DMI_1"],
        ..USUAL
    },
    Row {
        class: "gamma-camera",
        title: "NM1",
        modality: "NM",
        storage: NM_IMAGE,
        maker: ["SIEMENS NM", "Siemens Healthineers"],
        model: "Symbia Intevo",
        serial: "12",
        software: "VB20D",
        implementation: ["1.3.12.2.1107.5.6", "SIEMENS_NM"],
        ..USUAL
    },
    Row {
        class: "ultrasound",
        title: "US_ROOM4",
        modality: "US",
        storage: US_IMAGE,
        maker: ["GE Healthcare", "GE HealthCare"],
        model: "LOGIQ S8",
        serial: "LS8-",
        software: "LOGIQS8:R4.2.77",
        implementation: ["1.2.840.113619.6.323", "LOGIQS8_1"],
        block: [0x44, 0x4b, 0x5d],
        ..USUAL
    },
    Row {
        class: "ultrasound",
        title: "EPIQ7",
        modality: "US",
        storage: US_IMAGE,
        maker: PHILIPS,
        model: "EPIQ 7G",
        serial: "US1",
        software: "EPIQ 7G_7.0.5.1520",
        implementation: ["1.3.46.670589.14.10000.705", "EPIQ-AFFIN_7.05"],
        address: Address::Windows(&WINDOWS_10),
        ..USUAL
    },
    Row {
        class: "ultrasound",
        title: "SONO_ER",
        modality: "US",
        storage: US_IMAGE,
        maker: ["SonoSite, Inc.", "Fujifilm Sonosite"],
        model: "Turbo",
        serial: "WK0",
        software: "50.80.106.022",
        implementation: ["1.2.840.114340.3", "Tiller_SV500"],
        block: [0x00, 0x08, 0xfb],
        is_scheduled: false,
        ..USUAL
    },
    Row {
        class: "ultrasound",
        title: "US_OBSTETRICS",
        modality: "US",
        storage: US_IMAGE,
        maker: ["SAMSUNG MEDISON CO., LTD.", "Samsung Medison"],
        model: "V8",
        serial: "S1V8",
        software: "1.03.00",
        implementation: ["1.2.410.200001.101.11.801", "V8"],
        block: [0x00, 0x05, 0xb2],
        address: Address::Windows(&WINDOWS_10),
        ..USUAL
    },
    Row {
        class: "x-ray",
        title: "CR_OLD",
        modality: "CR",
        storage: CR_IMAGE,
        maker: ["FUJI PHOTO FILM Co., ltd.", "Fujifilm"],
        model: "FCR Capsula",
        serial: "561",
        software: "A05",
        implementation: ["1.2.392.200036.9125.1", "FUJI_CR"],
        block: [0x00, 0xc0, 0x2d],
        syntax: IMPLICIT_LITTLE,
        address: Address::Windows(&WINDOWS_XP),
        ..USUAL
    },
    Row {
        class: "x-ray",
        title: "DX_ROOM2",
        modality: "DX",
        storage: DX_IMAGE,
        maker: ["Carestream Health", "Carestream"],
        model: "DRX-Evolution",
        serial: "CDX",
        software: "5.7.532.0",
        implementation: ["1.2.840.113564.3.1.64", "2.1"],
        block: [0x00, 0x1d, 0x4a],
        address: Address::Windows(&WINDOWS_7),
        ..USUAL
    },
    Row {
        class: "x-ray",
        title: "DX_MOBILE",
        modality: "DX",
        storage: DX_IMAGE,
        maker: ["Agfa-Gevaert AG", "Agfa"],
        model: "DX-D 100",
        serial: "A5",
        software: "NX 8900",
        implementation: ["1.3.51.0.1.3", "AGFA DTF1.0.95"],
        block: [0x08, 0x00, 0x66],
        address: Address::Windows(&WINDOWS_8),
        ..USUAL
    },
    Row {
        class: "mammography",
        title: "MAMMO1",
        modality: "MG",
        storage: MG_IMAGE,
        maker: ["HOLOGIC, Inc.", "Hologic"],
        model: "Selenia Dimensions",
        serial: "SDM",
        software: "AWS:1.8.3.63",
        implementation: ["1.2.840.114089.1.0.0.3.3.12", "DCF 3.3.12c"],
        ..USUAL
    },
    Row {
        class: "angiography",
        title: "CATHLAB1",
        modality: "XA",
        storage: XA_IMAGE,
        maker: SIEMENS,
        model: "AXIOM-Artis",
        serial: "15",
        software: "VC21B",
        implementation: ["1.3.12.2.1107.5.4", "SIEMENS_XA"],
        ..USUAL
    },
    Row {
        class: "fluoroscopy",
        title: "RF_ROOM5",
        modality: "RF",
        storage: RF_IMAGE,
        maker: ["SHIMADZU CORPORATION", "Shimadzu"],
        model: "SONIALVISION G4",
        serial: "SVG",
        software: "V3.10",
        implementation: ["1.2.276.0.7230010.3.0.3.5.4", "OFFIS_DCMTK_354"],
        block: [0x00, 0xe0, 0x96],
        ..USUAL
    },
    Row {
        class: "bone-densitometer",
        title: "DEXA1",
        modality: "BMD",
        storage: SC_IMAGE,
        maker: ["GE Healthcare Lunar", "GE HealthCare"],
        model: "Lunar iDXA",
        serial: "ME+",
        software: "17.10.041",
        implementation: ["1.2.276.0.7230010.3.0.3.6.6", "OFFIS_DCMTK_366"],
        address: Address::Windows(&WINDOWS_7),
        ..USUAL
    },
    Row {
        class: "endoscopy",
        title: "ENDO1",
        modality: "ES",
        storage: ES_IMAGE,
        maker: ["Olympus Medical Systems", "Olympus"],
        model: "EVIS EXERA III",
        serial: "74",
        software: "1.21",
        implementation: ["1.2.276.0.7230010.3.0.3.6.6", "OFFIS_DCMTK_366"],
        is_scheduled: false,
        ..USUAL
    },
    Row {
        class: "ophthalmic-imaging",
        title: "OCT_EYE",
        modality: "OPT",
        storage: OPT_IMAGE,
        maker: ["Carl Zeiss Meditec", "Carl Zeiss Meditec"],
        model: "CIRRUS HD-OCT 5000",
        serial: "5000-",
        software: "11.5.2.54532",
        implementation: ["1.2.40.0.13.1.1", "dcm4che-2.0"],
        address: Address::Windows(&WINDOWS_7),
        ..USUAL
    },
    Row {
        class: "dental-imaging",
        title: "DENTAL1",
        modality: "IO",
        storage: IO_IMAGE,
        maker: ["Sirona Dental Systems GmbH", "Dentsply Sirona"],
        model: "XIOS XG",
        serial: "65",
        software: "2.56",
        implementation: ["1.3.6.1.4.1.30071.8", "fo-dicom 5.0.3"],
        is_scheduled: false,
        ..USUAL
    },
    Row {
        class: "pathology-scanner",
        title: "SLIDES1",
        modality: "SM",
        storage: SM_IMAGE,
        maker: ["Leica Biosystems", "Leica Biosystems"],
        model: "Aperio GT 450 DX",
        serial: "SS1",
        software: "1.1.0",
        implementation: ["1.3.6.1.4.1.30071.8", "fo-dicom 5.0.3"],
        is_scheduled: false,
        ..USUAL
    },
    Row {
        class: "radiotherapy",
        title: "LINAC1",
        modality: "RTIMAGE",
        storage: RT_IMAGE,
        maker: ["Varian Medical Systems", "Varian"],
        model: "TrueBeam",
        serial: "H19",
        software: "2.7.304.16",
        implementation: ["1.2.246.352.70.2.1.160.3", "DCIE 2.2"],
        block: [0x00, 0x60, 0x93],
        syntax: IMPLICIT_LITTLE,
        is_scheduled: false,
        ..USUAL
    },
    Row {
        class: "ecg",
        title: "ECG_CART1",
        modality: "ECG",
        storage: ECG_WAVEFORM,
        maker: ["Mortara Instrument, Inc.", "Mortara"],
        model: "ELI 280",
        serial: "1170",
        software: "2.3.1",
        implementation: ["1.2.40.0.13.1.1", "dcm4che-2.0"],
        block: [0x00, 0x0f, 0x82],
        ..USUAL
    },
    Row {
        class: "ecg",
        title: "ECG_CART2",
        modality: "ECG",
        storage: ECG_WAVEFORM,
        maker: ["SCHILLER AG", "Schiller"],
        model: "CARDIOVIT FT-1",
        serial: "190",
        software: "1.8.0",
        implementation: ["1.2.276.0.7230010.3.0.3.6.6", "OFFIS_DCMTK_366"],
        ..USUAL
    },
    Row {
        class: "ultrasound",
        title: "ECHO_CARDIO",
        modality: "US",
        storage: US_IMAGE,
        maker: ["GE Vingmed Ultrasound", "GE HealthCare"],
        model: "Vivid E95",
        serial: "VE95-",
        software: "EchoPAC:204",
        implementation: ["1.2.840.113619.6.323", "VIVID_1"],
        address: Address::Windows(&WINDOWS_10),
        ..USUAL
    },
];
