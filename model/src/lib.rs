//! The vocabulary that agent and collector share: time, addresses, observations, the document. No behaviour beyond
//! merging and writing.

mod address;
pub mod analysis;
mod attribute;
pub mod config;
pub mod dicom;
pub mod hl7;
mod report;
mod text;
mod time;

pub use address::{Mac, Vlans};
pub use attribute::{Attribute, Source};
pub use report::{
    Bounded, CaptureFacts, Conversation, ConversationKey, Description, Detail, Place, ProtocolFacts, Report, Sighting,
    Transport,
};
pub use text::DeviceText;
pub use time::{PacketTime, Seen};
