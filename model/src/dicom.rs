//! What is told of DICOM conversations (PS3.7, PS3.8).

use crate::{DeviceText, Moments, PacketTime, Seen, attribute::closed_list};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

closed_list! {
    /// How an association began.
    AssociationResult {
        /// A-ASSOCIATE-AC.
        Accepted = "accepted",
        /// A-ASSOCIATE-RJ.
        Rejected = "rejected",
        /// A request with no answer in the capture.
        Unanswered = "unanswered",
        /// The capture began, or lost bytes, before the request.
        StartMissed = "start-missed",
    }
}

closed_list! {
    /// How an association ended, as far as was seen.
    AssociationEnd {
        /// A-RELEASE-RQ.
        Released = "released",
        /// A-ABORT.
        Aborted = "aborted",
        /// Neither was seen.
        Open = "open",
    }
}

closed_list! {
    /// Answer to a proposed presentation context (PS3.8 9.3.3.2).
    ContextResult {
        /// 0.
        Accepted = "accepted",
        /// 1.
        UserRejection = "user-rejection",
        /// 2, and any value the standard does not define.
        NoReason = "no-reason",
        /// 3.
        AbstractSyntaxNotSupported = "abstract-syntax-not-supported",
        /// 4.
        TransferSyntaxesNotSupported = "transfer-syntaxes-not-supported",
        /// No answer in the capture.
        Unanswered = "unanswered",
    }
}

/// A-ASSOCIATE-RJ (PS3.8 9.3.4): the three codes as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the field names are the standard's")]
pub struct Rejection {
    pub result: u8,
    pub source: u8,
    pub reason: u8,
}

/// A-ABORT (PS3.8 9.3.8): the two codes as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the field names are the standard's")]
pub struct Abort {
    pub source: u8,
    pub reason: u8,
}

/// Asynchronous operations window (PS3.7 D.3.3.3), 0 = unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the field names are the standard's")]
pub struct AsyncOperations {
    pub invoked: u16,
    pub performed: u16,
}

/// A presentation context: what was proposed and what came of it (PS3.8 9.3.2.2, 9.3.3.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PresentationContext {
    /// Abstract syntax UID; null where the request was not seen.
    pub abstract_syntax: Option<DeviceText>,
    /// Transfer syntax UIDs in the order proposed.
    pub proposed_transfer_syntaxes: Vec<DeviceText>,
    /// The accepted transfer syntax UID.
    pub transfer_syntax: Option<DeviceText>,
    /// SCU role of the requestor for this SOP class (PS3.7 D.3.3.4), as accepted, else as proposed; null by default.
    pub scu_role: Option<bool>,
    /// SCP role of the requestor, as above.
    pub scp_role: Option<bool>,
    /// What the acceptor answered.
    pub result: ContextResult,
}

/// An association, in the terms two equal ones share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Association {
    /// Calling AE title, blanks removed; null where missed or blank.
    pub calling_ae: Option<DeviceText>,
    /// Called AE title.
    pub called_ae: Option<DeviceText>,
    /// How it began.
    pub result: AssociationResult,
    /// How it ended.
    pub end: AssociationEnd,
    /// Why it was rejected.
    pub rejection: Option<Rejection>,
    /// Why it was aborted.
    pub abort: Option<Abort>,
    /// Implementation class UID of the requestor.
    pub client_implementation_uid: Option<DeviceText>,
    /// Implementation version name of the requestor.
    pub client_implementation_version: Option<DeviceText>,
    /// Longest P-DATA-TF PDU the requestor receives, bytes; 0 = unlimited.
    pub client_max_pdu: Option<u32>,
    /// Implementation class UID of the acceptor.
    pub server_implementation_uid: Option<DeviceText>,
    /// Implementation version name of the acceptor.
    pub server_implementation_version: Option<DeviceText>,
    /// Longest P-DATA-TF PDU the acceptor receives, bytes; 0 = unlimited.
    pub server_max_pdu: Option<u32>,
    /// Type of the user identity (PS3.7 D.3.3.7): 1 user name, 2 with pass code, 3 Kerberos, 4 SAML, 5 JWT. Never the
    /// identity itself.
    pub user_identity_type: Option<u8>,
    /// As negotiated, else as proposed.
    pub async_operations: Option<AsyncOperations>,
    /// SOP classes with extended negotiation (PS3.7 D.3.3.5, D.3.3.6), sorted.
    pub extended_negotiation: BTreeSet<DeviceText>,
    /// By presentation context id.
    pub contexts: Vec<PresentationContext>,
}

