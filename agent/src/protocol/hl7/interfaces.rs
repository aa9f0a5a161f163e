//! Who spoke with whom about what, counted: the headers known on a connection, told apart by their bytes, so that a
//! header seen before costs one look-up and no text.

use super::header::{Header, Kind};
use super::line::{Fields, Line};
use super::start::Delimiters;
use super::whole::{Recall, Whole};
use crate::{protocol::Side, text::Charset};
use foldhash::fast::RandomState;
use std::hash::BuildHasher;
use wardwatch_model::{
    Bounded,
    hl7::{Link, LinkActivity},
};

/// The headers known on a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Interfaces {
    recall: Recall,
    state: RandomState,
    /// Of each row: the hash of its fields, all that is looked at to know it again.
    keys: Vec<u64>,
    rows: Vec<Row>,
    kinds: Vec<Kind>,
    links: Vec<Interface>,
    /// Messages whose header found no room.
    dropped: u64,
}

/// One header, whatever the type of its messages.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) header: Header,
    /// Position of the description of its sender, where it has one.
    pub(super) description: Option<usize>,
    /// Messages that are more than an acknowledgement, by the position of their type.
    messages: Vec<(usize, u64)>,
    /// Position of its link.
    link: usize,
    /// Acknowledgements with this header that answer nothing known.
    unmatched: Codes,
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
#[derive(Clone, Debug)]
struct Interface {
    link: Link,
    codes: Codes,
    unacknowledged: u64,
    /// A message was sent on it, not only acknowledgements.
    used: bool,
}

/// Acknowledgements by MSA-1 (table 0008): two letters. Anything else is someone's mistake, and its text is not ours to
/// tell.
#[derive(Clone, Debug, Default)]
struct Codes(Vec<(Option<[u8; 2]>, u64)>);

impl Codes {
    fn count(&mut self, code: &[u8]) {
        let code = code.try_into().ok().filter(|code: &[u8; 2]| code.iter().all(u8::is_ascii_uppercase));
        let room = self.0.len() < LinkActivity::MAX_KINDS;
        match self.0.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None if room => self.0.push((code, 1)),
            None => {}
        }
    }
}

impl Interfaces {
    /// Most headers, and most message types, told apart on a connection.
    const MAX: usize = 1024;

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
        let reader = self.rows.get(row)?.header.reader;
        let kind = match self.kinds.iter().position(|known| known.is(raw, reader)) {
            Some(position) => position,
            None if self.kinds.len() >= Self::MAX => {
                self.dropped += 1;
                return None;
            }
            None => {
                self.kinds.push(Kind::read(raw, reader));
                self.kinds.len() - 1
            }
        };
        Some(Found { row, kind, known, acknowledges: self.kinds.get(kind)?.acknowledges })
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
            self.links.push(Interface { link, codes: Codes::default(), unacknowledged: 0, used: false });
        }
        let row = self.rows.len();
        let unmatched = Codes::default();
        self.rows.push(Row { header, description: None, messages: Vec::new(), link: position, unmatched });
        self.keys.push(key);
        Some(row)
    }

    /// The row of a header.
    pub(super) fn row(&mut self, row: usize) -> Option<&mut Row> {
        self.rows.get_mut(row)
    }

    /// A message that is more than an acknowledgement was sent.
    pub(super) fn sent(&mut self, found: Found) {
        let Some(row) = self.rows.get_mut(found.row) else { return };
        match row.messages.iter_mut().find(|(kind, _)| *kind == found.kind) {
            Some((_, count)) => *count += 1,
            None => row.messages.push((found.kind, 1)),
        }
        if let Some(interface) = self.links.get_mut(row.link) {
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
        if let Some(interface) = self.link_of(row) {
            interface.codes.count(code);
        }
    }

    /// An acknowledgement with this header answers nothing known.
    pub(super) fn unmatched(&mut self, row: usize, code: &[u8]) {
        if let Some(row) = self.rows.get_mut(row) {
            row.unmatched.count(code);
        }
    }

    fn link_of(&mut self, row: usize) -> Option<&mut Interface> {
        self.rows.get(row).and_then(|row| self.links.get_mut(row.link))
    }

    /// Everything counted, by link.
    pub(super) fn finish(self) -> Bounded<Link, LinkActivity> {
        let mut all: Bounded<Link, LinkActivity> = Bounded { dropped: self.dropped, ..Bounded::default() };
        let unmatched = self.rows.iter().filter(|row| !row.unmatched.0.is_empty());
        let unmatched: Vec<_> =
            unmatched.filter_map(|row| Some((self.links.get(row.link)?.link.clone(), &row.unmatched))).collect();
        for (position, interface) in self.links.into_iter().enumerate().filter(|(_, interface)| interface.used) {
            let Some(activity) = all.entry(interface.link) else { continue };
            activity.unacknowledged = interface.unacknowledged;
            add(activity, &interface.codes);
            for (kind, count) in self.rows.iter().filter(|row| row.link == position).flat_map(|row| &row.messages) {
                if let Some(name) = self.kinds.get(*kind).and_then(|kind| kind.name.as_ref()) {
                    LinkActivity::count(&mut activity.message_types, name, *count);
                }
            }
        }
        for (link, codes) in unmatched {
            if let Some(activity) = all.entry(answered(&all, &link)) {
                add(activity, codes);
            }
        }
        all
    }
}

fn add(activity: &mut LinkActivity, codes: &Codes) {
    for (code, times) in &codes.0 {
        if let Some(code) = Charset::default().decode(code.as_ref().map_or(b"other", |code| code.as_slice())) {
            LinkActivity::count(&mut activity.acknowledgements, &code, *times);
        }
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
