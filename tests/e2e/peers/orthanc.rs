//! Orthanc: an archive of many small hospitals and of every research group.

use serde_json::json;

use super::{EXPLICIT, assert_operations, done, object, witnessed};
use crate::support::lab::Lab;
use crate::support::process::{Server, output, run};
use crate::support::{command, devices, programs};
use crate::tshark::Ports;

const PORT: u16 = 4242;
const MOVE_PORT: u16 = 30014;

fn orthanc(lab: &Lab) -> Server {
    let storage = lab.scratch().join("orthanc/index").parent().unwrap().to_owned();
    let config = json!({
        "Name": "e2e", "StorageDirectory": storage, "IndexDirectory": storage, "Plugins": [],
        "HttpServerEnabled": false, "DicomServerEnabled": true, "DicomAet": "ORTHANC", "DicomPort": PORT,
        "DicomCheckCalledAet": true, "DicomAlwaysAllowMove": true, "DicomAlwaysAllowFind": true,
        "DicomModalities": {"workstation": ["DEST", "10.0.0.30", MOVE_PORT]}, "SynchronousCMove": true,
    });
    let config = lab.scratch().write("orthanc.json", config.to_string());
    let mut command = lab.host(20).command("Orthanc");
    command.arg(config);
    lab.serve(20, PORT, command)
}

fn client(lab: &Lab, program: &str, calling: &str, called: &str) -> std::process::Command {
    let mut command = lab.host(11).command(program);
    command.args(["-aet", calling, "-aec", called, "10.0.0.20", &PORT.to_string()]);
    command
}

#[test]
fn store_find_move_and_a_wrong_title() {
    let test = "store_find_move_and_a_wrong_title";
    if !programs::lab_available(test, &["Orthanc", "storescu", "findscu", "movescu", "echoscu", "storescp"]) {
        return;
    }
    let Some(python) = programs::python(test) else { return };
    let lab = Lab::new(&[11, 20, 30]);
    let image = lab.scratch().join("ct.dcm");
    object(&python, &image, EXPLICIT, 64);
    let server = orthanc(&lab);
    let mut workstation = lab.host(30).command("storescp");
    workstation.args(["--ignore", "-aet", "DEST", &MOVE_PORT.to_string()]);
    let workstation = lab.serve(30, MOVE_PORT, workstation);

    let sniffer = lab.sniff("orthanc");
    run(client(&lab, "storescu", "CTROOM7", "ORTHANC").args([&image, &image]));
    let keys = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID=0000"];
    run(client(&lab, "findscu", "READER", "ORTHANC").args(keys));
    let keys = ["-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=0000"];
    run(client(&lab, "movescu", "MOVER", "ORTHANC").args(["-aem", "DEST"]).args(keys));
    assert!(!output(&mut client(&lab, "echoscu", "CTROOM7", "WRONGPACS")).status.success());
    let capture = sniffer.stop();
    done(server);
    done(workstation);

    witnessed(&capture, &Ports::dicom(&[PORT.into(), MOVE_PORT.into()]), |view| {
        assert_eq!(view.associations.len(), 5);
        assert_operations(view.association("CTROOM7", "ORTHANC"), "C-STORE", [2, 2, 0, 0, 0]);
        assert_operations(view.association("READER", "ORTHANC"), "C-FIND", [1, 1, 0, 0, 1]);
        assert_eq!(view.association("MOVER", "ORTHANC")["operations"]["C-MOVE"]["success"], 1);
        assert_operations(view.association("ORTHANC", "DEST"), "C-STORE", [1, 1, 0, 0, 0]);
        let rejected = view.association("CTROOM7", "WRONGPACS");
        assert_eq!(rejected["rejection"], json!({"result": 1, "source": 1, "reason": 7}));
    });
    let document = command::document(&capture);
    // The archive repeats what the scanner said of itself: that is the scanner's, not the archive's.
    let archive = devices::at(&document, "10.0.0.20").unwrap();
    assert_ne!(archive["model"], "Phantom 9000", "{archive}");
    assert!(devices::say(&devices::near(&document, "10.0.0.11"), "Phantom 9000"));
}
