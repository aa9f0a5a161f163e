//! Who spoke with whom about what, counted: the headers known on a connection, told apart by their bytes, so that a
//! header seen before costs one look-up and no text.

use super::header::{Header, Kind};
use super::line::{Fields, Line};
use super::start::{Delimiters, USUAL_DELIMITERS};
use super::whole::{Recall, Whole};
use crate::{
    protocol::{Side, words::said_bytes},
    text::Charset,
};
use foldhash::fast::RandomState;
use std::hash::BuildHasher;
use wardwatch_model::{
    Bounded, DeviceText, PacketTime, Seen,
    heap::texts,
    hl7::{Counts, Link, LinkActivity},
};
use wardwatch_ring::prefetch;

/// The headers known on a connection. All of a kind stand in one list: most connections are short, and memory of its own for
/// each header and each link would take longer than what is done with it. What each message needs stands apart from what
/// only the first with its header needs, so that it takes few cache lines.
#[derive(Clone, Default)]
pub(super) struct Interfaces {
    recall: Recall,
    rows: Vec<Row>,
    kinds: Vec<KindOfRow>,
    /// Acknowledgements by the link of the messages they answer.
    acknowledged: Codes,
    /// Acknowledgements that answer nothing known, by their own link.
    unmatched: Codes,
    state: RandomState,
    /// Of each row: the hash of its fields, all that is looked at to know it again.
    keys: Vec<u64>,
    /// Of each row.
    headers: Vec<Header>,
    /// Of each kind: its name.
    names: Vec<Option<DeviceText>>,
    links: Vec<Interface>,
    /// Messages whose header found no room.
    dropped: u64,
    /// Memory of all that, about, bytes: changes only when something is new.
    pub(super) held: usize,
    /// The part of it that texts take.
    text_bytes: usize,
}

/// One header, whatever the type of its messages.
#[derive(Clone)]
pub(super) struct Row {
    /// When and how often it came again.
    pub(super) again: Seen,
    /// Messages that were not acknowledged, counted in the first row of their link.
    unacknowledged: u64,
    /// That row.
    link: u32,
    /// Position of the description of its sender, where it has one.
    pub(super) description: Option<u32>,
    /// Its repertoire has separators within characters.
    pub(super) fragile: bool,
    /// It declares no repertoire that we know.
    pub(super) unsure: bool,
}

/// A type of messages with the same header.
#[derive(Clone)]
struct KindOfRow {
    /// Stands for its bytes.
    key: [u64; 2],
    /// Messages that are more than an acknowledgement.
    messages: u64,
    row: u32,
    /// The message is an acknowledgement and nothing else.
    acknowledges: bool,
}

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Position of its header.
    pub(super) row: usize,
    /// Position of its type.
    kind: usize,
    /// The header was known.
    pub(super) known: bool,
    /// The message is an acknowledgement and nothing else.
    pub(super) acknowledges: bool,
}

/// One link and its first row.
#[derive(Clone)]
struct Interface {
    link: Link,
    row: u32,
}

/// Acknowledgements by link and MSA-1 (table 0008): two letters. Anything else is someone's mistake, and its text is not
/// ours to tell.
#[derive(Clone, Default)]
struct Codes(Vec<Answers>);

#[derive(Clone)]
struct Answers {
    times: u64,
    link: u32,
    /// Zeros for anything else.
    code: [u8; 2],
}

impl Codes {
    /// Counts one; answers whether it is the first of its kind.
    fn count(&mut self, link: u32, code: &[u8]) -> bool {
        let code = code.try_into().ok().filter(|code: &[u8; 2]| code.iter().all(u8::is_ascii_uppercase));
        let code = code.unwrap_or_default();
        if let Some(known) = self.0.iter_mut().find(|known| known.link == link && known.code == code) {
            known.times += 1;
            return false;
        }
        let has_room = self.of(link).count() < Counts::MAX;
        if has_room {
            self.0.push(Answers { times: 1, link, code });
        }
        has_room
    }

    fn of(&self, link: u32) -> impl Iterator<Item = &Answers> {
        self.0.iter().filter(move |known| known.link == link)
    }

    /// Adds those of a link to what was counted.
    fn add(&self, link: u32, counts: &mut Counts) {
        for Answers { times, code, .. } in self.of(link) {
            let code = if *code == [0; 2] { b"other".as_slice() } else { code };
            if let Some(code) = Charset::default().decode(code) {
                counts.add(&code, *times);
            }
        }
    }
}

/// Raw bytes of headers are nobody's to print.
impl std::fmt::Debug for Interfaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interfaces").field("rows", &self.rows.len()).finish()
    }
}

impl Interfaces {
    /// Most headers, and most types of their messages, told apart on a connection.
    const MAX: usize = 1024;
    /// As many types as most connections come to.
    const FEW_KINDS: usize = 8;

    /// Has what most messages need loaded.
    pub(super) fn prefetch(&self) {
        self.recall.prefetch();
        self.kinds.first().into_iter().for_each(prefetch);
        self.rows.first().into_iter().for_each(prefetch);
        self.acknowledged.0.first().into_iter().for_each(prefetch);
    }

