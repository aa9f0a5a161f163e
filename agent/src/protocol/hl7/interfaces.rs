//! Who spoke with whom about what, counted: the headers known on a connection, told apart by their bytes, so that a
//! header seen before costs one look-up and no text.

use super::header::{Header, Kind};
use super::line::{Fields, Line};
use super::start::Delimiters;
use super::whole::{Recall, Whole};
use crate::{protocol::Side, text::Charset};
use foldhash::fast::RandomState;
use std::{hash::BuildHasher, ops::Range};
use wardwatch_model::{
    Bounded,
    hl7::{Counts, Link, LinkActivity},
};

/// The headers known on a connection. All of a kind stand in one list: most connections are short, and memory of its own for
/// each header and each link would take longer than what is done with it.
#[derive(Clone, Default)]
pub(super) struct Interfaces {
    recall: Recall,
    state: RandomState,
    /// Of each row: the hash of its fields, all that is looked at to know it again.
    keys: Vec<u64>,
    rows: Vec<Row>,
    kinds: Vec<KindOfRow>,
    /// The bytes of the types of all kinds.
    text: Vec<u8>,
    links: Vec<Interface>,
    /// Acknowledgements by the link of the messages they answer.
    acknowledged: Codes,
    /// Acknowledgements that answer nothing known, by their own link.
    unmatched: Codes,
    /// Messages whose header found no room.
    dropped: u64,
}

/// One header, whatever the type of its messages.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) header: Header,
    /// Position of the description of its sender, where it has one.
    pub(super) description: Option<usize>,
    /// Position of its link.
    link: usize,
}

/// A type of messages with the same header.
#[derive(Clone)]
struct KindOfRow {
    row: usize,
    /// Where its bytes stand in the text.
    raw: Range<usize>,
    kind: Kind,
    /// Messages that are more than an acknowledgement.
    messages: u64,
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

/// One link and what was said on it.
#[derive(Clone)]
struct Interface {
    link: Link,
    unacknowledged: u64,
    /// A message was sent on it, not only acknowledgements.
    used: bool,
}

/// Acknowledgements by link and MSA-1 (table 0008): two letters. Anything else is someone's mistake, and its text is not
/// ours to tell.
#[derive(Clone, Default)]
struct Codes(Vec<(usize, Option<[u8; 2]>, u64)>);

impl Codes {
    fn count(&mut self, link: usize, code: &[u8]) {
        let code = code.try_into().ok().filter(|code: &[u8; 2]| code.iter().all(u8::is_ascii_uppercase));
        if let Some((_, _, count)) = self.0.iter_mut().find(|(of, known, _)| *of == link && *known == code) {
            *count += 1;
        } else if self.0.iter().filter(|(of, ..)| *of == link).count() < Counts::MAX {
            self.0.push((link, code, 1));
        }
    }

