//! The simulated hospital: captures made by code, and the truth about them for tests to compare with.
//!
//! It knows nothing of the product: what it writes comes from the standards, so that it can be wrong about them only in
//! its own way. There is no clock and no randomness: the same call gives the same bytes, noise takes a seed.
//!
//! Addresses are from 10/8, MAC addresses locally administered or of a real block with a made-up tail, devices and
//! patients invented. Patients are in the captures on purpose: nothing of them may come out of the product.

#![allow(clippy::expect_used, clippy::panic, reason = "a scenario that cannot be written down must stop its test")]

pub mod astm;
pub mod bacnet;
pub mod capture;
pub mod dhcp;
pub mod dicom;
pub mod dns;
pub mod end;
pub mod faults;
pub mod first_light;
pub mod frame;
pub mod hl7;
pub mod intellivue;
pub mod morning;
pub mod noise;
pub mod smb;
pub mod tcp;
pub mod tls;

/// A length in a field of `T`, which a scenario must not exceed.
fn length<T: TryFrom<usize>>(bytes: usize) -> T {
    match T::try_from(bytes) {
        Ok(length) => length,
        Err(_) => panic!("{bytes} bytes do not fit the length field"),
    }
}
