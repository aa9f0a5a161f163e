//! Devices in observations: the containment tree of IHE PCD (TF-2, B.8), its device attributes, and OBX-18.
//!
//! OBX-4 places an observation: `1.0.0.0` is a device (MDS), `1.2.0.0` a module (VMD), `1.2.1.0` a channel, `1.2.1.4` a
//! metric. OBX-18 names the equipment that stands there.

use super::identity::{Attributes, Entity, add, instrument};
use super::line::{Fields, MAX_FIELD, Note, Notes};
use super::mdc::Code;
use super::reader::Reader;
use super::scan;
use super::start::Delimiters;
use std::collections::BTreeMap;
use wardwatch_model::Attribute;

/// Notes what an OBX says about a device.
/// `foreign`: OBX-3 is known to be of no nomenclature of devices.
pub(super) fn note(notes: &mut Notes, fields: Fields<'_>, delimiters: Delimiters, foreign: bool) {
    let id = fields.get(3).filter(|_| !foreign).and_then(|id| Code::read(id, delimiters.component));
    let equipment = fields.get(18);
    if id.is_none() && equipment.is_none_or(|equipment| notes.repeats(equipment)) {
        return;
    }
    let equipment = equipment.map(|field| without_untyped(field, delimiters));
    if fields.get(5).is_some() || id.is_some_and(Code::is_device) {
        notes.take(Note::Part, [3, 4, 5].map(|n| (n, fields.get(n))).into_iter().chain([(18, equipment)]));
    } else if equipment.is_some() && id.is_some() {
        notes.take(Note::Metric, [(4, fields.get(4).map(first_levels)), (18, equipment)].into_iter());
    } else if equipment.is_some() {
        notes.take(Note::Result, [(18, equipment)].into_iter());
    }
}

/// The same of a whole line, from OBX-1 on, with this many separators and without control characters: whether it is a plain result, of no nomenclature of devices.
pub(super) fn note_result(notes: &mut Notes, line: &[u8], separators: u64, delimiters: Delimiters) -> bool {
    // The first two fields are a number and a code of two letters.
    let second = line.iter().enumerate().filter(|(_, byte)| **byte == delimiters.field).nth(1);
    let rest = second.and_then(|(at, _)| line.get(at + 1..)).unwrap_or_default();
    // Only with such a letter can OBX-3 be of a nomenclature of devices.
    let mut length = scan::either(rest, delimiters.field, Code::LETTER);
    if rest.get(length) == Some(&Code::LETTER) {
        length = scan::plain(rest, delimiters.field);
        if rest.get(..length).and_then(|id| Code::read(id, delimiters.component)).is_some() {
            return false;
        }
    }
    if rest.get(length) != Some(&delimiters.field) || length > MAX_FIELD {
        return false;
    }
    // Up to OBX-18, which is the last of most lines.
    match separators {
        ..17 => return true,
        17 => {}
        18.. => return false,
    }
    if notes.repeats_at_end(line, delimiters.field) {
        return true;
    }
    let last = memchr::memrchr(delimiters.field, line).and_then(|at| line.get(at + 1..)).unwrap_or_default();
    if last.is_empty() || last.len() > MAX_FIELD {
        return last.is_empty();
    }
    notes.repeats(last);
    notes.take(Note::Result, [(18, Some(without_untyped(last, delimiters)))].into_iter());
    true
}

/// A universal id says nothing without its type. Some senders count in it.
fn without_untyped(field: &[u8], delimiters: Delimiters) -> &[u8] {
    let after = |from: usize| {
        let rest = field.get(from..)?;
        Some(from + scan::position(rest, delimiters.component)?)
    };
    let second = after(0).and_then(|first| after(first + 1));
    match second {
        Some(second) if after(second + 1).is_none() && scan::position(field, delimiters.repetition).is_none() => {
            field.get(..second).unwrap_or(field)
        }
        _ => field,
    }
}

/// The first two levels of OBX-4.
fn first_levels(place: &[u8]) -> &[u8] {
    memchr::memchr_iter(b'.', place).nth(1).and_then(|at| place.get(..at)).unwrap_or(place)
}

