//! The vocabulary that agent and collector share: time, addresses, observations, the document. No behaviour beyond
//! merging and writing.

mod address;
pub mod analysis;
mod attribute;
mod bounded;
mod class;
pub mod config;
mod conversation;
pub mod dhcp;
pub mod dicom;
mod facts;
pub mod heap;
pub mod hl7;
mod imported;
mod lifecycle;
mod lowest;
mod name;
mod note;
mod report;
pub mod snmp;
mod text;
mod time;
mod tunnel;

pub use address::{Mac, Vlans};
pub use attribute::{Attribute, Source};
pub use bounded::Bounded;
pub use class::DeviceClass;
pub use conversation::{Conversation, ConversationKey, Detail, End, Transport, Violation, Violations};
pub use facts::{CaptureFacts, Description, Facts, Place, ProtocolFacts, Sighting};
pub use imported::{ImportFile, ImportProblem, ImportReport, JoinedBy, Location, Spot};
pub use lowest::Lowest;
pub use name::Name;
pub use note::{Note, Notes};
pub use report::{AgentHealth, InterfaceHealth, Refusal, Report, StreamId, TransmitRisk, WorkerHealth};
pub use text::DeviceText;
pub use time::{Moments, PacketTime, Seen};
pub use tunnel::{Tunnel, TunnelKind, Tunnels};
