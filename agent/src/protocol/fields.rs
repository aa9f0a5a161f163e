//! Heads in the form of HTTP (RFC 9112, 2): a first line, fields, an empty line. SSDP, SIP and RTSP have it, too. Pure.

/// Most lines of a head that are looked at.
const MAX_LINES: usize = 64;

/// The first line of a message, without its end.
pub(super) fn first_line(message: &[u8]) -> &[u8] {
    lines(message).next().unwrap_or_default()
}

/// The fields of a whole message: name and value, without blanks around it.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let head = lines(message).skip(1).take(MAX_LINES).take_while(|line| !line.is_empty());
    head.filter_map(|line| {
        let (name, value) = line.split_at_checked(memchr::memchr(b':', line)?)?;
        Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
    })
}

fn lines(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    message.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_before_the_empty_line_without_the_blanks_around_them() {
        let message = b"OK\r\nServer:  Example/1.0 \r\nEXT:\r\nnone\r\n\r\nserver: another\r\n";
        assert_eq!(first_line(message), b"OK");
        let expected: [(&[u8], &[u8]); 2] = [(b"Server", b"Example/1.0"), (b"EXT", b"")];
        assert_eq!(fields(message).collect::<Vec<_>>(), expected);
        assert_eq!(fields(b"").count(), 0);
    }
}
