//! tshark's packet tree (`-T pdml`), read.
//!
//! Values are taken from the `value` attribute, the field's own bytes: `show` has names mixed in, and holds U+FFFD for
//! every byte that is not ASCII.

/// A packet, protocol or field.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
    show: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The value as text, without the padding that DICOM puts at its end.
    pub(super) fn text(&self) -> String {
        crate::support::process::text(&self.value).trim_end_matches('\0').trim().to_owned()
    }

    /// The number tshark shows, decimal or with 0x.
    pub(super) fn number(&self) -> Option<u64> {
        match self.show.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => self.show.parse().ok(),
        }
    }

    /// What tshark shows, as written in the file.
    pub(super) fn show(&self) -> &str {
        &self.show
    }

    /// All fields of a name at any depth below, in the packet's order.
    pub(super) fn all<'a>(&'a self, name: &str) -> Vec<&'a Node> {
        let mut found = Vec::new();
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            found.extend(child.all(name));
        }
        found
    }

    pub(super) fn first(&self, name: &str) -> Option<&Node> {
        self.children.iter().find_map(|child| if child.name == name { Some(child) } else { child.first(name) })
    }

    /// The number of the first field of a name.
    pub(super) fn number_of(&self, name: &str) -> Option<u64> {
        self.first(name)?.number()
    }

    /// The text of the first field of a name; None where it is missing or empty.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        Some(self.first(name)?.text()).filter(|text| !text.is_empty())
    }
}

/// The packets of a file. tshark escapes every `<` and `>` inside attributes.
pub(super) fn packets(xml: &str) -> Vec<Node> {
    let mut open = vec![Node::default()];
    for tag in xml.split('<').skip(1).filter_map(|part| part.split_once('>').map(|(tag, _)| tag)) {
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            close(&mut open);
            continue;
        }
        let single = tag.ends_with('/');
        open.push(element(tag.trim_end_matches('/')));
        if single {
            close(&mut open);
        }
    }
    // The root holds the one <pdml> element, and that the packets.
    open.remove(0).children.into_iter().flat_map(|pdml| pdml.children).collect()
}

fn close(open: &mut Vec<Node>) {
    let done = open.pop().expect("tshark's tags are balanced");
    open.last_mut().expect("tshark's tags are balanced").children.push(done);
}

fn element(tag: &str) -> Node {
    let mut node = Node::default();
    let mut rest = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
    while let Some((name, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else { break };
        match name.trim() {
            "name" => value.clone_into(&mut node.name),
            "show" => value.clone_into(&mut node.show),
            "value" => node.value = bytes(value),
            _ => {}
        }
        rest = after;
    }
    node
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    hex.as_bytes().chunks_exact(2).filter_map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.last()?)?)).collect()
}
