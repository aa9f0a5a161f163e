//! What a speaker says of itself, as it comes together from a message.

use crate::text::Charset;
use wardwatch_model::{Attribute, DeviceText};

/// Words of one message: each once, and in an order that does not depend on that of the message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words(Vec<(Attribute, DeviceText)>);

impl Words {
    /// Most words kept of a message, the first ones.
    pub(crate) const MAX: usize = 32;

    /// Adds a field in ASCII or UTF-8, as far as it goes before a NUL, with which some are filled up.
    pub(crate) fn say(&mut self, attribute: Attribute, field: &[u8]) {
        let end = memchr::memchr(0, field).unwrap_or(field.len());
        if let Some(text) = Charset::Undeclared.decode(field.get(..end).unwrap_or(field)) {
            self.add(attribute, text);
        }
    }

    /// Adds a text.
    pub(crate) fn add(&mut self, attribute: Attribute, text: DeviceText) {
        if let Err(place) = self.0.binary_search_by(|(known, value)| (*known, value).cmp(&(attribute, &text)))
            && self.0.len() < Self::MAX
        {
            self.0.insert(place, (attribute, text));
        }
    }

    /// Memory beyond itself, bytes, about. There are few of them, and they are asked at the beginning of connections only.
    pub(crate) fn held(&self) -> usize {
        said_bytes(&self.0)
    }

    /// Whether something was said of an attribute.
    pub(crate) fn has(&self, attribute: Attribute) -> bool {
        self.0.iter().any(|(known, _)| *known == attribute)
    }

    /// All of them.
    pub(crate) fn told(self) -> Vec<(Attribute, DeviceText)> {
        self.0
    }
}

/// Memory of words beyond their list, bytes, about.
pub(crate) fn said_bytes(said: &[(Attribute, DeviceText)]) -> usize {
    said.iter().map(|word| size_of_val(word) + word.1.heap_bytes()).sum()
}

/// Adds numbers in decimal digits, with a character between them.
pub(crate) fn list(text: &mut String, between: char, numbers: impl IntoIterator<Item = u16>) {
    let mut digits = itoa::Buffer::new();
    for (place, number) in numbers.into_iter().enumerate() {
        if place > 0 {
            text.push(between);
        }
        text.push_str(digits.format(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_once_in_order_and_not_without_end() {
        let mut words = Words::default();
        for name in ["b", "a", "b\0c", "", "\0"] {
            words.say(Attribute::Hostname, name.as_bytes());
        }
        let text = |text| DeviceText::new(text).unwrap();
        let told = [(Attribute::Hostname, text("a")), (Attribute::Hostname, text("b"))];
        assert_eq!(words.clone().told(), told);
        assert!(words.has(Attribute::Hostname) && !words.has(Attribute::Model));
        (0..1000).for_each(|number| words.say(Attribute::Service, format!("{number}").as_bytes()));
        assert_eq!(words.told().len(), Words::MAX);
    }
}
