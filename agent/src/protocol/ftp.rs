//! FTP (RFC 959), the control connection up to the login: the server's greeting, and how clients log in. Users, passwords and
//! files are never read.

use super::{
    Probe,
    reply::{Dialogue, Next, begins, dialogue_parser, is_command, reply},
};
use crate::text::Charset;
use memchr::memmem::Finder;
use wardwatch_model::{Attribute, DeviceText, Note, Notes, Source};

/// Replies that only FTP has at a login: security data exchange complete (RFC 4217, 4), user logged in, need a password, not
/// logged in (RFC 959, 4.2.1).
const TELLING: [u16; 4] = [SECURE, 230, 331, 530];
const SECURE: u16 = 234;

/// Names under which everyone may log in (RFC 1635, 2).
const ANONYMOUS: [&[u8]; 2] = [b"anonymous", b"ftp"];

dialogue_parser! {
    /// A control connection of FTP.
    Ftp of Login, probed by probe, sampled by tests::samples
}

/// A greeting that names it, or what follows one that does not.
fn probe(head: &[u8]) -> Probe {
    // Commands of a client are kept until the server tells: POP3 and others have the same.
    if begins(head, &[b"USER ", b"AUTH ", b"HOST ", b"FEAT"]) {
        return if head.len() < 1024 { Probe::NeedMore } else { Probe::No };
    }
    super::reply::probe(head, |line| {
        let line = line.to_ascii_uppercase();
        if Finder::new("SMTP").find(&line).is_some() {
            return Some(Probe::No);
        }
        let is_ftp = line.starts_with(b"220") && Finder::new("FTP").find(&line).is_some();
        (is_ftp || reply(&line).is_some_and(|(code, _)| TELLING.contains(&code))).then_some(Probe::Certain)
    })
}

/// How far a login is.
#[derive(Clone, Default)]
pub(super) struct Login {
    is_anonymous: bool,
    asked_for_tls: bool,
}

impl Dialogue for Login {
    const SOURCE: Source = Source::Ftp;

    fn greet(text: &[u8]) -> Vec<(Attribute, DeviceText)> {
        Charset::Undeclared.decode(text).map(|text| (Attribute::FtpServer, text)).into_iter().collect()
    }

    fn command(&mut self, line: &[u8], notes: &mut Notes) -> Next {
        if is_command(line, b"USER") {
            let user = line.get(5..).unwrap_or_default().trim_ascii();
            self.is_anonymous = ANONYMOUS.iter().any(|name| name.eq_ignore_ascii_case(user));
        } else if is_command(line, b"AUTH") {
            self.asked_for_tls = true;
        } else if is_command(line, b"PASS") {
            notes.note(if self.is_anonymous { Note::AnonymousLogin } else { Note::PasswordInClear });
            return Next::Nothing;
        }
        Next::Lines
    }

    fn reply(&mut self, code: u16) -> Next {
        match code {
            SECURE if self.asked_for_tls => Next::Tls,
            // Logged in without a password.
            230 => Next::Nothing,
            _ => Next::Lines,
        }
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
        let login = vec![
            lines(Side::A, "220 (vsFTPd 3.0.3)\n"),
            lines(Side::B, &format!("USER {MARK}\n")),
            lines(Side::A, &format!("331 Password required for {MARK}.\n")),
            lines(Side::B, &format!("PASS {MARK}\n")),
            lines(Side::A, &format!("230 Hello {MARK}\n")),
            lines(Side::B, &format!("RETR {MARK}.dcm\n")),
        ];
        let unnamed = vec![
            lines(Side::A, "220-Example device ready\n220 go on\n"),
            lines(Side::B, "USER anonymous\n"),
            lines(Side::A, "331 Guests send their address.\n"),
            lines(Side::B, &format!("PASS {MARK}@example.org\n")),
        ];
        vec![login, unnamed]
    }

    /// Joined behind the upgrade this is TLS.
    fn upgraded() -> Sample {
        let hello = crate::protocol::tls::Tls::samples().remove(0);
        let secure = [lines(Side::B, "220 FTP ready\n"), lines(Side::A, "AUTH TLS\n"), lines(Side::B, "234 go\n")];
        secure.into_iter().chain(hello).collect()
    }

    #[test]
    fn the_greeting_is_told_and_that_a_password_was_sent_and_never_which() {
        let login = told_by::<Ftp>(&samples()[0]);
        assert_eq!(login.descriptions[0].side, Side::A);
        let greeting = &login.descriptions[0].attributes;
        assert_eq!(greeting, &[(Attribute::FtpServer, DeviceText::new("(vsFTPd 3.0.3)").unwrap())]);
        let Detail::Notes(notes) = login.detail else { panic!("{login:?}") };
        assert_eq!((notes.count(Note::PasswordInClear), notes.count(Note::AnonymousLogin)), (1, 0));
        let Detail::Notes(notes) = told_by::<Ftp>(&samples()[1]).detail else { panic!() };
        assert_eq!((notes.count(Note::PasswordInClear), notes.count(Note::AnonymousLogin)), (0, 1));
    }

    #[test]
    fn behind_an_upgrade_tls_is_read() {
        let outcome = told_by::<Ftp>(&upgraded());
        assert!(outcome.encrypted);
        assert!(outcome.descriptions.iter().any(|spoken| spoken.source == Source::Tls));
    }

    #[test]
    fn other_greetings_are_not_taken_for_it() {
        for (head, probe) in [
            (&b"220 mail.example.org ESMTP FTP-Gateway\r\n"[..], Probe::No),
            (b"200 news server\r\n", Probe::No),
            (b"220 welcome\r\n", Probe::NeedMore),
            (b"220 welcome\r\n331 password\r\n", Probe::Certain),
            (b"220 welcome\r\n250 hello\r\n", Probe::NeedMore),
            (b"22", Probe::NeedMore),
            (b"220 FTP ready\r\n", Probe::Certain),
            (b"USER x\r\n", Probe::NeedMore),
            (b"+OK POP3\r\n", Probe::No),
        ] {
            assert_eq!(Ftp::probe(head), probe, "{}", head.escape_ascii());
        }
    }
}