closed_list! {
    /// DIMSE services (PS3.7 9.3, 10.3).
    Dimse {
        /// C-CANCEL-RQ.
        CCancel = "C-CANCEL",
        /// C-ECHO.
        CEcho = "C-ECHO",
        /// C-FIND.
        CFind = "C-FIND",
        /// C-GET.
        CGet = "C-GET",
        /// C-MOVE.
        CMove = "C-MOVE",
        /// C-STORE.
        CStore = "C-STORE",
        /// N-ACTION.
        NAction = "N-ACTION",
        /// N-CREATE.
        NCreate = "N-CREATE",
        /// N-DELETE.
        NDelete = "N-DELETE",
        /// N-EVENT-REPORT.
        NEventReport = "N-EVENT-REPORT",
        /// N-GET.
        NGet = "N-GET",
        /// N-SET.
        NSet = "N-SET",
    }
}

/// Messages of one DIMSE service, and how they ended (status classes of PS3.7 annex C).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations {
    /// Request messages.
    pub requests: u64,
    /// Responses with status 0000.
    pub success: u64,
    /// Responses with status 0001, 0107, 0116 or Bxxx.
    pub warning: u64,
    /// Responses with any other final status.
    pub failure: u64,
    /// Responses with status FE00.
    pub cancel: u64,
    /// Responses with status FF00 or FF01.
    pub pending: u64,
    /// Data set bytes of requests and responses, as their headers state them.
    pub bytes: u64,
}

impl Operations {
    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.success += other.success;
        self.warning += other.warning;
        self.failure += other.failure;
        self.cancel += other.cancel;
        self.pending += other.pending;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// Operations by DIMSE service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationsByService(pub BTreeMap<Dimse, Operations>);

/// How often an association was seen, and what was done on it. Merging is commutative.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssociationActivity {
    /// Number of associations.
    pub count: u64,
    /// What was done on them.
    pub operations: OperationsByService,
    /// Move destination AE titles asked for (0000,0600).
    pub move_destinations: BTreeSet<DeviceText>,
    /// AE titles on whose behalf objects were stored (0000,1030).
    pub move_originators: BTreeSet<DeviceText>,
    /// When associations were rejected.
    pub rejected_at: Moments,
    /// When their first and last PDUs were seen, of all of them together; first <= last.
    pub window: Option<(PacketTime, PacketTime)>,
}

impl AssociationActivity {
    /// Most AE titles kept in each of the two sets.
    pub const MAX_TITLES: usize = 64;

    /// A PDU of theirs was seen.
    pub fn see(&mut self, at: PacketTime) {
        self.window = Some(self.window.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
    }

    /// When and how often they were seen; the window of their conversation where nobody told their own.
    pub fn seen(&self, conversation: &Seen) -> Seen {
        let (first, last) = self.window.unwrap_or((conversation.first, conversation.last));
        Seen { first, last, count: self.count }
    }

    /// Adds the activity of equal associations.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.rejected_at.merge(&other.rejected_at);
        if let Some((first, last)) = other.window {
            self.see(first);
            self.see(last);
        }
        for (service, counts) in &other.operations.0 {
            self.operations.0.entry(*service).or_default().merge(counts);
        }
        let sets = [
            (&mut self.move_destinations, &other.move_destinations),
            (&mut self.move_originators, &other.move_originators),
        ];
        for (mine, theirs) in sets {
            mine.extend(theirs.iter().cloned());
            while mine.len() > Self::MAX_TITLES {
                mine.pop_last();
            }
        }
    }
}
