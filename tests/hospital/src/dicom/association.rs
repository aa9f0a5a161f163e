//! An association over a connection: negotiation, messages, release.

use super::{
    Answer, Command, Request, User, associate_ac, associate_rj, associate_rq, message, release_rp, release_rq,
};
use crate::tcp::{Conversation, Side, Tcp};

/// An accepted association.
#[derive(Debug)]
pub struct Association {
    tcp: Tcp,
    client_max_pdu: u32,
    server_max_pdu: u32,
}

impl Association {
    /// Requests and accepts.
    pub fn accepted(mut tcp: Tcp, request: &Request<'_>, answers: &[(u8, Answer<'_>)], acceptor: &User<'_>) -> Self {
        tcp.client(&associate_rq(request));
        tcp.server(&associate_ac(request, answers, acceptor));
        Self { tcp, client_max_pdu: request.user.max_pdu, server_max_pdu: acceptor.max_pdu }
    }

    /// Requests, is rejected with result, source and reason, and closes.
    pub fn rejected(mut tcp: Tcp, request: &Request<'_>, [result, source, reason]: [u8; 3]) -> Conversation {
        tcp.client(&associate_rq(request));
        tcp.server(&associate_rj(result, source, reason));
        tcp.close(Side::Client)
    }

    /// The connection, to let time go by or to abort.
    pub const fn tcp(&mut self) -> &mut Tcp {
        &mut self.tcp
    }

    /// The connection, to end it in another way than by a release.
    pub fn into_tcp(self) -> Tcp {
        self.tcp
    }

    /// The requestor sends a message.
    pub fn request(&mut self, context: u8, command: &Command, data_set: Option<&[u8]>) {
        self.tcp.client(&message(context, command, data_set, self.server_max_pdu));
    }

    /// The acceptor sends a message.
    pub fn respond(&mut self, context: u8, command: &Command, data_set: Option<&[u8]>) {
        self.tcp.server(&message(context, command, data_set, self.client_max_pdu));
    }

    /// A request and its successful response.
    pub fn exchange(&mut self, context: u8, command: &Command, data_set: Option<&[u8]>) {
        self.request(context, command, data_set);
        self.respond(context, &command.response(0), None);
    }

    /// The requestor releases and closes.
    pub fn release(mut self) -> Conversation {
        self.tcp.client(&release_rq());
        self.tcp.server(&release_rp());
        self.tcp.close(Side::Client)
    }
}
