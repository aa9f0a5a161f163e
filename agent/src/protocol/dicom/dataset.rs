//! Reads the equipment attributes out of a data set while it goes by, and skips all else by its length.
//!
//! Reading ends behind the last attribute of the allow-list, at the pixel data, or after [`LIMIT`] bytes, whichever
//! comes first. Group 0010 and every sequence but two are passed over structurally: their values are never copied.

use super::{
    element::{self, Header, HeaderRead, ITEM, ITEM_END, LONGEST_HEADER, SEQUENCE_END, Syntax, Tag},
    identity::{self, Place, Values},
};

/// How far into a data set is read, bytes.
const LIMIT: u64 = 64 * 1024;

/// Longest value read, bytes; a longer one is not the short text it should be.
const LONGEST_VALUE: u32 = 1024;

/// How deep sequences may nest, each with its items: eight.
const MAX_DEPTH: usize = 2 * 8;

/// What kind of data set it is, which decides where in it may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A stored object or a performed procedure step: top level and UDI sequence.
    Equipment,
    /// The keys of a worklist query: the scheduled procedure step sequence, and nothing beside it.
    WorklistQuery,
}

/// What the reader says of the bytes it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// All taken.
    More,
    /// Nothing behind them is of interest.
    Done,
    /// The bytes are not the data set they are said to be; nothing behind them can be read.
    Malformed,
    /// Sequences in sequences, more than are followed.
    TooDeep,
}

/// An open sequence or item.
#[derive(Clone, Copy)]
struct Scope {
    place: Place,
    syntax: Syntax,
    is_item: bool,
    /// Position behind it, where its length is defined.
    end: Option<u64>,
}

/// The reader of one data set. Used again for the next one, with its buffers.
pub(super) struct DataSet {
    kind: Kind,
    syntax: Option<Syntax>,
    /// Bytes taken or passed over.
    position: u64,
    /// How many of the next bytes belong to a value nobody reads.
    skip: u64,
    /// The beginning of a header.
    partial: [u8; LONGEST_HEADER],
    partial_length: usize,
    /// The value being read and how many bytes of it are to come.
    value: Vec<u8>,
    reading: Option<(Tag, u32)>,
    scopes: Vec<Scope>,
    pub(super) values: Values,
}

impl Default for DataSet {
    fn default() -> Self {
        Self {
            kind: Kind::Equipment,
            syntax: None,
            position: 0,
            skip: 0,
            partial: [0; LONGEST_HEADER],
            partial_length: 0,
            value: Vec::new(),
            reading: None,
            scopes: Vec::new(),
            values: Values::default(),
        }
    }
}

impl DataSet {
    /// Memory of one with its buffers, at most about.
    pub(super) const BYTES: usize =
        size_of::<Self>() + Values::MAX + 2 * LONGEST_VALUE as usize + MAX_DEPTH * size_of::<Scope>();

    /// Begins a new data set. `syntax`: `None` where it must be guessed from the first element.
    pub(super) fn begin(&mut self, kind: Kind, syntax: Option<Syntax>) {
        self.kind = kind;
        self.syntax = syntax;
        self.position = 0;
        self.skip = 0;
        self.partial_length = 0;
        self.value.clear();
        self.reading = None;
        self.scopes.clear();
        self.values.clear();
    }

    /// How many of the next bytes need not be shown to [`Self::push`], if [`Self::pass`] is told.
    pub(super) const fn unwanted(&self) -> u64 {
        self.skip
    }

    /// Moves on over bytes nobody reads; at most [`Self::unwanted`].
    pub(super) fn pass(&mut self, count: u64) {
        self.skip = self.skip.saturating_sub(count);
        self.position = self.position.saturating_add(count);
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Progress {
        loop {
            let unwanted = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
            self.pass(unwanted as u64);
            bytes = bytes.get(unwanted..).unwrap_or_default();
            // Also where the skip goes on beyond these bytes: what is behind it is out of reach.
            if self.position.saturating_add(self.skip) >= LIMIT {
                return Progress::Done;
            }
            if bytes.is_empty() && self.reading.is_none_or(|(_, left)| left > 0) {
                return Progress::More;
            }
            if self.reading.is_some() {
                bytes = self.read_value(bytes);
                continue;
            }
            match self.read_header(bytes) {
                Ok((rest, None)) => bytes = rest,
                Ok((rest, Some(header))) => {
                    bytes = rest;
                    if let Some(end) = self.open(header) {
                        return end;
                    }
                }
                Err(end) => return end,
            }
        }
    }

    /// Takes bytes of the value being read; at its end it is kept.
    fn read_value<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((tag, left)) = self.reading else { return bytes };
        let take = (left as usize).min(bytes.len());
        let (head, rest) = bytes.split_at(take);
        self.value.extend_from_slice(head);
        self.position += take as u64;
        let left = left - u32::try_from(take).unwrap_or(left);
        if left > 0 {
            self.reading = Some((tag, left));
        } else {
            self.values.push(tag, &self.value);
            self.value.clear();
            self.reading = None;
        }
        rest
    }

