//! An association while it lasts: what was proposed, what was answered, what was done.

use super::{
    associate::{self, Item, SubItem},
    command::{self, Command, StatusClass},
    element::before_nul,
    encoding::Encoding,
};
use crate::{protocol::Side, text::Charset};
use std::collections::{BTreeMap, BTreeSet};
use wardwatch_model::{
    DeviceText, Moments, PacketTime,
    dicom::{
        Abort, Association, AssociationActivity, AssociationEnd, AssociationResult, AsyncOperations, ContextResult,
        Dimse, Operations, PresentationContext, Rejection,
    },
    heap::{in_tree, text_set, texts},
};

/// Most SOP classes kept with extended negotiation, and with roles.
const MAX_CLASSES: usize = 256;

/// Most transfer syntaxes of a request, over all its contexts, that can be meant: 64 contexts with 128 each, many times what
/// any sender is known to propose.
pub(super) const MAX_PROPOSED: u32 = 64 * 128;

/// The state of an association.
#[derive(Clone, Default)]
pub(super) struct State {
    /// Side of the requestor, once an A-ASSOCIATE PDU or a command told.
    requestor: Option<Side>,
    /// It was told by something only one of the two sends.
    requestor_is_certain: bool,
    /// The request was seen; its answer.
    requested: bool,
    answer: Option<AssociationResult>,
    titles: [Option<DeviceText>; 2],
    contexts: BTreeMap<u8, Context>,
    /// Transfer syntaxes proposed, kept or not.
    proposed: u32,
    rejection: Option<Rejection>,
    abort: Option<Abort>,
    released: bool,
    client: Identity,
    server: Identity,
    user_identity_type: Option<u8>,
    async_operations: Option<AsyncOperations>,
    extended_negotiation: BTreeSet<DeviceText>,
    /// Roles by SOP class: the requestor's proposal, then the acceptor's answer over it.
    roles: BTreeMap<DeviceText, (bool, bool)>,
    activity: AssociationActivity,
    /// Memory of what was negotiated, about, bytes.
    negotiated_bytes: usize,
}

#[derive(Clone, Default)]
struct Context {
    abstract_syntax: Option<DeviceText>,
    proposed: Vec<DeviceText>,
    accepted: Option<DeviceText>,
    result: Option<ContextResult>,
}

impl Context {
    /// Memory it takes in the tree, about.
    fn bytes(&self) -> usize {
        let proposed = self.proposed.capacity() * size_of::<DeviceText>() + texts(&self.proposed);
        in_tree(size_of::<Self>()) + proposed + texts(&self.abstract_syntax) + texts(&self.accepted)
    }
}

/// What one end says of its implementation.
#[derive(Clone, Default)]
struct Identity {
    uid: Option<DeviceText>,
    version: Option<DeviceText>,
    max_pdu: Option<u32>,
}

impl State {
    /// Side of the requestor.
    pub(super) const fn requestor(&self) -> Option<Side> {
        self.requestor
    }

    /// Whether anything was seen of it.
    pub(super) fn is_untouched(&self) -> bool {
        self.requestor.is_none() && self.abort.is_none() && !self.released && self.activity.operations.0.is_empty()
    }

    /// Whether an A-ASSOCIATE-RQ opens another association. Its own answer may stand before it where the two directions
    /// were captured apart.
    pub(super) fn is_begun(&self) -> bool {
        self.requested || self.released || self.abort.is_some() || !self.activity.operations.0.is_empty()
    }

    /// The fixed part of a request or its acceptance. The titles of an acceptance are reserved, "shall not be tested"
    /// (PS3.8 9.3.3), so they count only where the request was missed.
    pub(super) fn begin(&mut self, side: Side, is_request: bool, fixed: &[u8]) {
        self.requestor = Some(if is_request { side } else { side.other() });
        self.requestor_is_certain = true;
        if is_request {
            self.requested = true;
        } else {
            self.answer = Some(AssociationResult::Accepted);
        }
        if let (true, Some((called, calling))) = (is_request || !self.requested, associate::titles(fixed)) {
            self.titles = [calling, called].map(title);
        }
    }

