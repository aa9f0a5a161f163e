//! Results in the records of ASTM E1394 (LIS2-A2) and the frames of E1381 (LIS1-A).

/// Asks for the line, acknowledges, gives the line back.
pub const ENQUIRY: &[u8] = &[5];
/// The other side may go on.
pub const ACKNOWLEDGED: &[u8] = &[6];
/// The end of a transmission.
pub const END: &[u8] = &[4];

/// Each record in a frame of its own.
pub fn frames(records: &[String]) -> Vec<Vec<u8>> {
    let frame = |(number, record): (usize, &String)| {
        let body = format!("{}{record}\r\x03", (number + 1) % 8);
        let sum = body.bytes().fold(0_u8, u8::wrapping_add);
        format!("\x02{body}{sum:02X}\r\n").into_bytes()
    };
    records.iter().enumerate().map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_ends_with_its_checksum() {
        assert_eq!(frames(&["L|1|N".to_owned()]), [b"\x021L|1|N\r\x0304\r\n".to_vec()]);
    }
}
