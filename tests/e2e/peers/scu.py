"""One association of a client. scu.py '{"to": [address, port], "calling": ..., "called": ..., "steps": [...]}'

"contexts": [[abstract syntax, [transfer syntax, ...]], ...]; "roles": [[abstract syntax, scu, scp], ...];
"user": [name, password]; "window": [invoked, performed]; "extended": [[SOP class, hex], ...]. Every step prints one
line, its status; the last line says how the association ended. "listen": a port to open first, for what a server
sends by itself; the client waits until one association to it has ended.
"""

import json
import sys
import threading

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, build_role, evt
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    Printer,
    PrinterInstance,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

import objects

plan = json.loads(sys.argv[1])


def negotiation():
    for uid, scu, scp in plan.get("roles", []):
        yield build_role(uid, scu_role=scu, scp_role=scp)
    if "user" in plan:
        item = UserIdentityNegotiation()
        item.user_identity_type, item.positive_response_requested = 2, True
        item.primary_field, item.secondary_field = (text.encode() for text in plan["user"])
        yield item
    if "window" in plan:
        item = AsynchronousOperationsWindowNegotiation()
        item.maximum_number_operations_invoked, item.maximum_number_operations_performed = plan["window"]
        yield item
    for uid, info in plan.get("extended", []):
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid, item.service_class_application_information = uid, bytes.fromhex(info)
        yield item
    for uid, service in plan.get("common", []):
        item = SOPClassCommonExtendedNegotiation()
        item.sop_class_uid, item.service_class_uid = uid, service
        yield item


def store(assoc, step):
    ds = objects.image(step["syntax"], step.get("rows", 64), **step.get("attributes", {}))
    return assoc.send_c_store(ds).Status


def identifier(step):
    ds = Dataset()
    for keyword, value in {"QueryRetrieveLevel": "STUDY", "PatientID": "*", **step.get("keys", {})}.items():
        setattr(ds, keyword, value)
    return ds


def statuses(responses):
    return [hex(status.Status) for status, _ in responses]


def find(assoc, step):
    return statuses(assoc.send_c_find(identifier(step), step["model"]))


def get(assoc, step):
    return statuses(assoc.send_c_get(identifier(step), step["model"]))


def move(assoc, step):
    return statuses(assoc.send_c_move(identifier(step), step["destination"], step["model"]))


def performed(assoc, step):
    """A procedure step begins and ends (MPPS)."""
    begun, uid = Dataset(), generate_uid()
    begun.PerformedProcedureStepStatus = "IN PROGRESS"
    begun.PerformedStationAETitle, begun.PerformedStationName = plan["calling"], "CTROOM7"
    begun.Modality = "CT"
    first, _ = assoc.send_n_create(begun, ModalityPerformedProcedureStep, uid)
    done = Dataset()
    done.PerformedProcedureStepStatus = "COMPLETED"
    second, _ = assoc.send_n_set(done, ModalityPerformedProcedureStep, uid)
    return [first.Status, second.Status]


def commit(assoc, step):
    asked, item = Dataset(), Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = objects.CT, generate_uid()
    asked.TransactionUID, asked.ReferencedSOPSequence = generate_uid(), [item]
    status, _ = assoc.send_n_action(asked, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
    return status.Status


def printer(assoc, step):
    status, _ = assoc.send_n_get([0x21100010], Printer, PrinterInstance)
    return status.Status


STEPS = {
    "echo": lambda assoc, step: assoc.send_c_echo().Status,
    "store": store, "find": find, "get": get, "move": move,
    "performed": performed, "commit": commit, "printer": printer,
}

ae = AE(ae_title=plan["calling"])
for abstract, syntaxes in plan["contexts"]:
    ae.add_requested_context(abstract, syntaxes)

reported = threading.Event()
if "listen" in plan:
    server = AE(ae_title=plan["calling"])
    server.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    handlers = [(evt.EVT_N_EVENT_REPORT, lambda event: (0x0000, None)), (evt.EVT_CONN_CLOSE, lambda event: reported.set())]
    server.start_server(("", plan["listen"]), block=False, evt_handlers=handlers)

handlers = [(evt.EVT_C_STORE, lambda event: 0x0000)]
options = {"ext_neg": list(negotiation()), "evt_handlers": handlers, "max_pdu": plan.get("max_pdu", 16382)}
assoc = ae.associate(*plan["to"], ae_title=plan["called"], **options)
for step in plan["steps"] if assoc.is_established else []:
    print(step["do"], STEPS[step["do"]](assoc, step), flush=True)
if assoc.is_established:
    assoc.abort() if plan.get("abort") else assoc.release()
print("rejected" if assoc.is_rejected else "aborted" if assoc.is_aborted else "released")
if "listen" in plan:
    assert reported.wait(60), "no report came"
    server.shutdown()