/// A place in the containment tree: device, module, channel.
type Place = [u32; 3];

/// Reads OBX-4 as a place and whether it is that of a metric or attribute below it.
fn place(text: &str) -> Option<(Place, bool)> {
    let mut levels = text.split('.').map(|level| level.parse::<u32>());
    let mut next = || levels.next()?.ok();
    let place = [next()?, next()?, next()?];
    let below = levels.any(|level| level != Ok(0));
    (place != [0; 3]).then_some((place, below))
}

/// Something at a place.
#[derive(Clone, Default)]
struct Unit {
    attributes: Attributes,
    /// OBX-18 at this very place names it.
    named: bool,
}

impl Unit {
    fn name(&mut self, entity: &Entity, part: bool) {
        self.named = true;
        for (attribute, value) in entity.describe(part) {
            add(&mut self.attributes, attribute, Some(value));
        }
    }

    fn tells_more_than_its_type(&self) -> bool {
        self.attributes.iter().any(|(attribute, _)| *attribute != Attribute::DeviceType)
    }
}

/// The devices that the observations of one message are about.
#[derive(Clone, Default)]
pub(super) struct Observations {
    units: BTreeMap<Place, Unit>,
    /// Equipment named beside metrics only: of which device, by which identifier, under how many modules.
    metrics: Vec<(Option<u32>, Entity, Vec<u32>)>,
    /// Equipment without a place.
    others: Vec<Attributes>,
    /// OBX-18 names one instrument in two parts, as the profile of the message says.
    of_one_instrument: bool,
}

impl Observations {
    /// Most devices and parts told apart in a message.
    const MAX: usize = 64;

    /// Those of a message whose OBX-18 names one instrument, or not.
    pub(super) fn new(of_one_instrument: bool) -> Self {
        Self { of_one_instrument, ..Self::default() }
    }

    /// Takes an OBX.
    pub(super) fn take(&mut self, reader: Reader, note: Note, fields: Fields<'_>) {
        let text = |number| fields.get(number).and_then(|raw| reader.first(raw));
        // OBX-18 repeats from the module up to the device or cluster (v2.5.1, 7.4.2.18).
        let mut equipment: Vec<_> = fields.get(18).map(|raw| reader.repetitions(raw)).unwrap_or_default();
        let place_of = text(4);
        let place_of = place_of.as_deref().map(str::trim);
        match note {
            Note::Metric => {
                let mut levels = place_of.unwrap_or_default().split('.').map(|level| level.parse::<u32>().ok());
                let (device, module) = (levels.next().flatten(), levels.next().flatten());
                for entity in equipment.iter().map(|field| Entity::read(reader, field)) {
                    self.metric(device.zip(module), entity);
                }
            }
            Note::Part => {
                let id = fields.get(3).and_then(|id| Code::read(id, reader.delimiters.component));
                let kind = text(3).filter(|_| id.is_some_and(Code::is_device)).and_then(|id| reader.canonical(&id, 2));
                let place = place_of.and_then(place);
                let (at, below) = place.unwrap_or_default();
                // Only at its own place, and only its last repetition, is OBX-18 the name of what stands there.
                let own = equipment.pop_if(|_| place.is_some() && !below && kind.is_some());
                if place.is_none() && kind.is_some() {
                    let mut said =
                        equipment.pop().map(|field| Entity::read(reader, &field).describe(false)).unwrap_or_default();
                    if !said.is_empty() {
                        add(&mut said, Attribute::DeviceType, kind);
                        self.other(said);
                    }
                } else if let Some(unit) = self.unit(at) {
                    if let Some(field) = &own {
                        unit.name(&Entity::read(reader, field), is_part(at));
                    }
                    if !below {
                        add(&mut unit.attributes, Attribute::DeviceType, kind);
                    }
                    if let (Some(attribute), Some(value)) = (id.and_then(Code::device_attribute), text(5)) {
                        attribute.read(&mut unit.attributes, reader, &value);
                    }
                }
                for entity in equipment.iter().map(|field| Entity::read(reader, field)) {
                    if below {
                        self.metric(place.map(|([device, module, _], _)| (device, module)), entity);
                    } else {
                        self.other(entity.describe(place.is_some()));
                    }
                }
            }
            _ => {
                let named: Vec<Entity> = equipment.iter().map(|field| Entity::read(reader, field)).collect();
                match instrument(&named).filter(|_| self.of_one_instrument) {
                    Some(said) => self.other(said),
                    None => named.iter().for_each(|entity| self.other(entity.describe(false))),
                }
            }
        }
    }