    /// Adds those of a link to what was counted.
    fn add(&self, link: usize, counts: &mut Counts) {
        for (_, code, times) in self.0.iter().filter(|(of, ..)| *of == link) {
            let code = code.as_ref().map_or(b"other".as_slice(), |code| code.as_slice());
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

    pub(super) fn warm(&self) -> usize {
        let kind = self.kinds.first().map_or(0, |kind| kind.row);
        let link = self.links.first().map_or(0, |interface| usize::from(interface.used));
        let row = self.rows.first().map_or(0, |row| row.link);
        self.recall.warm() + kind + link + row + usize::from(self.text.first().copied().unwrap_or(0))
    }

    /// Where a message with this header belongs. `None` where there is no room for another.
    pub(super) fn find(&mut self, side: Side, delimiters: Delimiters, fields: Fields<'_>) -> Option<Found> {
        // Senders have one header and many message types.
        let (before, kind, after) = fields.around(9);
        let key = self.state.hash_one((side, delimiters, before, after));
        let (row, known) = match self.keys.iter().position(|known| *known == key) {
            Some(row) => (row, true),
            None => (self.add(key, delimiters, fields)?, false),
        };
        self.of_kind(row, known, kind.unwrap_or_default())
    }

    /// The same of a header at hand. `line`: room to take it apart.
    pub(super) fn find_whole(
        &mut self,
        side: Side,
        delimiters: Delimiters,
        header: &Whole<'_>,
        line: &mut Line,
    ) -> Option<Found> {
        if let Some(row) = self.recall.find(side, header) {
            return self.of_kind(row, true, header.kind());
        }
        header.keep(line);
        let found = self.find(side, delimiters, line.fields())?;
        self.recall.remember(side, header, found.row);
        Some(found)
    }

    fn of_kind(&mut self, row: usize, known: bool, raw: &[u8]) -> Option<Found> {
        let is_it = |kind: &KindOfRow| kind.row == row && self.text.get(kind.raw.clone()) == Some(raw);
        let kind = match self.kinds.iter().position(is_it) {
            Some(position) => position,
            None if self.kinds.len() >= Self::MAX => {
                self.dropped += 1;
                return None;
            }
            None => {
                let kind = Kind::read(raw, self.rows.get(row)?.header.reader);
                let start = self.text.len();
                self.text.extend_from_slice(raw);
                self.kinds.push(KindOfRow { row, raw: start..self.text.len(), kind, messages: 0 });
                self.kinds.len() - 1
            }
        };
        Some(Found { row, kind, known, acknowledges: self.kinds.get(kind)?.kind.acknowledges })
    }

    /// A header that is new.
    fn add(&mut self, key: u64, delimiters: Delimiters, fields: Fields<'_>) -> Option<usize> {
        if self.rows.len() >= Self::MAX {
            self.dropped += 1;
            return None;
        }
        let (header, link) = Header::read(fields, delimiters);
        let position = self.links.iter().position(|known| known.link == link).unwrap_or(self.links.len());
        if position == self.links.len() {
            self.links.push(Interface { link, unacknowledged: 0, used: false });
        }
        let row = self.rows.len();
        self.rows.push(Row { header, description: None, link: position });
        self.keys.push(key);
        Some(row)
    }

    /// The row of a header.
    pub(super) fn row(&mut self, row: usize) -> Option<&mut Row> {
        self.rows.get_mut(row)
    }

    /// A message that is more than an acknowledgement was sent.
    pub(super) fn sent(&mut self, found: Found) {
        if let Some(kind) = self.kinds.get_mut(found.kind) {
            kind.messages += 1;
        }
        if let Some(interface) = self.link_of(found.row) {
            interface.unacknowledged += 1;
            interface.used = true;
        }
    }

    /// A message was acknowledged for the first time, or answers another and waits for no acknowledgement.
    pub(super) fn settled(&mut self, row: usize) {
        if let Some(interface) = self.link_of(row) {
            interface.unacknowledged = interface.unacknowledged.saturating_sub(1);
        }
    }

    /// A message with this header was acknowledged.
    pub(super) fn acknowledged(&mut self, row: usize, code: &[u8]) {
        if let Some(row) = self.rows.get(row) {
            self.acknowledged.count(row.link, code);
        }
    }

    /// An acknowledgement with this header answers nothing known.
    pub(super) fn unmatched(&mut self, row: usize, code: &[u8]) {
        if let Some(row) = self.rows.get(row) {
            self.unmatched.count(row.link, code);
        }
    }

    fn link_of(&mut self, row: usize) -> Option<&mut Interface> {
        self.rows.get(row).and_then(|row| self.links.get_mut(row.link))
    }

    /// Everything counted, by link.
    pub(super) fn finish(self) -> Bounded<Link, LinkActivity> {
        let mut all: Bounded<Link, LinkActivity> = Bounded { dropped: self.dropped, ..Bounded::default() };
        let is_unmatched = |position| self.unmatched.0.iter().any(|(of, ..)| *of == position);
        let links = self.links.iter().enumerate().filter(|(position, _)| is_unmatched(*position));
        let unmatched: Vec<_> = links.map(|(position, interface)| (position, interface.link.clone())).collect();
        let of_link = |kind: &KindOfRow| self.rows.get(kind.row).map(|row| row.link);
        for (position, interface) in self.links.into_iter().enumerate().filter(|(_, interface)| interface.used) {
            let Some(activity) = all.entry(interface.link) else { continue };
            activity.unacknowledged = interface.unacknowledged;
            self.acknowledged.add(position, &mut activity.acknowledgements);
            for kind in self.kinds.iter().filter(|kind| kind.messages > 0 && of_link(kind) == Some(position)) {
                if let Some(name) = &kind.kind.name {
                    activity.message_types.add(name, kind.messages);
                }
            }
        }
        for (position, link) in unmatched {
            if let Some(activity) = all.entry(answered(&all, &link)) {
                self.unmatched.add(position, &mut activity.acknowledgements);
            }
        }
        all
    }
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
