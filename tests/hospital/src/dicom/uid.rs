//! Unique identifiers of PS3.6 annex A, by the names of the standard.

/// Application context.
pub const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";

/// Implicit VR little endian.
pub const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
/// Explicit VR little endian.
pub const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
/// Explicit VR big endian, retired.
pub const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";

/// Verification.
pub const VERIFICATION: &str = "1.2.840.10008.1.1";
/// CT image storage.
pub const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
/// MR image storage.
pub const MR_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.4";
/// Ultrasound image storage.
pub const US_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.6.1";
/// Computed radiography image storage.
pub const CR_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.1";
/// Digital X-ray image storage, for presentation.
pub const DX_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.1.1";
/// Digital mammography X-ray image storage, for presentation.
pub const MG_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.1.2";
/// Digital intra-oral X-ray image storage, for presentation.
pub const IO_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.1.3";
/// Secondary capture image storage.
pub const SC_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.7";
/// 12-lead ECG waveform storage.
pub const ECG_WAVEFORM: &str = "1.2.840.10008.5.1.4.1.1.9.1.1";
/// X-ray angiographic image storage.
pub const XA_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.12.1";
/// X-ray radiofluoroscopic image storage.
pub const RF_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.12.2";
/// Nuclear medicine image storage.
pub const NM_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.20";
/// VL endoscopic image storage.
pub const ES_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.77.1.1";
/// Ophthalmic tomography image storage.
pub const OPT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.77.1.5.4";
/// VL whole slide microscopy image storage.
pub const SM_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.77.1.6";
/// Positron emission tomography image storage.
pub const PT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.128";
/// RT image storage.
pub const RT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.481.1";
/// Storage commitment, push model.
pub const STORAGE_COMMITMENT: &str = "1.2.840.10008.1.20.1";
/// Well-known instance of storage commitment, push model.
pub const STORAGE_COMMITMENT_INSTANCE: &str = "1.2.840.10008.1.20.1.1";
/// Study root query and retrieve, find.
pub const STUDY_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
/// Modality worklist, find.
pub const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
/// Modality performed procedure step.
pub const PERFORMED_STEP: &str = "1.2.840.10008.3.1.2.3.3";
/// Study root query and retrieve, move.
pub const STUDY_ROOT_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";
