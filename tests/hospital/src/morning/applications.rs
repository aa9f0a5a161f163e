//! DICOM applications, and how they come to an association.

use super::{site::Host, stage::Stage};
use crate::{
    dicom::{Answer, Association, Context, Request, User, UserIdentity, uid::IMPLICIT_LITTLE},
    tcp::Conversation,
};

/// An application entity.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    pub(super) host: Host,
    /// AE title.
    pub(super) title: String,
    /// Where it listens.
    pub(super) port: u16,
    pub(super) software: Software,
}

/// The implementation an entity tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Software {
    pub(super) uid: &'static str,
    pub(super) version: &'static str,
    pub(super) max_pdu: u32,
}

const fn software(uid: &'static str, version: &'static str, max_pdu: u32) -> Software {
    Software { uid, version, max_pdu }
}

pub(super) const DCMTK_354: Software = software("1.2.276.0.7230010.3.0.3.5.4", "OFFIS_DCMTK_354", 16_384);
pub(super) const DCMTK_366: Software = software("1.2.276.0.7230010.3.0.3.6.6", "OFFIS_DCMTK_366", 16_384);
pub(super) const DCM4CHE: Software = software("1.2.40.0.13.1.3", "dcm4che-5.34.1", 16_378);
pub(super) const DCM4CHE_OLD: Software = software("1.2.40.0.13.1.1", "dcm4che-2.0", 16_352);
pub(super) const FO_DICOM: Software = software("1.3.6.1.4.1.30071.8", "fo-dicom 5.0.3", 262_144);
pub(super) const MERGECOM: Software = software("2.16.840.1.114151.100.1.1", "MergeCOM3_390", 28_672);
pub(super) const PYNETDICOM: Software = software("1.2.826.0.1.3680043.9.3811.3.0.4", "PYNETDICOM_304", 16_382);

/// What a client proposes, each with its one transfer syntax.
pub(super) type Proposals<'a> = &'a [(&'a str, &'a str)];

/// Presentation contexts are numbered 1, 3, 5, …
pub(super) fn context(position: usize) -> u8 {
    u8::try_from(2 * position + 1).expect("few contexts")
}

/// How a client introduces itself.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) calling: &'a str,
    pub(super) called: &'a str,
    pub(super) proposals: Proposals<'a>,
    pub(super) identity: Option<UserIdentity<'a>>,
    /// Classes in which the client is the provider.
    pub(super) provides: &'a [&'a str],
}

impl<'a> Call<'a> {
    /// From one entity to another.
    pub(super) fn between(client: &'a Entity, server: &'a Entity, proposals: Proposals<'a>) -> Self {
        Self { calling: &client.title, called: &server.title, proposals, identity: None, provides: &[] }
    }

    fn user<'u>(
        software: Software,
        roles: &'u [(&'u str, bool, bool)],
        identity: Option<UserIdentity<'u>>,
    ) -> User<'u> {
        User {
            max_pdu: software.max_pdu,
            implementation_uid: software.uid,
            implementation_version: software.version,
            roles,
            identity,
            ..User::default()
        }
    }
}

impl Stage {
    /// The server accepts everything.
    pub(super) fn associate(&mut self, client: &Entity, server: &Entity, call: Call<'_>, at: u64) -> Association {
        self.titled(&client.host, call.calling);
        self.titled(&server.host, call.called);
        let answers: Vec<_> = (0..)
            .zip(call.proposals)
            .map(|(position, (_, syntax))| (context(position), Answer::Accept(syntax)))
            .collect();
        let tcp = self.connect(&client.host, &server.host, server.port, at);
        with_request(client.software, call, |request| {
            let roles = request.user.roles;
            let acceptor = Call::user(server.software, roles, None);
            Association::accepted(tcp, request, &answers, &acceptor)
        })
    }

    /// The same between two entities by their titles.
    pub(super) fn open(&mut self, client: &Entity, server: &Entity, proposals: Proposals<'_>, at: u64) -> Association {
        self.associate(client, server, Call::between(client, server, proposals), at)
    }

    /// The server rejects, by its user, for good: 3 calling, 7 called AE title not recognised.
    pub(super) fn rejected(
        &mut self,
        client: &Entity,
        server: &Entity,
        call: Call<'_>,
        reason: u8,
        at: u64,
    ) -> Conversation {
        self.titled(&client.host, call.calling);
        let tcp = self.connect(&client.host, &server.host, server.port, at);
        with_request(client.software, call, |request| Association::rejected(tcp, request, [1, 1, reason]))
    }

    fn titled(&mut self, host: &Host, title: &str) {
        if let Some(truth) = self.truth(host) {
            truth.ae_titles.insert(title.to_owned());
        }
    }
}

fn with_request<T>(software: Software, call: Call<'_>, then: impl FnOnce(&Request<'_>) -> T) -> T {
    let syntaxes: Vec<[&str; 2]> = call.proposals.iter().map(|(_, syntax)| [*syntax, IMPLICIT_LITTLE]).collect();
    let contexts: Vec<Context<'_>> = (0..)
        .zip(call.proposals)
        .zip(&syntaxes)
        .map(|((position, (abstract_syntax, syntax)), both)| {
            let count = if *syntax == IMPLICIT_LITTLE { 1 } else { 2 };
            let transfer_syntaxes = both.get(..count).expect("one or two");
            Context { id: context(position), abstract_syntax, transfer_syntaxes }
        })
        .collect();
    let roles: Vec<(&str, bool, bool)> = call.provides.iter().map(|class| (*class, false, true)).collect();
    let user = Call::user(software, &roles, call.identity);
    then(&Request { called: call.called, calling: call.calling, contexts: &contexts, user })
}