    /// Where a message with this header belongs. `None` where there is no room for another.
    pub(super) fn find(
        &mut self,
        side: Side,
        delimiters: Delimiters,
        fields: Fields<'_>,
        at: PacketTime,
    ) -> Option<Found> {
        // Senders have one header and many message types.
        let (before, kind, after) = fields.around(9);
        let key = self.state.hash_one((side, delimiters, before, after));
        let (row, known) = match self.keys.iter().position(|known| *known == key) {
            Some(row) => (row, true),
            None => (self.add(key, delimiters, fields, at)?, false),
        };
        self.of_kind(row, known, kind.unwrap_or_default())
    }

    /// The same of a header at hand, which begins `text` behind its MSH-2; none where it must be taken apart with care.
    /// `line`: room to take it apart.
    pub(super) fn find_whole<'a>(
        &mut self,
        side: Side,
        text: &'a [u8],
        at: PacketTime,
        line: &mut Line,
    ) -> Option<(Option<Found>, Whole<'a>)> {
        if let Some((row, header)) = self.recall.find(side, text) {
            return Some((self.of_kind(row, true, header.kind), header));
        }
        self.meet(side, text, at, line)
    }

    /// The same of a header that is not recalled.
    #[cold]
    #[inline(never)]
    fn meet<'a>(
        &mut self,
        side: Side,
        text: &'a [u8],
        at: PacketTime,
        line: &mut Line,
    ) -> Option<(Option<Found>, Whole<'a>)> {
        let header = Whole::read(text)?;
        header.keep(line);
        let found = self.find(side, USUAL_DELIMITERS, line.fields(), at);
        if let Some(found) = found {
            self.recall.remember(side, &header, found.row);
            self.weigh();
        }
        Some((found, header))
    }

    fn of_kind(&mut self, row: usize, known: bool, raw: &[u8]) -> Option<Found> {
        let key = self.key(raw);
        let is_it = |kind: &KindOfRow| kind.key == key && kind.row as usize == row;
        let kind = match self.kinds.iter().position(is_it) {
            Some(position) => position,
            None => self.add_kind(row, key, raw)?,
        };
        Some(Found { row, kind, known, acknowledges: self.kinds.get(kind)?.acknowledges })
    }

    /// What stands for the bytes of a type: themselves and their length, or their hash where they are many.
    fn key(&self, raw: &[u8]) -> [u64; 2] {
        let mut key = [0; 16];
        match (key.get_mut(..raw.len()), u8::try_from(raw.len())) {
            (Some(slot), Ok(length @ ..16)) => {
                slot.copy_from_slice(raw);
                let [low, high] = halves(key);
                [low, high | u64::from(length) << 56]
            }
            _ => [self.state.hash_one(raw), u64::MAX],
        }
    }

    #[cold]
    #[inline(never)]
    fn add_kind(&mut self, row: usize, key: [u64; 2], raw: &[u8]) -> Option<usize> {
        let position = self.kinds.len();
        if position >= Self::MAX {
            self.dropped += 1;
            return None;
        }
        let kind = Kind::read(raw, self.headers.get(row)?.reader);
        if self.kinds.is_empty() {
            self.kinds.reserve(Self::FEW_KINDS);
            self.names.reserve(Self::FEW_KINDS);
        }
        let row = u32::try_from(row).ok()?;
        self.kinds.push(KindOfRow { key, messages: 0, row, acknowledges: kind.acknowledges });
        self.text_bytes += texts(&kind.name);
        self.names.push(kind.name);
        self.weigh();
        Some(position)
    }

    /// A header that is new.
    fn add(&mut self, key: u64, delimiters: Delimiters, fields: Fields<'_>, at: PacketTime) -> Option<usize> {
        let row = self.rows.len();
        if row >= Self::MAX {
            self.dropped += 1;
            return None;
        }
        let (header, link) = Header::read(fields, delimiters);
        let number = u32::try_from(row).ok()?;
        let link = match self.links.iter().find(|known| known.link == link) {
            Some(known) => known.row,
            None => {
                reserve_few(&mut self.links);
                self.text_bytes += link.heap_bytes();
                self.links.push(Interface { link, row: number });
                number
            }
        };
        let charset = header.reader.charset;
        reserve_few(&mut self.rows);
        reserve_few(&mut self.headers);
        self.rows.push(Row {
            again: Seen { count: 0, ..Seen::once(at) },
            unacknowledged: 0,
            link,
            description: None,
            fragile: charset.has_punctuation_in_characters(),
            unsure: charset == Charset::Undeclared,
        });
        self.text_bytes += texts(&header.speaks_as) + said_bytes(&header.attributes);
        self.headers.push(header);
        self.keys.push(key);
        self.weigh();
        Some(row)
    }

    /// Something was added.
    fn weigh(&mut self) {
        self.held = self.text_bytes
            + self.recall.held()
            + self.rows.capacity() * size_of::<Row>()
            + self.kinds.capacity() * size_of::<KindOfRow>()
            + (self.acknowledged.0.capacity() + self.unmatched.0.capacity()) * size_of::<Answers>()
            + self.keys.capacity() * size_of::<u64>()
            + self.headers.capacity() * size_of::<Header>()
            + self.names.capacity() * size_of::<Option<DeviceText>>()
            + self.links.capacity() * size_of::<Interface>();
    }

    /// The row of a header.
    pub(super) fn row(&mut self, row: usize) -> Option<&mut Row> {
        self.rows.get_mut(row)
    }

    /// The header of a row.
    pub(super) fn header(&mut self, row: usize) -> Option<&mut Header> {
        self.headers.get_mut(row)
    }

    /// A message that is more than an acknowledgement was sent.
    pub(super) fn sent(&mut self, found: Found) {
        if let Some(kind) = self.kinds.get_mut(found.kind) {
            kind.messages += 1;
        }
        if let Some(link) = self.link_of(found.row) {
            link.unacknowledged += 1;
        }
    }

    /// A message was acknowledged for the first time, or answers another and waits for no acknowledgement.
    pub(super) fn settled(&mut self, row: usize) {
        if let Some(link) = self.link_of(row) {
            link.unacknowledged = link.unacknowledged.saturating_sub(1);
        }
    }

    /// A message with this header was acknowledged.
    pub(super) fn acknowledged(&mut self, row: usize, code: &[u8]) {
        if let Some(row) = self.rows.get(row)
            && self.acknowledged.count(row.link, code)
        {
            self.weigh();
        }
    }

    /// An acknowledgement with this header answers nothing known.
    pub(super) fn unmatched(&mut self, row: usize, code: &[u8]) {
        if let Some(row) = self.rows.get(row)
            && self.unmatched.count(row.link, code)
        {
            self.weigh();
        }
    }

    fn link_of(&mut self, row: usize) -> Option<&mut Row> {
        self.rows.get(row).map(|row| row.link as usize).and_then(|link| self.rows.get_mut(link))
    }

    /// How often and when descriptions of senders were given again.
    pub(super) fn again(&self) -> impl Iterator<Item = (usize, &Seen)> {
        self.rows.iter().filter_map(|row| Some((row.description? as usize, &row.again)))
    }

    /// Everything counted, by link.
    pub(super) fn finish(self) -> Bounded<Link, LinkActivity> {
        let mut all: Bounded<Link, LinkActivity> = Bounded { dropped: self.dropped, ..Bounded::default() };
        let links = self.links.iter().filter(|known| self.unmatched.of(known.row).next().is_some());
        let unmatched: Vec<_> = links.cloned().collect();
        let link_of = |kind: &KindOfRow| self.rows.get(kind.row as usize).map(|row| row.link);
        for Interface { link, row } in self.links {
            let kinds = self.kinds.iter().zip(&self.names);
            let sent = kinds.filter(|(kind, _)| kind.messages > 0 && link_of(kind) == Some(row));
            // Nothing but acknowledgements was sent on some.
            if sent.clone().next().is_none() {
                continue;
            }
            let Some(activity) = all.entry(link) else { continue };
            activity.unacknowledged = self.rows.get(row as usize).map_or(0, |row| row.unacknowledged);
            self.acknowledged.add(row, &mut activity.acknowledgements);
            for (kind, name) in sent {
                if let Some(name) = name {
                    activity.message_types.add(name, kind.messages);
                }
            }
        }
        for Interface { link, row } in unmatched {
            if let Some(activity) = all.entry(answered(&all, &link)) {
                self.unmatched.add(row, &mut activity.acknowledgements);
            }
        }
        all
    }
}

