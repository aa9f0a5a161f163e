//! BACnet/IP (ASHRAE 135, annex J): who is there, I am, and what is the value of.

/// Port.
pub const PORT: u16 = 47_808;

/// Functions of the virtual link: to one, to all.
const UNICAST: u8 = 0x0a;
const BROADCAST: u8 = 0x0b;

/// In its frame. Control says whether there is a destination, and whether a reply is expected.
fn framed(function: u8, npdu: &[&[u8]]) -> Vec<u8> {
    let npdu = [&[&[1][..]], npdu].concat().concat();
    [&[0x81, function][..], &crate::length::<u16>(npdu.len() + 4).to_be_bytes(), &npdu].concat()
}

/// To every network, hop count 255.
fn broadcast(apdu: &[u8]) -> Vec<u8> {
    framed(BROADCAST, &[&[0x20, 0xff, 0xff, 0, 0xff], apdu])
}

/// Present value of analog input 1, as ReadProperty names it.
const PRESENT_VALUE: [u8; 7] = [0x0c, 0, 0, 0, 1, 0x19, 85];

/// ReadProperty: what is the present value of analog input 1?
pub fn read(invocation: u8) -> Vec<u8> {
    framed(UNICAST, &[&[4, 0, 5, invocation, 12], &PRESENT_VALUE])
}

/// Its answer.
pub fn value(invocation: u8, value: f32) -> Vec<u8> {
    framed(UNICAST, &[&[0, 0x30, invocation, 12], &PRESENT_VALUE, &[0x3e, 0x44], &value.to_be_bytes(), &[0x3f]])
}

/// Who-Is of all devices.
pub fn who_is() -> Vec<u8> {
    broadcast(&[0x10, 8])
}

/// I-Am: instance number of the device (22 bits), longest message 1476 bytes, no segmentation, vendor.
pub fn i_am(instance: u32, vendor: u8) -> Vec<u8> {
    /// Object type of devices, above the instance number.
    const DEVICE: u32 = 8 << 22;
    let object = (DEVICE | instance).to_be_bytes();
    broadcast(&[&[0x10, 0, 0xc4][..], &object, &[0x22, 5, 0xc4, 0x91, 3, 0x21, vendor]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_written_byte_for_byte() {
        assert_eq!(who_is(), [0x81, 0x0b, 0, 12, 1, 0x20, 0xff, 0xff, 0, 0xff, 0x10, 8]);
        assert_eq!(read(9), [0x81, 0x0a, 0, 17, 1, 4, 0, 5, 9, 12, 0x0c, 0, 0, 0, 1, 0x19, 85]);
        let answer = value(9, 21.5);
        assert_eq!(answer[..8], [0x81, 0x0a, 0, 23, 1, 0, 0x30, 9]);
        assert_eq!(answer[16..], [0x3e, 0x44, 0x41, 0xac, 0, 0, 0x3f]);
    }
}
