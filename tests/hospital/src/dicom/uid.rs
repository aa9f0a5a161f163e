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
/// Modality worklist, find.
pub const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
/// Modality performed procedure step.
pub const PERFORMED_STEP: &str = "1.2.840.10008.3.1.2.3.3";
/// Study root query and retrieve, move.
pub const STUDY_ROOT_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";