    fn unit(&mut self, at: Place) -> Option<&mut Unit> {
        let room = self.units.len() < Self::MAX || self.units.contains_key(&at);
        room.then(|| self.units.entry(at).or_default())
    }

    /// Beside a metric OBX-18 also holds places and tags; only an EUI-64 is surely a device.
    fn metric(&mut self, place: Option<(u32, u32)>, entity: Entity) {
        if entity.eui64.is_none() {
            return;
        }
        let device = place.map(|(device, _)| device);
        let module = place.map(|(_, module)| module);
        let room = self.metrics.len() < Self::MAX;
        match self.metrics.iter_mut().find(|(of, known, _)| *of == device && *known == entity) {
            Some((_, _, modules)) => modules.extend(module.filter(|module| !modules.contains(module))),
            None if room => self.metrics.push((device, entity, module.into_iter().collect())),
            None => {}
        }
    }

    fn other(&mut self, said: Attributes) {
        if !said.is_empty() && !self.others.contains(&said) && self.others.len() < Self::MAX {
            self.others.push(said);
        }
    }

    /// One description for each device and each part that is told apart.
    pub(super) fn finish(mut self) -> Vec<Attributes> {
        self.settle_metrics();
        self.settle_sole_modules();
        let units = self.units.into_iter();
        let told = units.filter(|(at, unit)| !is_part(*at) || unit.named || unit.tells_more_than_its_type());
        told.map(|(_, unit)| unit.attributes).chain(self.others).filter(|said| !said.is_empty()).collect()
    }

    /// Where one and the same equipment is named beside metrics of several modules, or beside attributes of the device
    /// itself, it is the device.
    fn settle_metrics(&mut self) {
        let metrics = std::mem::take(&mut self.metrics);
        for (device, entity, modules) in &metrics {
            let alone = metrics.iter().filter(|(of, ..)| of == device).count() == 1;
            let whole = modules.contains(&0) || alone && modules.len() > 1;
            let unit = device.and_then(|device| self.units.get_mut(&[device, 0, 0]));
            match unit {
                Some(unit) if whole && !unit.named => unit.name(entity, false),
                _ => {
                    let known = self.units.values().flat_map(|unit| &unit.attributes);
                    if !known.into_iter().any(|(_, value)| Some(value) == entity.eui64.as_ref()) {
                        self.other(entity.describe(false));
                    }
                }
            }
        }
    }

    /// A device with a single module that is not named is that module.
    fn settle_sole_modules(&mut self) {
        let parts: Vec<Place> = self.units.keys().copied().filter(|at| is_part(*at)).collect();
        for at in &parts {
            let [device, module, _] = *at;
            let sole = parts.iter().all(|[of, other, _]| *of != device || *other == module);
            let named = |at: &Place| self.units.get(at).is_some_and(|unit| unit.named);
            if !sole || named(at) || named(&[device, module, 0]) || !self.units.contains_key(&[device, 0, 0]) {
                continue;
            }
            let part = self.units.remove(at).unwrap_or_default();
            if let Some(unit) = self.units.get_mut(&[device, 0, 0]) {
                for (attribute, value) in part.attributes {
                    if attribute != Attribute::DeviceType
                        && !unit.attributes.iter().any(|(known, _)| *known == attribute)
                    {
                        add(&mut unit.attributes, attribute, Some(value));
                    }
                }
            }
        }
    }
}

/// Whether a place is that of a module or channel.
fn is_part(at: Place) -> bool {
    !matches!(at, [_, 0, 0])
}