    /// An item of the variable field; answers whether it was well-formed.
    pub(super) fn item(&mut self, is_request: bool, item: Option<Item<'_>>) -> bool {
        match item {
            Some(Item::ProposedContext { id, abstract_syntax, transfer_syntaxes, unkept }) => {
                let kept = u32::try_from(transfer_syntaxes.len()).unwrap_or(u32::MAX);
                self.proposed = self.proposed.saturating_add(kept).saturating_add(unkept.into());
                let context = self.contexts.entry(id).or_default();
                let before = context.bytes();
                context.abstract_syntax = abstract_syntax.and_then(uid);
                context.proposed = transfer_syntaxes.into_iter().filter_map(uid).collect();
                self.negotiated_bytes = (self.negotiated_bytes + context.bytes()).saturating_sub(before);
            }
            Some(Item::AnsweredContext { id, result, transfer_syntax }) => {
                let context = self.contexts.entry(id).or_default();
                let before = context.bytes();
                context.result = Some(match result {
                    0 => ContextResult::Accepted,
                    1 => ContextResult::UserRejection,
                    3 => ContextResult::AbstractSyntaxNotSupported,
                    4 => ContextResult::TransferSyntaxesNotSupported,
                    _ => ContextResult::NoReason,
                });
                context.accepted = if result == 0 { transfer_syntax.and_then(uid) } else { None };
                self.negotiated_bytes = (self.negotiated_bytes + context.bytes()).saturating_sub(before);
            }
            Some(Item::UserInformation(value)) => return self.user_information(is_request, value),
            Some(Item::Other) => {}
            None => return false,
        }
        true
    }

    fn user_information(&mut self, is_request: bool, mut value: &[u8]) -> bool {
        let mut well_formed = true;
        while !value.is_empty() {
            let Some((sub_item, rest)) = associate::sub_item(value) else { return false };
            value = rest;
            let identity = if is_request { &mut self.client } else { &mut self.server };
            match sub_item {
                Some(SubItem::MaximumLength(length)) => identity.max_pdu = Some(length),
                Some(SubItem::ImplementationClassUid(value)) => identity.uid = uid(value),
                Some(SubItem::ImplementationVersionName(value)) => identity.version = text(value),
                // The answer counts, before the request as well as after it.
                Some(SubItem::AsyncOperations(invoked, performed)) => {
                    if !is_request || self.async_operations.is_none() {
                        self.async_operations = Some(AsyncOperations { invoked, performed });
                    }
                }
                Some(SubItem::RoleSelection(class, scu, scp)) => {
                    let room = self.roles.len() < MAX_CLASSES;
                    if let Some(class) = uid(class)
                        && if self.roles.contains_key(&class) { !is_request } else { room }
                    {
                        self.negotiated_bytes += in_tree(2 * size_of::<DeviceText>()) + class.heap_bytes();
                        self.roles.insert(class, (scu, scp));
                    }
                }
                Some(SubItem::ExtendedNegotiation(class)) => {
                    if self.extended_negotiation.len() < MAX_CLASSES {
                        let class = uid(class);
                        self.negotiated_bytes += text_set(&class);
                        self.extended_negotiation.extend(class);
                    }
                }
                Some(SubItem::UserIdentity(kind)) => self.user_identity_type = Some(kind),
                Some(SubItem::Other) => {}
                None => well_formed = false,
            }
        }
        well_formed
    }

    /// Memory beyond itself, about, bytes: what was negotiated, the operations that there are, and the titles, each of which
    /// takes none of its own.
    pub(super) fn held(&self) -> usize {
        let AssociationActivity { operations, move_destinations, move_originators, .. } = &self.activity;
        let operations = operations.0.len() * in_tree(size_of::<(Dimse, Operations)>());
        let titles = (move_destinations.len() + move_originators.len()) * in_tree(size_of::<DeviceText>());
        self.negotiated_bytes + self.contexts.len() * in_tree(size_of::<Context>()) + operations + titles
    }

    /// Whether more is proposed than can be meant.
    pub(super) const fn proposes_too_much(&self) -> bool {
        self.proposed > MAX_PROPOSED
    }

    /// A-ASSOCIATE-RJ.
    pub(super) fn reject(&mut self, side: Side, at: PacketTime, rejection: Rejection) {
        self.activity.rejected_at.merge(&Moments::once(at));
        self.requestor = Some(side.other());
        self.requestor_is_certain = true;
        self.answer = Some(AssociationResult::Rejected);
        self.rejection = Some(rejection);
    }

    /// A-ABORT, of which the first counts.
    pub(super) fn abort(&mut self, abort: Abort) {
        self.abort.get_or_insert(abort);
    }

    /// A-RELEASE-RQ or -RP.
    pub(super) fn release(&mut self) {
        self.released = true;
    }

