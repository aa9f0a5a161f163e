"""A server that speaks every DIMSE service. scp.py '{"port": 11112, "ae": "ARCHIVE", ...}'

"destinations": AE title to [address, port], for C-MOVE. "report": [address, port, AE title] to which storage
commitment results go, on an association of its own, as an archive does (PS3.4 Annex J).
"""

import json
import sys
import threading

from pydicom.dataset import Dataset
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, build_context, build_role, evt
from pynetdicom.presentation import (
    AllStoragePresentationContexts,
    ModalityPerformedPresentationContexts,
    QueryRetrievePresentationContexts,
    VerificationPresentationContexts,
    BasicWorklistManagementPresentationContexts,
)
from pynetdicom.sop_class import Printer, StorageCommitmentPushModel, StorageCommitmentPushModelInstance

import objects

plan = json.loads(sys.argv[1])
ae = AE(ae_title=plan["ae"])
ae.maximum_pdu_size = plan.get("max_pdu", 16382)


def matches(event):
    """Three answers, unless the asker has had enough."""
    for number in range(3):
        if event.is_cancelled:
            yield 0xFE00, None
            return
        answer = Dataset()
        answer.QueryRetrieveLevel, answer.PatientName, answer.PatientID = "STUDY", f"Nobody^{number}", str(number)
        yield 0xFF00, answer


def retrieved(event):
    yield 2
    for _ in range(2):
        yield 0xFF00, objects.image()


def moved(event):
    yield *plan["destinations"][event.move_destination], {"contexts": [build_context(objects.CT)]}
    yield from retrieved(event)


def created(event):
    answer = Dataset()
    answer.SOPClassUID, answer.SOPInstanceUID = event.request.AffectedSOPClassUID, event.request.AffectedSOPInstanceUID
    return 0x0000, answer


def printer(event):
    answer = Dataset()
    answer.Manufacturer, answer.PrinterStatus = "Wardwatch Test Works", "NORMAL"
    return 0x0000, answer


def committed(event):
    threading.Thread(target=report, args=(event.action_information,)).start()
    return 0x0000, None


def report(asked):
    address, port, title = plan["report"]
    caller = AE(ae_title=plan["ae"])
    caller.add_requested_context(StorageCommitmentPushModel)
    role = build_role(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    assoc = caller.associate(address, port, ae_title=title, ext_neg=[role])
    result = Dataset()
    result.TransactionUID = asked.TransactionUID
    result.ReferencedSOPSequence = asked.ReferencedSOPSequence
    assoc.send_n_event_report(result, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
    assoc.release()


for context in [
    *AllStoragePresentationContexts,
    *QueryRetrievePresentationContexts,
    *BasicWorklistManagementPresentationContexts,
    *ModalityPerformedPresentationContexts,
    *VerificationPresentationContexts,
]:
    ae.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES, scu_role=True, scp_role=True)
ae.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
ae.add_supported_context(Printer)

ae.start_server(
    ("", plan["port"]),
    evt_handlers=[
        (evt.EVT_C_ECHO, lambda event: 0x0000),
        (evt.EVT_C_STORE, lambda event: plan.get("store_status", 0x0000)),
        (evt.EVT_C_FIND, matches),
        (evt.EVT_C_GET, retrieved),
        (evt.EVT_C_MOVE, moved),
        (evt.EVT_N_CREATE, created),
        (evt.EVT_N_SET, lambda event: (0x0000, event.modification_list)),
        (evt.EVT_N_GET, printer),
        (evt.EVT_N_ACTION, committed),
        (evt.EVT_N_EVENT_REPORT, lambda event: (0x0000, None)),
        (evt.EVT_USER_ID, lambda event: (True, None)),
        (evt.EVT_ASYNC_OPS, lambda event: (1, 1)),
        (evt.EVT_SOP_EXTENDED, lambda event: event.app_info),
    ],
)
