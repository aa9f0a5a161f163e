//! XML (XML 1.0, Namespaces in XML 1.0) as far as messages of devices need it: elements on the way down, texts on the way up.
//! No document type is followed, and no entity is known but those that every document has.

use quick_xml::{
    NsReader,
    escape::resolve_predefined_entity,
    events::Event,
    name::{Namespace, NamespaceResolver, ResolveResult},
};

/// Most elements in one another, and longest text of an element that is kept, bytes.
const DEEPEST: usize = 32;
const LONGEST_TEXT: usize = 4096;

/// An element.
pub(crate) struct Element {
    /// Its name without prefix.
    pub(crate) name: String,
    /// It is in a namespace that was asked for.
    pub(crate) is_known: bool,
}

/// Whoever walks through a document. A path leads from the root to an element.
pub(crate) trait Visitor {
    /// An element begins in the one that the path leads to.
    fn enter(&mut self, path: &[Element], element: &Element);

    /// The element that the path leads to ends, and this was its text.
    fn leave(&mut self, path: &[Element], text: &str, names: &NamespaceResolver);
}

/// Walks through a document as far as it can be read; whether that is all of it.
pub(crate) fn walk(document: &[u8], namespaces: &[&str], visitor: &mut impl Visitor) -> bool {
    // What was cut off may end in the middle of a character.
    let text = match std::str::from_utf8(document) {
        Ok(text) => text,
        Err(error) => {
            let valid = document.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
    };
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut path, mut content): (Vec<Element>, String) = (Vec::new(), String::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let (space, name) = reader.resolver().resolve_element(tag.name());
                let is_known = matches!(space, ResolveResult::Bound(Namespace(name)) if namespaces.contains(&name));
                let element = Element { name: name.into_inner().to_owned(), is_known };
                visitor.enter(&path, &element);
                path.push(element);
                content.clear();
                if path.len() > DEEPEST {
                    return false;
                }
            }
            Ok(Event::Text(text)) => add(&mut content, &text.xml10_content()),
            Ok(Event::CData(text)) => add(&mut content, &text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(character)) => add(&mut content, character.encode_utf8(&mut [0; 4])),
                _ => add(&mut content, resolve_predefined_entity(&reference).unwrap_or_default()),
            },
            Ok(Event::End(_)) => {
                visitor.leave(&path, content.trim(), reader.resolver());
                path.pop();
                content.clear();
            }
            Ok(Event::Eof) => return path.is_empty() && text.len() == document.len(),
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

fn add(content: &mut String, text: &str) {
    if content.len() + text.len() <= LONGEST_TEXT {
        content.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what it sees.
    #[derive(Default)]
    struct Witness(Vec<String>);

    impl Visitor for Witness {
        fn enter(&mut self, _: &[Element], element: &Element) {
            self.0.push(format!("{}{}", element.name, if element.is_known { "!" } else { "" }));
        }

        fn leave(&mut self, path: &[Element], text: &str, _: &NamespaceResolver) {
            self.0.push(format!("/{} {text}", path.last().unwrap().name));
        }
    }

    fn seen(document: &str) -> (Vec<String>, bool) {
        let mut witness = Witness::default();
        let is_whole = walk(document.as_bytes(), &["urn:a"], &mut witness);
        (witness.0, is_whole)
    }

    #[test]
    fn elements_are_known_by_their_namespace_whatever_its_prefix() {
        let (seen, is_whole) = seen("<x xmlns='urn:a' xmlns:b='urn:b'><b:y/><z xmlns='urn:c'> t &lt;&#65; </z></x>");
        assert_eq!(seen, ["x!", "y", "/y ", "z", "/z t <A", "/x "]);
        assert!(is_whole);
    }

    #[test]
    fn what_is_too_deep_or_no_xml_is_read_no_further() {
        assert_eq!(seen(&"<x>".repeat(10_000)).0.len(), DEEPEST + 1);
        assert!(!seen("<x><y></x>").1);
        assert!(!seen("<x>").1);
    }

    #[test]
    fn entities_of_a_document_are_not_followed_and_long_texts_not_kept() {
        let (texts, _) = seen("<!DOCTYPE x [<!ENTITY e 'secret'>]><x>&e;</x>");
        assert_eq!(texts, ["x", "/x "]);
        assert_eq!(seen(&format!("<x>{}</x>", "y".repeat(LONGEST_TEXT + 1))).0, ["x", "/x "]);
    }
}