    /// A command; answers the service and whether it is a request.
    pub(super) fn command(&mut self, side: Side, command: &Command<'_>) -> Option<(Dimse, bool)> {
        let (service, is_request) = command.service()?;
        if !self.requestor_is_certain {
            // An acceptor stores what a C-GET asked for, and reports events to whoever asked for them.
            let is_hint = matches!(service, Dimse::CStore | Dimse::NEventReport);
            if !is_hint || self.requestor.is_none() {
                let by_requestor = is_request != (service == Dimse::NEventReport);
                self.requestor = Some(if by_requestor { side } else { side.other() });
            }
            self.requestor_is_certain = !is_hint;
        }
        let counts = self.activity.operations.0.entry(service).or_default();
        match (is_request, command.status.map(command::status_class)) {
            (true, _) => counts.requests += 1,
            (false, Some(StatusClass::Success)) => counts.success += 1,
            (false, Some(StatusClass::Warning)) => counts.warning += 1,
            (false, Some(StatusClass::Cancel)) => counts.cancel += 1,
            (false, Some(StatusClass::Pending)) => counts.pending += 1,
            (false, Some(StatusClass::Failure) | None) => counts.failure += 1,
        }
        let AssociationActivity { move_destinations, move_originators, .. } = &mut self.activity;
        for (titles, value) in
            [(move_destinations, command.move_destination), (move_originators, command.move_originator)]
        {
            if titles.len() < AssociationActivity::MAX_TITLES {
                titles.extend(value.and_then(title));
            }
        }
        Some((service, is_request))
    }

    /// Data set bytes of a service.
    pub(super) fn data(&mut self, service: Dimse, bytes: u64) {
        self.activity.operations.0.entry(service).or_default().bytes += bytes;
    }

    /// Whether a presentation context was seen.
    pub(super) fn knows_context(&self, id: u8) -> bool {
        self.contexts.contains_key(&id)
    }

    /// A presentation context that was met in data, its negotiation being missed.
    pub(super) fn meet_context(&mut self, id: u8) {
        if !self.requested && self.answer.is_none() && id & 1 == 1 {
            self.contexts.entry(id).or_default();
        }
    }

    /// How data sets of a context are written.
    pub(super) fn encoding(&self, context: u8) -> Encoding {
        Encoding::of(self.contexts.get(&context).and_then(|context| context.accepted.as_deref()))
    }

    /// Longest P-DATA-TF PDU a side receives (PS3.8 D.1.1): what it announced; none, or 0, for no limit.
    pub(super) fn longest_received_by(&self, side: Side) -> Option<u32> {
        let identity = if self.requestor? == side { &self.client } else { &self.server };
        identity.max_pdu.filter(|maximum| *maximum > 0)
    }

    /// AE title under which a side speaks.
    pub(super) fn title(&self, side: Side) -> Option<&DeviceText> {
        let [calling, called] = &self.titles;
        if self.requestor? == side { calling.as_ref() } else { called.as_ref() }
    }

    /// A part of it was seen.
    pub(super) fn see(&mut self, at: PacketTime) {
        self.activity.see(at);
    }

    /// What is told of it.
    pub(super) fn finish(self) -> (Association, AssociationActivity) {
        let [calling_ae, called_ae] = self.titles;
        let result = match (self.requested, self.answer) {
            (true, Some(answer)) => answer,
            (true, None) => AssociationResult::Unanswered,
            (false, Some(AssociationResult::Rejected)) => AssociationResult::Rejected,
            (false, _) => AssociationResult::StartMissed,
        };
        let negotiated = self.requested || self.answer.is_some();
        let roles = self.roles;
        let contexts = self.contexts.into_values().filter(|_| negotiated).map(|context| {
            let role = context.abstract_syntax.as_ref().and_then(|class| roles.get(class)).copied();
            PresentationContext {
                abstract_syntax: context.abstract_syntax,
                proposed_transfer_syntaxes: context.proposed,
                transfer_syntax: context.accepted,
                scu_role: role.map(|(scu, _)| scu),
                scp_role: role.map(|(_, scp)| scp),
                result: context.result.unwrap_or(ContextResult::Unanswered),
            }
        });
        let association = Association {
            calling_ae,
            called_ae,
            result,
            end: match (self.released, self.abort.is_some()) {
                (_, true) => AssociationEnd::Aborted,
                (true, false) => AssociationEnd::Released,
                (false, false) => AssociationEnd::Open,
            },
            rejection: self.rejection,
            abort: self.abort,
            client_implementation_uid: self.client.uid,
            client_implementation_version: self.client.version,
            client_max_pdu: self.client.max_pdu,
            server_implementation_uid: self.server.uid,
            server_implementation_version: self.server.version,
            server_max_pdu: self.server.max_pdu,
            user_identity_type: self.user_identity_type,
            async_operations: self.async_operations,
            extended_negotiation: self.extended_negotiation,
            contexts: contexts.collect(),
        };
        (association, AssociationActivity { count: 1, ..self.activity })
    }
}

/// A UID: digits and dots (PS3.5 9.1).
fn uid(value: &[u8]) -> Option<DeviceText> {
    let value = before_nul(value).trim_ascii();
    value.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.')).then(|| text(value)).flatten()
}

/// An AE title: at most sixteen characters, padded with blanks, or NUL by some.
fn title(value: &[u8]) -> Option<DeviceText> {
    text(value.get(..16).unwrap_or(value))
}

fn text(value: &[u8]) -> Option<DeviceText> {
    Charset::Undeclared.decode(before_nul(value))
}
