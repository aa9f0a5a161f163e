//! What is said about devices.

use super::super::samples::{block, monitor, pump};
use super::*;
use Attribute::*;
use Side::A;

/// A message of one sender with these segments.
fn message(segments: &[&str]) -> Vec<u8> {
    block(&[&["MSH|^~\\&|APP|FAC|||2026||ORU^R01|1|P|2.6"], segments].concat())
}

fn observed(segments: &[&str]) -> Vec<Vec<(Attribute, String)>> {
    let outcome = one(&message(segments));
    let all = said(&outcome, Source::Hl7Observation);
    all.into_iter().map(|said| said.into_iter().map(|(name, value)| (name, value.to_owned())).collect()).collect()
}

fn owned(said: &[&[(Attribute, &str)]]) -> Vec<Vec<(Attribute, String)>> {
    said.iter().map(|said| said.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()).collect()
}

#[test]
fn a_monitor_and_its_module_are_two_devices() {
    let outcome = one(&monitor());
    let monitor = (DeviceType, "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS");
    assert_eq!(
        said(&outcome, Source::Hl7Observation),
        [
            vec![(Model, "Monitor X5"), (PartNumber, "866001"), monitor],
            vec![(SerialNumber, "XW12345678"), (DeviceType, "70666^MDC_DEV_ECG_RESP_VMD")],
        ]
    );
    let profile = (Profile, "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO");
    assert_eq!(said(&outcome, Source::Hl7Header), [vec![(Hl7Application, "MON^ICU"), profile]]);
    assert!(outcome.descriptions.iter().all(|spoken| spoken.speaks_as == text("MON^ICU") && spoken.side == A));
}

#[test]
fn a_pump_is_described_by_its_device_attributes() {
    let outcome = one(&pump());
    assert_eq!(
        said(&outcome, Source::Hl7Observation),
        [vec![
            (DeviceType, "69985^MDC_DEV_PUMP_INFUS_MDS"),
            (Manufacturer, "Pump Works"),
            (Model, "Infuser 4000"),
            (Eui64, "00005E0000000002"),
            (DeviceName, "2000101"),
            (SerialNumber, "SN-4711"),
            (SoftwareVersion, "V6.0"),
        ]]
    );
    assert_eq!(
        said(&outcome, Source::Hl7Software),
        [vec![(SoftwareVendor, "Pump Works"), (Software, "Pump Server"), (SoftwareVersion, "4.1"),]]
    );
    let header = &said(&outcome, Source::Hl7Header)[0];
    assert_eq!(header[..2], [(Eui64, "00005E0000000001"), (Hl7Application, "PumpServer")]);
}

#[test]
fn equipment_named_beside_metrics_of_several_modules_is_the_device() {
    let metric = |place: &str| format!("OBX|3|NM|147842^MDC_RATE^MDC|{place}|68||||||R|||||||00005EFFFE005301^MON_X");
    let device = "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X";
    let module = "OBX|2||69798^MDC_DEV_ECG_VMD^MDC|1.5.0.0|||||||X";
    let kind = (DeviceType, "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS");
    let name = [(Eui64, "00005EFFFE005301"), (DeviceName, "MON_X")];
    assert_eq!(
        observed(&[device, module, &metric("1.5.1.1"), &metric("1.22.1.1"), &metric("1.22.1.2")]),
        owned(&[&[kind, name[0], name[1]]])
    );
    // Of one module alone it may be the module.
    assert_eq!(observed(&[device, module, &metric("1.5.1.1"), &metric("1.5.1.2")]), owned(&[&[kind], &name]));
}

#[test]
fn places_and_tags_beside_metrics_are_no_devices() {
    assert_eq!(
        observed(&[
            "OBX|1||70053^MDC_DEV_PUMP_INFUS_SYRINGE_MDS^MDC|1.0.0.0|||||||X|||||||P52814^^0012210000000000^EUI-64",
            "OBX|2||70054^MDC_DEV_PUMP_INFUS_SYRINGE_VMD^MDC|1.1.0.0|||||||X",
            "OBX|3|ST|67880^MDC_ATTR_ID_MODEL^MDC|1.1.0.8|Maker Syringe||||||F",
            "OBX|4|ST|67972^MDC_ATTR_SYS_ID^MDC|1.1.0.9|11111111-2222-4333-8444-555555555555||||||F",
            "OBX|5|ST|0^MDC_ATTR_PILLAR^MDC|1.1.0.24|0^0||||||F|||||||~~WARD~BED^^0012210000000000^EUI-64",
            "OBX|6|PL|0^MDCX_LOCATION^MDC|LOC|^^^X||||||F|||||||112213000174^Tags^^L",
        ]),
        // A device with one module that has no name of its own is that module.
        owned(&[&[
            (DeviceName, "P52814"),
            (DeviceType, "70053^MDC_DEV_PUMP_INFUS_SYRINGE_MDS"),
            (Model, "Maker Syringe"),
            (DeviceUid, "11111111-2222-4333-8444-555555555555"),
        ]])
    );
}

