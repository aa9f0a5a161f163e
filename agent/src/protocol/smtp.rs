//! SMTP (RFC 5321) up to the first message: the server's name and software, and whether a client sent a password in clear. Names,
//! addresses and messages are never read.

use super::{
    Probe,
    reply::{Dialogue, Next, begins, dialogue_parser, is_command, reply},
};
use crate::text::Charset;
use memchr::memmem::Finder;
use wardwatch_model::{Attribute, DeviceText, Note, Notes, Source};

/// Service ready, also after STARTTLS (RFC 3207, 4).
const READY: u16 = 220;

/// Mechanisms that send the password as it is (RFC 4616; LOGIN as it is widely used).
const IN_CLEAR: [&[u8]; 2] = [b"PLAIN", b"LOGIN"];

dialogue_parser! {
    /// A connection of SMTP.
    Smtp of Session, probed by probe, sampled by tests::samples
}

/// A greeting that names it, or the answer to the first command behind one that does not; or that command (RFC 5321, 4.1.1.1).
fn probe(head: &[u8]) -> Probe {
    if begins(head, &[b"EHLO ", b"HELO "]) {
        return if head.len() < 5 { Probe::NeedMore } else { Probe::Certain };
    }
    super::reply::probe(head, |line| {
        let line = line.to_ascii_uppercase();
        if Finder::new("SMTP").find(&line).is_some() || reply(&line).is_some_and(|(code, _)| code == 250) {
            return Some(Probe::Certain);
        }
        Finder::new("FTP").find(&line).map(|_| Probe::No)
    })
}

/// How far a session is.
#[derive(Clone, Default)]
pub(super) struct Session {
    asked_for_tls: bool,
}

impl Dialogue for Session {
    const SOURCE: Source = Source::Smtp;

    /// Domain, then free text (RFC 5321, 4.2).
    fn greet(text: &[u8]) -> Vec<(Attribute, DeviceText)> {
        let mut parts = text.splitn(2, |byte| *byte == b' ');
        let (domain, software) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_name = domain.contains(&b'.')
            && domain.iter().any(u8::is_ascii_alphabetic)
            && domain.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte));
        let say = |attribute, words| Charset::Undeclared.decode(words).map(|text| (attribute, text));
        let name = is_name.then(|| say(Attribute::Hostname, domain)).flatten();
        name.into_iter().chain(say(Attribute::SmtpServer, if is_name { software } else { text })).collect()
    }

    fn command(&mut self, line: &[u8], notes: &mut Notes) -> Next {
        if is_command(line, b"STARTTLS") {
            self.asked_for_tls = true;
        } else if is_command(line, b"AUTH") {
            let mechanism = line.get(5..).unwrap_or_default();
            if IN_CLEAR.iter().any(|known| is_command(mechanism, known)) {
                notes.note(Note::PasswordInClear);
            }
            return Next::Nothing;
        } else if is_command(line, b"MAIL") || is_command(line, b"VRFY") || is_command(line, b"EXPN") {
            return Next::Nothing;
        }
        Next::Lines
    }

    fn reply(&mut self, code: u16) -> Next {
        if code == READY && self.asked_for_tls { Next::Tls } else { Next::Lines }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        Side, StreamParser,
        battery::{MARK, Sample, told_by},
    };
    use wardwatch_model::Detail;

    fn lines(side: Side, text: &str) -> (Side, Vec<u8>) {
        (side, text.replace('\n', "\r\n").into_bytes())
    }

    pub(super) fn samples() -> Vec<Sample> {
        let session = vec![
            lines(Side::A, "220 mail.example.org ESMTP Postfix (Debian/GNU)\n"),
            lines(Side::B, &format!("EHLO {MARK}\n")),
            lines(Side::A, &format!("250-mail.example.org greets {MARK}\n250 AUTH PLAIN LOGIN\n")),
            lines(Side::B, &format!("AUTH LOGIN {MARK}\n")),
            lines(Side::A, "334 UGFzc3dvcmQ6\n"),
            lines(Side::B, &format!("{MARK}\n")),
            lines(Side::A, "235 ok\n"),
            lines(Side::B, &format!("MAIL FROM:<{MARK}@example.org>\nDATA\nSubject: {MARK}\n.\n")),
        ];
        vec![session]
    }

    /// Joined behind the upgrade this is TLS.
    fn upgraded() -> Sample {
        let hello = crate::protocol::tls::Tls::samples().remove(0);
        let secure = [
            lines(Side::B, "220 relay ready\n"),
            lines(Side::A, "EHLO a-client\n"),
            lines(Side::B, "250-relay\n250 STARTTLS\n"),
            lines(Side::A, "STARTTLS\n"),
            lines(Side::B, "220 go\n"),
        ];
        secure.into_iter().chain(hello).collect()
    }

    #[test]
    fn name_and_software_are_told_and_that_a_password_was_sent() {
        let outcome = told_by::<Smtp>(&samples()[0]);
        let text = |text| DeviceText::new(text).unwrap();
        let expected = [
            (Attribute::Hostname, text("mail.example.org")),
            (Attribute::SmtpServer, text("ESMTP Postfix (Debian/GNU)")),
        ];
        assert_eq!((outcome.descriptions[0].side, &outcome.descriptions[0].attributes[..]), (Side::A, &expected[..]));
        let Detail::Notes(notes) = outcome.detail else { panic!("{outcome:?}") };
        assert_eq!(notes.count(Note::PasswordInClear), 1);
    }

    #[test]
    fn behind_an_upgrade_tls_is_read_and_no_password_was_in_clear() {
        let outcome = told_by::<Smtp>(&upgraded());
        assert!(outcome.encrypted);
        assert!(outcome.descriptions.iter().any(|spoken| spoken.source == Source::Tls));
        let Detail::Notes(notes) = outcome.detail else { panic!() };
        assert_eq!((notes.count(Note::PasswordInClear), notes.count(Note::UpgradedToTls)), (0, 1));
    }

    #[test]
    fn other_greetings_are_not_taken_for_it() {
        for (head, probe) in [
            (&b"220 x ESMTP ready\r\n"[..], Probe::Certain),
            (b"220 welcome\r\n250 hello\r\n", Probe::Certain),
            (b"220 welcome\r\n", Probe::NeedMore),
            (b"220 FTP server\r\n", Probe::No),
            (b"EHLO x\r\n", Probe::Certain),
            (b"LHLO x\r\n", Probe::No),
            (b"EHL", Probe::NeedMore),
        ] {
            assert_eq!(Smtp::probe(head), probe, "{}", head.escape_ascii());
        }
    }
}
