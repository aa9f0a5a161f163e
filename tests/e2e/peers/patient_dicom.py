"""A planted patient in every element that DICOM's dictionary has, and a planted device in those we may keep.

patient_dicom.py tokens          prints {"patient": [[field, mark], ...], "device": [[field, mark], ...]}
patient_dicom.py serve PORT      answers everything, with marks in its answers too
patient_dicom.py send ADDRESS PORT
patient_dicom.py file PATH       one object as a Part 10 file
"""

import json
import sys

from pydicom import config
from pydicom.datadict import DicomDictionary, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation, UserIdentityNegotiation
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
)

import objects
from tokens import Planter

config.settings.writing_validation_mode = config.IGNORE
config.settings.reading_validation_mode = config.IGNORE

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]

# What may be kept, with the mark of a device in each. No patient stands in these.
DEVICE = {
    "Manufacturer": "WWDEV Works",
    "ManufacturerModelName": "WWDEV Model 77",
    "DeviceSerialNumber": "WWDEVSERIAL1",
    "SoftwareVersions": "WWDEV 5.5.5",
    "StationName": "WWDEVSTATION",
    "StationAETitle": "WWDEVSTATIONAE",
    "DetectorID": "WWDEVDETECTOR",
    "GantryID": "WWDEVGANTRY",
    "GeneratorID": "WWDEVGENERATOR",
    "DateOfLastCalibration": "20210304",
    "DateOfManufacture": "20110506",
    "DateOfInstallation": "20120708",
    "DeviceUID": "1.2.826.0.1.77665544",
    "PerformedStationAETitle": "WWDEVPERFAE",
    "PerformedStationName": "WWDEVPERFNAME",
}
UDI = "(01)00844588003288(21)WWDEVUDI"
# A modality asks the worklist for its own procedures.
SCHEDULED = {"ScheduledStationAETitle": "WWDEVCALLING", "ScheduledStationName": "WWDEVSCHEDNAME"}

# Elements that steer the object, or that say something of equipment elsewhere: no mark stands in these.
PLAIN = {
    0x00080005, 0x00080016, 0x00080060, 0x00180087, 0x0018100A, 0x00181009, 0x00400100, 0x00400001, 0x00400010,
    0x00181003, 0x00181004, 0x00181007, 0x00181010, 0x00181016, 0x00181018, 0x00181019, 0x00181201, 0x00189371,
    0x00400011, 0x00400243, 0x300A00B2, 0x21100030, 0x21000140, 0x00280004,
}


def plant(ds, planter, where, groups=None):
    """A mark in every element of the dictionary that is neither kept nor plain."""
    kept = PLAIN | {tag_for_keyword(keyword) for keyword in DEVICE}
    for number, (vr, _, name, _, keyword) in DicomDictionary.items():
        tag = Tag(number)
        if tag.group < 0x0008 or tag.group >= 0x7FE0 or tag in kept or tag in ds or (groups and tag.group not in groups):
            continue
        field = f"{where} {tag} {name}"
        if vr == "SQ":
            item = Dataset()
            item.PatientName, item.TextValue = planter.value(field, "PN"), planter.text(field)
            ds.add_new(tag, vr, Sequence([item]))
            continue
        value = planter.value(field, vr.split(" or ")[0])
        if value is not None:
            ds.add_new(tag, vr.split(" or ")[0], value)


def private(ds, planter, where):
    for group in (0x0009, 0x0011, 0x0019, 0x0029, 0x0041):
        block = ds.private_block(group, planter.text(f"{where} private creator {group:04x}"), create=True)
        block.add_new(0x01, "LO", planter.text(f"{where} private element {group:04x}"))


def image(planter, transfer_syntax, groups=None):
    """All groups make an object longer than what a monitor reads of one."""
    ds = Dataset()
    ds.SOPClassUID, ds.Modality = objects.CT, "CT"
    for keyword, value in DEVICE.items():
        setattr(ds, keyword, value)
    udi, where = Dataset(), f"C-STORE {transfer_syntax.name}{' short' if groups else ''}"
    udi.UniqueDeviceIdentifier, udi.DeviceDescription = UDI, planter.text(f"{where} UDI item, Device Description")
    udi.PatientName = planter.value(f"{where} UDI item, Patient's Name", "PN")
    ds.UDISequence = [udi]
    plant(ds, planter, where, groups)
    private(ds, planter, where)
    ds.Rows, ds.Columns, ds.BitsAllocated, ds.SamplesPerPixel = 16, 16, 16, 1
    ds.add_new(0x7FE00010, "OW", planter.text(f"{where} Pixel Data").encode() * 52)
    ds.add_new(0xFFFCFFFC, "OB", planter.text(f"{where} Data Set Trailing Padding").encode())
    return objects.of_file(ds, transfer_syntax)


def identifier(planter, where):
    ds = Dataset()
    ds.QueryRetrieveLevel = "STUDY"
    plant(ds, planter, where, groups=(0x0008, 0x0010, 0x0020, 0x0032, 0x0038))
    return ds


