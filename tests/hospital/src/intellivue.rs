//! Data export of IntelliVue monitors (Philips, Data Export Interface Programming Guide): how one announces itself.

/// Port of the announcement.
pub const PORT: u16 = 24_005;

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&crate::length::<u16>(bytes.len()).to_be_bytes()[..], bytes].concat()
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn attribute(id: u16, value: &[u8]) -> Vec<u8> {
    [words(&[id]), sized(value)].concat()
}

fn list(elements: &[Vec<u8>]) -> Vec<u8> {
    [words(&[crate::length(elements.len())]), sized(&elements.concat())].concat()
}

/// A text, filled up to an even length.
fn label(text: &str) -> Vec<u8> {
    sized(&[text.as_bytes(), &vec![0; text.len() % 2]].concat())
}

/// A connect indication: maker and model, serial number, software, and the label of the bed.
pub fn announcement([maker, model]: [&str; 2], serial: &str, software: &str, bed: &str) -> Vec<u8> {
    let specification = |kind, component, text: &str| [words(&[kind, component]), label(text)].concat();
    let specifications = [specification(1, 8, serial), specification(2, 8, model), specification(4, 0x58, software)];
    let bed: Vec<u8> = bed.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let attributes = [
        // Partition of objects, MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS.
        attribute(0x0986, &words(&[1, 4429])),
        attribute(0xf135, &bed),
        attribute(0x092d, &list(&specifications)),
        attribute(0x0928, &[label(maker), label(model)].concat()),
    ];
    // Class, context, handle, time, type of the event.
    let event = [words(&[0x23, 0, 0, 0, 1, 0x0d17]), sized(&list(&attributes))].concat();
    let invoked = [words(&[0, 0]), sized(&event)].concat();
    [words(&[0, 0x0100, 1]), sized(&invoked)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_fills_its_lengths() {
        let bytes = announcement(["Philips", "M8007A"], "DE1", "G.01.78", "ICU 1");
        assert_eq!(bytes[..6], [0, 0, 1, 0, 0, 1]);
        assert_eq!(usize::from(u16::from_be_bytes([bytes[6], bytes[7]])) + 8, bytes.len());
        assert_eq!(bytes[24..26], [0x0d, 0x17]);
    }
}
