//! The hellos of both sides (RFC 8446, 4.1; RFC 5246, 7.4.1). Pure, without a copy; randoms, sessions and keys are passed over.

/// Extensions (RFC 6066, 3; RFC 7301; RFC 8446, 4.2; RFC 8422, 5.1).
pub(super) const SERVER_NAME: u16 = 0;
pub(super) const GROUPS: u16 = 10;
pub(super) const POINT_FORMATS: u16 = 11;
pub(super) const SIGNATURES: u16 = 13;
pub(super) const ALPN: u16 = 16;
pub(super) const VERSIONS: u16 = 43;

/// TLS 1.3, and where its drafts begin; from there on certificates are encrypted.
pub(super) const TLS_1_3: u16 = 0x0304;

/// A hello of a client.
pub(super) struct ClientHello<'a> {
    /// Version in the field that later versions left as it was.
    pub(super) version: u16,
    suites: &'a [u8],
    extensions: &'a [u8],
}

/// A hello of a server.
pub(super) struct ServerHello<'a> {
    version: u16,
    /// The cipher suite that it chose.
    pub(super) suite: u16,
    extensions: &'a [u8],
}

impl<'a> ClientHello<'a> {
    /// Reads one; none where it is malformed.
    pub(super) fn read(mut body: &'a [u8]) -> Option<Self> {
        let rest = &mut body;
        let version = number(rest)?;
        beginning(rest)?;
        let suites = vector::<2>(rest)?;
        vector::<1>(rest)?;
        Some(Self { version, suites, extensions: extensions(rest)? })
    }

    /// Cipher suites in the client's order, without those that mean nothing (RFC 8701).
    pub(super) fn suites(&self) -> impl Iterator<Item = u16> + 'a {
        numbers(self.suites).filter(|suite| !is_grease(*suite))
    }

    /// Extensions in the client's order, without those that mean nothing.
    pub(super) fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> + 'a {
        each(self.extensions).filter(|(kind, _)| !is_grease(*kind))
    }

    /// An extension.
    pub(super) fn extension(&self, wanted: u16) -> Option<&'a [u8]> {
        self.extensions().find_map(|(kind, data)| (kind == wanted).then_some(data))
    }

    /// Numbers in an extension that is a list of them behind its length.
    pub(super) fn listed(&self, wanted: u16) -> impl Iterator<Item = u16> + 'a {
        let list = self.extension(wanted).and_then(|mut data| vector::<2>(&mut data)).unwrap_or_default();
        numbers(list).filter(|number| !is_grease(*number))
    }

    /// Versions offered, in the client's order.
    pub(super) fn versions(&self) -> impl Iterator<Item = u16> + 'a {
        let list = self.extension(VERSIONS).and_then(|mut data| vector::<1>(&mut data));
        let only = list.is_none().then_some(self.version);
        numbers(list.unwrap_or_default()).filter(|version| !is_grease(*version)).chain(only)
    }

    /// Application protocols offered, in the client's order, without those that mean nothing.
    pub(super) fn protocols(&self) -> impl Iterator<Item = &'a [u8]> + 'a {
        protocols(self.extension(ALPN).unwrap_or_default()).filter(|name| match name {
            [a, b] => !is_grease(u16::from_be_bytes([*a, *b])),
            _ => true,
        })
    }

    /// The name that is asked for (RFC 6066, 3), which is of kind 0.
    pub(super) fn server_name(&self) -> Option<&'a [u8]> {
        let mut data = self.extension(SERVER_NAME)?;
        let mut list = vector::<2>(&mut data)?;
        let (0, rest) = list.split_first().map(|(kind, rest)| (*kind, rest))? else { return None };
        list = rest;
        vector::<2>(&mut list)
    }
}

impl<'a> ServerHello<'a> {
    /// Reads one; none where it is malformed.
    pub(super) fn read(mut body: &'a [u8]) -> Option<Self> {
        let rest = &mut body;
        let version = number(rest)?;
        beginning(rest)?;
        let suite = number(rest)?;
        let (_compression, after) = rest.split_first()?;
        *rest = after;
        Some(Self { version, suite, extensions: extensions(rest)? })
    }

    /// The version chosen.
    pub(super) fn version(&self) -> u16 {
        let newer = each(self.extensions).find(|(kind, _)| *kind == VERSIONS);
        newer.and_then(|(_, mut data)| number(&mut data)).unwrap_or(self.version)
    }

    /// The application protocol chosen.
    pub(super) fn protocol(&self) -> Option<&'a [u8]> {
        let (_, data) = each(self.extensions).find(|(kind, _)| *kind == ALPN)?;
        protocols(data).next()
    }
}

/// Whether a number is one of those that mean nothing and keep servers tolerant (RFC 8701).
fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0xf == 0xa
}

/// Passes over random and session.
fn beginning(rest: &mut &[u8]) -> Option<()> {
    let (_random, after) = rest.split_at_checked(32)?;
    *rest = after;
    vector::<1>(rest).map(|_| ())
}

/// The list of extensions, which old hellos lack; each of them must fit in.
fn extensions<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return Some(&[]);
    }
    let list = vector::<2>(rest)?;
    let mut left = list;
    while !left.is_empty() {
        extension(&mut left)?;
    }
    Some(list)
}

fn each(mut list: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || extension(&mut list))
}

fn extension<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    Some((number(rest)?, vector::<2>(rest)?))
}

fn protocols(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut list = vector::<2>(&mut data).unwrap_or_default();
    std::iter::from_fn(move || vector::<1>(&mut list))
}

fn numbers(list: &[u8]) -> impl Iterator<Item = u16> + '_ {
    list.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair))
}

fn number(rest: &mut &[u8]) -> Option<u16> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u16::from_be_bytes(*number))
}

/// Bytes behind their length, which has N bytes (RFC 8446, 3.4).
fn vector<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<N>()?;
    let length = length.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
    let (bytes, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}