def worklist(planter, where):
    ds, step = identifier(planter, where), Dataset()
    plant(step, planter, f"{where} step", groups=(0x0010, 0x0032, 0x0040))
    for keyword, value in SCHEDULED.items():
        setattr(step, keyword, value)
    ds.ScheduledProcedureStepSequence = [step]
    return ds


def performed(planter, where):
    ds = Dataset()
    ds.PerformedStationAETitle, ds.PerformedStationName = DEVICE["PerformedStationAETitle"], DEVICE["PerformedStationName"]
    ds.Modality = "CT"
    plant(ds, planter, where, groups=(0x0008, 0x0010, 0x0020, 0x0040))
    return ds


class Sent:
    """All that the client sends, always the same."""

    def __init__(self):
        self.planter = Planter(1)
        self.images = [image(self.planter, syntax, (0x0008, 0x0010, 0x0020)) for syntax in SYNTAXES]
        self.images += [image(self.planter, syntax) for syntax in SYNTAXES]
        self.find = identifier(self.planter, "C-FIND keys")
        self.worklist = worklist(self.planter, "worklist keys")
        self.move = identifier(self.planter, "C-MOVE keys")
        self.created = performed(self.planter, "N-CREATE")
        self.uid = self.planter.uid("N-CREATE, SOP Instance UID of the command")
        self.user = [self.planter.text("user name, item 58H"), self.planter.text("password, item 58H")]
        self.extension = self.planter.text("application information, item 56H")


class Answered:
    """All that the server answers."""

    def __init__(self):
        self.planter = Planter(36001)
        self.comment = self.planter.text("Error Comment")
        self.uid = self.planter.uid("Affected SOP Instance UID of a response")
        self.find = identifier(self.planter, "C-FIND response")
        self.worklist = worklist(self.planter, "worklist response")


def serve(port):
    answered = Answered()

    def status(event):
        ds = Dataset()
        # Data set does not match SOP class, with a warning in words.
        ds.Status, ds.ErrorComment = 0xB007, answered.comment
        return ds

    def matches(event):
        model = event.request.AffectedSOPClassUID
        yield 0xFF00, answered.worklist if model == ModalityWorklistInformationFind else answered.find

    def created(event):
        ds = Dataset()
        ds.AffectedSOPInstanceUID = answered.uid
        return 0x0000, ds

    def moved(event):
        yield None, None

    ae = AE(ae_title="WWDEVCALLED")
    for abstract in contexts():
        ae.add_supported_context(abstract, SYNTAXES)
    handlers = [(evt.EVT_C_STORE, status), (evt.EVT_C_FIND, matches), (evt.EVT_N_CREATE, created),
                (evt.EVT_C_MOVE, moved), (evt.EVT_USER_ID, lambda event: (True, None)),
                (evt.EVT_SOP_EXTENDED, lambda event: event.app_info)]
    ae.start_server(("", port), evt_handlers=handlers)


def contexts():
    return [objects.CT, StudyRootQueryRetrieveInformationModelFind, StudyRootQueryRetrieveInformationModelMove,
            ModalityWorklistInformationFind, ModalityPerformedProcedureStep]


def send(address, port):
    sent = Sent()
    ae = AE(ae_title="WWDEVCALLING")
    for syntax in SYNTAXES:
        ae.add_requested_context(objects.CT, syntax)
    for abstract in contexts()[1:]:
        ae.add_requested_context(abstract, ImplicitVRLittleEndian)
    user, extended = UserIdentityNegotiation(), SOPClassExtendedNegotiation()
    user.user_identity_type = 2
    user.primary_field, user.secondary_field = (word.encode() for word in sent.user)
    extended.sop_class_uid, extended.service_class_application_information = objects.CT, sent.extension.encode()
    assoc = ae.associate(address, port, ae_title="WWDEVCALLED", ext_neg=[user, extended])
    assert assoc.is_established
    for ds in sent.images:
        assert assoc.send_c_store(ds).Status == 0xB007
    assert [s.Status for s, _ in assoc.send_c_find(sent.find, contexts()[1])] == [0xFF00, 0x0000]
    assert [s.Status for s, _ in assoc.send_c_find(sent.worklist, contexts()[3])] == [0xFF00, 0x0000]
    list(assoc.send_c_move(sent.move, "WWDEVDEST", contexts()[2]))
    assoc.send_n_create(sent.created, ModalityPerformedProcedureStep, sent.uid)
    assoc.release()


def tokens():
    device = {**DEVICE, **SCHEDULED, "UniqueDeviceIdentifier": UDI, "calling AE title": "WWDEVCALLING",
              "called AE title": "WWDEVCALLED", "move destination": "WWDEVDEST"}
    print(json.dumps({"patient": Sent().planter.planted + Answered().planter.planted, "device": list(device.items())}))


if __name__ == "__main__":
    if sys.argv[1] == "tokens":
        tokens()
    elif sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    elif sys.argv[1] == "file":
        objects.save(Sent().images[0], sys.argv[2])
    else:
        send(sys.argv[2], int(sys.argv[3]))
