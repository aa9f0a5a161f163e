//! Conversations to test with: real shapes, invented values.

use crate::protocol::Side;

/// A message of these segments in a block.
pub(super) fn block(segments: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0x0b];
    for segment in segments {
        bytes.extend(segment.as_bytes());
        bytes.push(b'\r');
    }
    bytes.extend(b"\x1c\r");
    bytes
}

/// The acknowledgement an engine gives.
pub(super) fn ack(code: &str, control: &str) -> Vec<u8> {
    block(&["MSH|^~\\&|ENGINE|HOSP|MON|ICU|20260102030406||ACK^R01^ACK|A1|P|2.6", &format!("MSA|{code}|{control}")])
}

/// A monitor that reports by IHE PCD-01: device, module, channel, metric.
pub(super) fn monitor() -> Vec<u8> {
    block(&[
        "MSH|^~\\&| MON|ICU|ENGINE|HOSP|20260102030405.123+0000||ORU^R01^ORU_R01|MON1|P|2.6|||AL|NE||UNICODE UTF-8|en^English^ISO639||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
        "PID|1||PATIENTID^^^HOSP^MR||NAMESAKE^ANNA^\"\"^^^^L||19500101|F",
        "PV1|1|I|ICU^^Bed1^HOSP",
        "OBR|1||00005efffe005301^^^EUI-64|69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|||20260102030405",
        "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||11111111-2222-4333-8444-555555555555-Monitor X5 - 866001",
        "OBX|2||70666^MDC_DEV_ECG_RESP_VMD^MDC|1.2.0.0|||||||X|||||||XW12345678",
        "OBX|3||70739^MDC_DEV_CARD_RATE_CHAN^MDC|1.2.1.0|||||||X",
        "OBX|4|NM|147842^MDC_ECG_CARD_BEAT_RATE^MDC|1.2.1.1|60|264864^MDC_DIM_BEAT_PER_MIN^MDC|50-120||||F",
    ])
}

/// A pump that names its maker, model and system id in device attributes.
pub(super) fn pump() -> Vec<u8> {
    block(&[
        "MSH|^~\\&|PumpServer^00005E0000000001^EUI-64||||20260102030405||ORU^R01^ORU_R01|P1|P|2.6|||AL|NE||UNICODE UTF-8|||IHE_PCD_015^IHE PCD^1.3.6.1.4.1.19376.1.6.1.15.1^ISO",
        "SFT|Pump Works^L|4.1|Pump Server|b1|info|20250101",
        "OBX|1|ST|69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X",
        "OBX|2|ST|67880^MDC_ATTR_ID_MODEL^MDC|1.0.0.1|manufacturer=Pump Works model=Infuser 4000||||||R",
        "OBX|3|ST|67972^MDC_ATTR_SYS_ID^MDC|1.0.0.2|2000101^Infuser 4000^00005E0000000002^EUI-64||||||R",
        "OBX|4|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.3|SN-4711||||||R",
        "OBX|5|ST|531975^MDC_ID_PROD_SPEC_SW^MDC|1.0.0.4|V6.0||||||R",
        "OBX|6|CWE|0^MDCX_ATTR_POWER_STATE^MDC|1.0.0.5|^OFF||||||F|||||||2000101^Infuser 4000^00005E0000000002^EUI-64",
    ])
}

/// An admission, as registration systems pipeline them.
pub(super) fn admission(control: u32) -> Vec<u8> {
    block(&[
        &format!("MSH|^~\\&|ADT1|HOSP|ENGINE|HOSP|20260102030405||ADT^A01|ADT{control}|P|2.5"),
        "EVN|A01|20260102030405",
        "PID|1||PATIENTID^^^HOSP^MR||NAMESAKE^ANNA||19500101|F",
        "PV1|1|I|WARD1^001^1^HOSP",
    ])
}

/// A batch of two results in one block.
fn batch() -> Vec<u8> {
    block(&[
        "FHS|^~\\&|LAB|HOSP",
        "BHS|^~\\&|LAB|HOSP",
        "MSH|^~\\&|LAB|HOSP|LIS|HOSP|20260102030405||ORU^R01|L1|P|2.3.1||||||8859/1",
        "OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|70-99|N|||F||||||| ANALYZER 1^LAB",
        "MSH|^~\\&|LAB|HOSP|LIS|HOSP|20260102030406||ORU^R01|L2|P|2.3.1||||||8859/1",
        "OBX|1|NM|2160-0^Creatinine^LN||1.0|mg/dL|0.6-1.2|N|||F||||||||ANALYZER 1^LAB",
        "BTS|2",
        "FTS|1",
    ])
}

/// A handful of conversations that between them use most of what the parser knows.
pub(crate) fn samples() -> Vec<Vec<(Side, Vec<u8>)>> {
    let unframed = |control: u32| {
        let framed = admission(control);
        framed[1..framed.len() - 2].to_vec()
    };
    let answer = |control: u32| ack("AA", &format!("ADT{control}"));
    vec![
        vec![(Side::A, monitor()), (Side::B, ack("AA", "MON1")), (Side::A, pump()), (Side::B, ack("CA", "P1"))],
        vec![
            (Side::A, [admission(1), admission(2), admission(3)].concat()),
            (Side::B, [answer(1), answer(2), answer(3)].concat()),
            (Side::A, admission(4)),
        ],
        vec![(Side::B, batch()), (Side::A, b"\x0b\x06\x1c\r".to_vec())],
        vec![(Side::A, [unframed(1), unframed(2)].concat()), (Side::B, answer(1)), (Side::A, unframed(3))],
    ]
}