/// A list that begins with room for more than most come to would take more memory than all that is in it.
fn reserve_few<T>(list: &mut Vec<T>) {
    const FEW: usize = 2;
    if list.len() <= FEW && list.len() == list.capacity() {
        list.reserve_exact(if list.is_empty() { FEW } else { 1 });
    }
}

fn halves(bytes: [u8; 16]) -> [u64; 2] {
    let (words, _) = bytes.as_chunks::<8>();
    [0, 1].map(|at: usize| words.get(at).map_or(0, |word| u64::from_le_bytes(*word)))
}

/// The link that an acknowledgement answers whose message was not seen: the only one between the two parties, as
/// acknowledgements often leave out character set and profile; else its own with the parties exchanged.
fn answered(all: &Bounded<Link, LinkActivity>, link: &Link) -> Link {
    let exchanged = Link {
        sending_application: link.receiving_application.clone(),
        sending_facility: link.receiving_facility.clone(),
        receiving_application: link.sending_application.clone(),
        receiving_facility: link.sending_facility.clone(),
        ..link.clone()
    };
    let between = |known: &&Link| {
        known.sending_application == exchanged.sending_application
            && known.sending_facility == exchanged.sending_facility
            && known.receiving_application == exchanged.receiving_application
            && known.receiving_facility == exchanged.receiving_facility
    };
    let mut between = all.entries.iter().map(|(known, _)| known).filter(between);
    match (between.next(), between.next()) {
        (Some(only), None) => only.clone(),
        _ => exchanged,
    }
}
