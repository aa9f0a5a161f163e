//! What is kept of a line: the wanted fields, each up to a limit, in buffers used again and again.

/// Most bytes kept of a field; the rest is cut off.
pub(super) const MAX_FIELD: usize = 512;

/// The wanted fields of one segment.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    text: Vec<u8>,
    fields: Vec<u32>,
    /// Length of `text` before the open field; <= text.len().
    start: usize,
}

impl Line {
    /// Forgets the line before.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.start = 0;
        // Room for nearly every line, so that it need not grow several times.
        self.text.reserve(64);
        self.fields.reserve(16);
    }

    /// Adds to the open field what still finds room.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = (self.start + MAX_FIELD).saturating_sub(self.text.len());
        let bytes = bytes.get(..room).unwrap_or(bytes);
        self.text.extend_from_slice(bytes);
    }

    /// Closes the open field; an empty one leaves no trace.
    pub(super) fn close(&mut self, number: u8) {
        let length = self.text.len() - self.start;
        self.start = self.text.len();
        if let Ok(length @ 1..) = u16::try_from(length) {
            self.fields.push(u32::from(number) << 16 | u32::from(length));
        }
    }

    /// Memory beyond itself, bytes.
    pub(super) const fn held(&self) -> usize {
        self.text.capacity() + self.fields.capacity() * size_of::<u32>()
    }

    /// Forgets the open field.
    pub(super) fn abandon(&mut self) {
        self.text.truncate(self.start);
    }

    /// Bytes held.
    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    /// The closed fields.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields { text: &self.text, fields: &self.fields }
    }
}

/// Fields of a segment by their numbers, in ascending order, none of them empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Fields<'a> {
    text: &'a [u8],
    /// Number in the upper 16 bits, length in the lower.
    fields: &'a [u32],
}

impl<'a> Fields<'a> {
    /// The fields before `number`, that field, the ones after it.
    pub(super) fn around(self, number: u8) -> (Self, Option<&'a [u8]>, Self) {
        let is_before = |field: &u32| field >> 16 < u32::from(number);
        let split = self.fields.partition_point(is_before);
        let (before, from) = self.fields.split_at_checked(split).unwrap_or((self.fields, &[]));
        let length = |fields: &[u32]| fields.iter().map(|field| (field & 0xffff) as usize).sum();
        let (head, rest) = self.text.split_at_checked(length(before)).unwrap_or((self.text, &[]));
        let before = Self { text: head, fields: before };
        match from.split_first() {
            Some((field, after)) if field >> 16 == u32::from(number) => {
                let (value, rest) = rest.split_at_checked((field & 0xffff) as usize).unwrap_or((rest, &[]));
                (before, Some(value), Self { text: rest, fields: after })
            }
            _ => (before, None, Self { text: rest, fields: from }),
        }
    }

    /// All of them.
    pub(super) fn iter(self) -> impl Iterator<Item = (u32, &'a [u8])> {
        let mut rest = self.text;
        self.fields.iter().map_while(move |field| {
            let (value, after) = rest.split_at_checked((field & 0xffff) as usize)?;
            rest = after;
            Some((field >> 16, value))
        })
    }

    /// All of them as text, where every byte is `plain`, which none beyond ASCII is.
    pub(super) fn plain(self, plain: impl Fn(u8) -> bool) -> Option<impl Iterator<Item = (u32, &'a str)>> {
        let all = self.text.iter().fold(true, |all, byte| all & plain(*byte));
        let mut rest = std::str::from_utf8(self.text).ok().filter(|_| all)?;
        Some(self.fields.iter().map_while(move |field| {
            let (value, after) = rest.split_at_checked((field & 0xffff) as usize)?;
            rest = after;
            Some((field >> 16, value))
        }))
    }

    /// The field `number`, where it was sent and is not empty.
    pub(super) fn get(self, number: u8) -> Option<&'a [u8]> {
        self.iter().find(|(known, _)| *known == u32::from(number)).map(|(_, value)| value)
    }
}

/// What the lines of a message say about devices, kept until the message ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    text: Vec<u8>,
    fields: Vec<u32>,
    /// Of each note: its kind, where its text and where its fields begin.
    notes: Vec<(Note, usize, usize)>,
    /// The equipment of the last result, which most results of a message share.
    equipment: Vec<u8>,
}

/// What a note was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Note {
    /// SFT.
    Software,
    /// OBX that names a device or part by its place in the containment tree, or holds an attribute of it: OBX-3, 4, 5, 18.
    Part,
    /// OBX of another MDC observation: the first two levels of OBX-4, and OBX-18.
    Metric,
    /// Any other OBX: OBX-18.
    Result,
    /// PRT.
    Participation,
    /// EQU.
    Equipment,
    /// DEV.
    Device,
}

