//! BACnet/IP (ASHRAE 135, annex J): who is there, and I am.

/// Port.
pub const PORT: u16 = 47_808;

/// Original-Broadcast-NPDU to everybody, hop count 255.
fn broadcast(apdu: &[u8]) -> Vec<u8> {
    let npdu = [&[1, 0x20, 0xff, 0xff, 0, 0xff][..], apdu].concat();
    [&[0x81, 0x0b][..], &crate::length::<u16>(npdu.len() + 4).to_be_bytes(), &npdu].concat()
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