#[test]
fn modules_with_attributes_of_their_own_stay_apart() {
    assert_eq!(
        observed(&[
            "OBX|1||1^MDC_DEV_RACK_MDS^MDC|1.0.0.0|||||||X|||||||RACK1",
            "OBX|2||2^MDC_DEV_PUMP_VMD^MDC|1.1.0.0|||||||X",
            "OBX|3|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.1.0.1|S1||||||R",
            "OBX|4||2^MDC_DEV_PUMP_VMD^MDC|1.2.0.0|||||||X",
            "OBX|5|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.2.0.1|S2||||||R",
            "OBX|6|ST|531970^MDC_ID_MODEL_MANUFACTURER^MDC|1.2.0.2|Maker||||||R",
        ]),
        owned(&[
            &[(DeviceName, "RACK1"), (DeviceType, "1^MDC_DEV_RACK_MDS")],
            &[(DeviceType, "2^MDC_DEV_PUMP_VMD"), (SerialNumber, "S1")],
            &[(DeviceType, "2^MDC_DEV_PUMP_VMD"), (SerialNumber, "S2"), (Manufacturer, "Maker")],
        ])
    );
}

#[test]
fn every_level_of_an_analyzer_is_described() {
    let result = "OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|70-99|N|||F|||||||MODULE 2^LAB~ANALYZER 1^LAB";
    let levels: [&[_]; 2] = [&[(DeviceName, "MODULE 2")], &[(DeviceName, "ANALYZER 1")]];
    assert_eq!(observed(&[result, result, "OBX|2|NM|2345-7^Glucose^LN||95|||||F|STAFF|||||METHOD"]), owned(&levels));
}

#[test]
fn an_analyzer_that_names_itself_in_two_repetitions_is_one_device() {
    // IHE LAW: model and maker, then serial number and maker. Without its profile the two could be two devices.
    let header = "MSH|^~\\&|AN5|LAB|LIS||2026||OUL^R22^OUL_R22|7|P|2.5.1|||||||||";
    let result = "OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|||||F|||||||AN5^Maker~SN-77^Maker";
    let told = |profile: &str| {
        let outcome = one(&format!("\x0b{header}{profile}\r{result}\r\x1c\r").into_bytes());
        let all = said(&outcome, Source::Hl7Observation);
        all.into_iter().map(|said| said.len()).collect::<Vec<_>>()
    };
    assert_eq!(told("LAB-29^IHE"), [3], "maker, model and serial number of one");
    assert_eq!(told(""), [1, 1]);
}

#[test]
fn equipment_participation_and_device_segments_are_read() {
    let outcome = one(&message(&[
        "EQU|AN-1^LAB|20260101|OP",
        "PRT|1|AD||EQUIP^Equipment^HL70912||STAFF^NAME|||||(01)00643169007222(21)B2||||||00643169007222|20240401|20300101|LOT7|SER8||C1^Pump^L",
        "PRT|2|AD||AP^Attending^HL70912|STAFF^NAME",
        "PRT|3|AD||EQUIP||||||||||||Plum Pump",
        "DEV|1|(01)00643169007222^GS1|2000^MDC_DEV_X^MDC||Maker|Brand|Model 7|CAT-8|00643169007222|L9|S10|20240101|20300101||x|V3.2",
        "DEV|2|||||Brand Two",
    ]));
    assert_eq!(said(&outcome, Source::Hl7Equipment), [vec![(DeviceName, "AN-1")]]);
    assert_eq!(said(&outcome, Source::Hl7Participation).len(), 2);
    assert_eq!(
        said(&outcome, Source::Hl7Device),
        [
            vec![
                (Udi, "(01)00643169007222"),
                (DeviceType, "2000^MDC_DEV_X"),
                (Manufacturer, "Maker"),
                (Model, "Model 7"),
                (PartNumber, "CAT-8"),
                (Udi, "00643169007222"),
                (LotNumber, "L9"),
                (SerialNumber, "S10"),
                (SoftwareVersion, "V3.2"),
            ],
            vec![(Model, "Brand Two")],
        ]
    );
}

#[test]
fn equal_descriptions_are_one_and_remember_when() {
    let outcome = run(&[(A, &monitor()), (A, &monitor()), (A, &pump()), (A, &monitor())]);
    let module = outcome.descriptions.iter().find(|spoken| spoken.attributes[0].0 == SerialNumber).unwrap();
    let seen = module.seen;
    assert_eq!((seen.first, seen.last, seen.count), (PacketTime(1), PacketTime(4), 3));
    assert_eq!(outcome.descriptions.len(), 6);
}

#[test]
fn names_that_differ_in_every_message_stay_bounded() {
    let mut bytes = Vec::new();
    for n in 0..5000 {
        bytes.extend(message(&[&format!("EQU|UNIT {n}"), "SFT|Late"]));
    }
    let outcome = one(&bytes);
    assert_eq!(outcome.descriptions.len(), 1 + 256);
    // An id that counts without a type is no part of the name.
    let counting = |n: u32| format!("OBX|1|NM|1^X^L||9||||||F|||||||{}^MON^00AB{n:04}", "APP");
    let mut bytes = Vec::new();
    for n in 0..5000 {
        bytes.extend(message(&[&counting(n)]));
    }
    let outcome = one(&bytes);
    let observation = outcome.descriptions.iter().find(|spoken| spoken.source == Source::Hl7Observation);
    assert_eq!(observation.unwrap().seen.count, 5000);
}

#[test]
fn an_interrupted_message_says_nothing_about_devices() {
    let bytes = monitor();
    let outcome = one(&bytes[..bytes.len() - 3]);
    assert_eq!(said(&outcome, Source::Hl7Observation).len(), 0);
    assert_eq!(said(&outcome, Source::Hl7Header).len(), 1);
    // Of a sender that marks no ends the message ends with the connection.
    assert_eq!(said(&one(&bytes[1..bytes.len() - 2]), Source::Hl7Observation).len(), 2);
}