impl Notes {
    /// Most bytes kept of a message; notes that find no room are not taken.
    pub(super) const MAX: usize = 8192;

    /// Forgets the message before.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.notes.clear();
        self.equipment.clear();
    }

    /// Memory beyond itself, bytes.
    pub(super) const fn held(&self) -> usize {
        self.text.capacity()
            + self.fields.capacity() * size_of::<u32>()
            + self.notes.capacity() * size_of::<(Note, usize, usize)>()
            + self.equipment.capacity()
    }

    /// Whether `equipment` is that of the last result; it is from now on.
    pub(super) fn repeats(&mut self, equipment: &[u8]) -> bool {
        if self.equipment == equipment {
            return true;
        }
        self.equipment.clear();
        self.equipment.extend_from_slice(equipment);
        false
    }

    /// Whether a line has that of the last result for its last field.
    pub(super) fn repeats_at_end(&self, line: &[u8], separator: u8) -> bool {
        let before = line.strip_suffix(self.equipment.as_slice());
        !self.equipment.is_empty() && before.is_some_and(|before| before.last() == Some(&separator))
    }

    /// Takes a note, unless it repeats the one before. Fields are given by number and value, in ascending order.
    pub(super) fn take<'a>(&mut self, note: Note, fields: impl Iterator<Item = (u8, Option<&'a [u8]>)>) {
        let (text, first) = (self.text.len(), self.fields.len());
        for (number, value) in fields {
            let Some(value) = value else { continue };
            let Ok(length @ 1..) = u16::try_from(value.len()) else { continue };
            if self.text.len() + value.len() > Self::MAX {
                break;
            }
            self.text.extend_from_slice(value);
            self.fields.push(u32::from(number) << 16 | u32::from(length));
        }
        self.notes.push((note, text, first));
        let last = self.notes.len() - 1;
        let repeats = last > 0 && self.note(last) == self.note(last - 1);
        if self.fields.len() == first || repeats {
            self.notes.pop();
            self.fields.truncate(first);
            self.text.truncate(text);
        }
    }

    /// Bytes held.
    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing was noted.
    pub(super) fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// The notes in the order they were taken.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Note, Fields<'_>)> {
        (0..self.notes.len()).filter_map(|at| self.note(at))
    }

    fn note(&self, at: usize) -> Option<(Note, Fields<'_>)> {
        let (note, text, first) = *self.notes.get(at)?;
        let ends =
            self.notes.get(at + 1).map_or((self.text.len(), self.fields.len()), |(_, text, first)| (*text, *first));
        let text = self.text.get(text..ends.0).unwrap_or_default();
        let fields = self.fields.get(first..ends.1).unwrap_or_default();
        Some((note, Fields { text, fields }))
    }
}

impl std::hash::Hash for Notes {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
        self.fields.hash(state);
        self.notes.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_cut_at_their_limit_and_empty_ones_leave_no_trace() {
        let mut line = Line::default();
        line.push(b"AB");
        line.close(3);
        line.close(4);
        for _ in 0..100 {
            line.push(&[b'x'; 100]);
        }
        line.close(5);
        line.push(b"half");
        line.abandon();
        assert_eq!(line.fields().get(3), Some(&b"AB"[..]));
        assert_eq!(line.fields().get(4), None);
        assert_eq!(line.fields().get(5).map(<[u8]>::len), Some(MAX_FIELD));
        assert_eq!(line.text.len(), 2 + MAX_FIELD);
    }

    #[test]
    fn notes_keep_what_differs_and_no_more_than_their_limit() {
        let mut notes = Notes::default();
        notes.take(Note::Result, [(18, Some(&b"A"[..]))].into_iter());
        notes.take(Note::Result, [(18, Some(&b"A"[..]))].into_iter());
        notes.take(Note::Metric, [(18, Some(&b"A"[..]))].into_iter());
        notes.take(Note::Result, [(18, None)].into_iter());
        assert_eq!(notes.iter().count(), 2);
        for n in 0..1000u16 {
            notes.take(Note::Result, [(18, Some(&[b'x'; 100][..])), (4, Some(&n.to_le_bytes()))].into_iter());
        }
        assert!(notes.text.len() <= Notes::MAX && notes.text.len() > Notes::MAX - 102);
        notes.clear();
        assert!(notes.is_empty());
    }
}