    /// Reads the next header, out of `bytes` or across the ones kept from before.
    fn read_header<'a>(&mut self, bytes: &'a [u8]) -> Result<(&'a [u8], Option<Header>), Progress> {
        if self.partial_length == 0 {
            self.leave_finished_scopes();
            let Some(syntax) = self.syntax_here(bytes) else { return Ok((self.keep(bytes), None)) };
            return match element::header(syntax, bytes) {
                HeaderRead::Whole(header) => {
                    self.position += header.size as u64;
                    Ok((bytes.get(header.size..).unwrap_or_default(), Some(header)))
                }
                HeaderRead::NeedMore => Ok((self.keep(bytes), None)),
                HeaderRead::Malformed => Err(Progress::Malformed),
            };
        }
        // One byte at a time: a header is only split where a fragment or a segment ends.
        let Some((byte, rest)) = bytes.split_first() else { return Ok((bytes, None)) };
        if let Some(slot) = self.partial.get_mut(self.partial_length) {
            *slot = *byte;
            self.partial_length += 1;
        }
        let partial = self.partial;
        let partial = partial.get(..self.partial_length).unwrap_or_default();
        let Some(syntax) = self.syntax_here(partial) else { return Ok((rest, None)) };
        match element::header(syntax, partial) {
            HeaderRead::Whole(header) => {
                self.position += header.size as u64;
                self.partial_length = 0;
                Ok((rest, Some(header)))
            }
            HeaderRead::NeedMore => Ok((rest, None)),
            HeaderRead::Malformed => Err(Progress::Malformed),
        }
    }

    /// The syntax of the next element; `None` until enough of the first one is there to guess.
    fn syntax_here(&mut self, start: &[u8]) -> Option<Syntax> {
        if let Some(scope) = self.scopes.last() {
            return Some(scope.syntax);
        }
        if self.syntax.is_none() {
            self.syntax = Some(Syntax::guess(start.first_chunk()?));
        }
        self.syntax
    }

    /// Keeps the beginning of a header, all there is.
    fn keep<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        for (slot, byte) in self.partial.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        self.partial_length = bytes.len().min(LONGEST_HEADER);
        &[]
    }

    /// Decides what to do with an element.
    fn open(&mut self, header: Header) -> Option<Progress> {
        let scope = self.scopes.last().copied();
        let place = scope.map_or(Place::Top, |scope| scope.place);
        match header.tag {
            SEQUENCE_END => {
                while self.scopes.pop().is_some_and(|scope| scope.is_item) {}
                return None;
            }
            ITEM_END => {
                if scope.is_some_and(|scope| scope.is_item) {
                    self.scopes.pop();
                }
                return None;
            }
            ITEM if scope.is_none() => return Some(Progress::Malformed),
            ITEM => return self.enter(header, place, true),
            _ => {}
        }
        if scope.is_none() && header.tag > identity::LAST {
            return Some(Progress::Done);
        }
        let sequence = match (header.tag, self.kind, scope.is_none()) {
            (identity::UDI_SEQUENCE, Kind::Equipment, true) => Some(Place::Udi),
            (identity::SCHEDULED_STEP_SEQUENCE, Kind::WorklistQuery, true) => Some(Place::ScheduledStep),
            _ => None,
        };
        match (sequence, header.length) {
            (Some(inside), _) => self.enter(header, inside, false),
            (None, None) => self.enter(header, Place::Elsewhere, false),
            (None, Some(length)) => {
                let readable =
                    place != Place::Top || self.kind == Kind::Equipment || header.tag == identity::CHARACTER_SET;
                if readable && (1..=LONGEST_VALUE).contains(&length) && identity::is_allowed(place, header.tag) {
                    if self.position + u64::from(length) > LIMIT {
                        return Some(Progress::Done);
                    }
                    self.reading = Some((header.tag, length));
                } else {
                    self.skip = u64::from(length);
                }
                None
            }
        }
    }

    /// Enters a sequence or an item; one of a defined length that nobody reads is skipped.
    fn enter(&mut self, header: Header, place: Place, is_item: bool) -> Option<Progress> {
        if let (Place::Elsewhere | Place::Top, Some(length)) = (place, header.length) {
            self.skip = u64::from(length);
            return None;
        }
        if self.scopes.len() == MAX_DEPTH {
            return Some(Progress::TooDeep);
        }
        let around = self.scopes.last().map(|scope| scope.syntax).or(self.syntax);
        let syntax = if header.unknown_vr { Some(Syntax::ImplicitLittle) } else { around };
        let end = header.length.map(|length| self.position.saturating_add(u64::from(length)));
        self.scopes.push(Scope { place, syntax: syntax?, is_item, end });
        None
    }

    /// Leaves the outermost scope whose end is reached, and with it those in it that lack their delimiters.
    fn leave_finished_scopes(&mut self) {
        if let Some(over) = self.scopes.iter().position(|scope| scope.end.is_some_and(|end| self.position >= end)) {
            self.scopes.truncate(over);
        }
    }
}
