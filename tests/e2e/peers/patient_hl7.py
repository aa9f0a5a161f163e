"""A planted patient in every field of HL7 messages, and a planted device in those we may keep.

patient_hl7.py tokens          prints {"patient": [[field, mark], ...], "device": [[field, mark], ...]}
patient_hl7.py serve PORT      acknowledges, with marks in the free text of the acknowledgement
patient_hl7.py send ADDRESS PORT
"""

import base64
import json
import socket
import sys

from mllp import receive
from tokens import Planter

START, END = b"\x0b", b"\x1c\x0d"

# Fields kept, as segment-field, with the mark of a device in each. Field 3 of OBX is the code that decides on field 5.
DEVICE = {
    "MSH-3": "WWDEVAPP^WWDEVAPPID^ISO",
    "MSH-4": "WWDEVFAC",
    "MSH-5": "WWDEVRAPP",
    "MSH-6": "WWDEVRFAC",
    "MSH-21": "WWDEVPROFILE^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
    "OBX-18": "WWDEVOBX18^WWDEVVENDOR^0009FB0000ABCDEF^EUI-64",
    "EQU-1": "WWDEVEQU^WWDEVEQUNS",
    "PRT-10": "WWDEVPRT10",
    "PRT-16": "WWDEVPRT16",
    "PRT-20": "WWDEVPRT20",
}
ATTRIBUTES = {
    "531969^MDC_ID_MODEL_NUMBER^MDC": "WWDEVMODELNUMBER",
    "531970^MDC_ID_MODEL_MANUFACTURER^MDC": "WWDEVMANUFACTURER",
    "531972^MDC_ID_PROD_SPEC_SERIAL^MDC": "WWDEVPRODSERIAL",
    "531975^MDC_ID_PROD_SPEC_SW^MDC": "WWDEVPRODSW",
}
# Segments, and how many fields each has in version 2.8. None of their fields is kept, but for those in DEVICE.
SEGMENTS = {
    "EVN": 7, "PID": 39, "PD1": 22, "NK1": 41, "PV1": 54, "PV2": 50, "AL1": 6, "DG1": 26, "PR1": 25, "GT1": 57,
    "IN1": 55, "IN2": 72, "ACC": 13, "MRG": 7, "ROL": 15, "UAC": 2, "TXA": 28, "FT1": 43, "ORC": 34, "OBR": 55,
    "TQ1": 14, "SPM": 35, "SAC": 53, "NTE": 4, "STF": 41, "PRA": 12, "ZPD": 12, "ZZZ": 30,
}
# Fields whose value steers: numbers, codes, dates of the message itself, and what equipment elsewhere says of itself.
PLAIN = {
    "MSH-1", "MSH-2", "MSH-7", "MSH-9", "MSH-11", "MSH-12", "MSH-15", "MSH-16", "MSH-18", "MSH-22", "MSH-23", "MSH-24",
    "MSH-25", "OBX-2", "OBX-3", "PRT-4", "PRT-17", "PRT-18", "PRT-19", "PRT-21", "PRT-22",
}


class Writer:
    def __init__(self, first):
        self.planter = Planter(first)

    def segment(self, name, count, note="", **fixed):
        """NAME|mark|mark...: every field three marks deep, component, repetition and subcomponent."""
        fields = [name]
        for number in range(1, count + 1):
            field = f"{name}-{number}"
            if f"f{number}" in fixed:
                fields.append(fixed[f"f{number}"])
            elif field in DEVICE:
                fields.append(DEVICE[field])
            elif field in PLAIN:
                fields.append("")
            else:
                mark = [self.planter.text(f"{note}{field}") for _ in range(4)]
                fields.append(f"{mark[0]}^{mark[1]}&{mark[2]}~{mark[3]}")
        return "|".join(fields)

    def header(self, kind, charset):
        rest = self.segment("MSH", 21, f7="20261124080000", f9=kind, f11="P", f12="2.8", f18=charset, f1="", f2="")
        return "MSH|^~\\&|" + rest.split("|", 3)[3]

    def results(self):
        """Values of every type, none of them under a device's code."""
        mark = lambda kind: self.planter.text(f"OBX-5 {kind}")
        values = [
            ("ST", mark("ST")),
            ("TX", mark("TX") + "\\.br\\" + mark("TX after an escape")),
            ("CWE", f"{mark('CWE code')}^{mark('CWE text')}^L"),
            ("PN", f"{mark('PN family')}^{mark('PN given')}"),
            ("ED", "^text^plain^Base64^" + base64.b64encode(mark("ED").encode()).decode()),
            ("NM", self.planter.digits("OBX-5 NM")),
            ("DT", self.planter.date("OBX-5 DT")),
        ]
        # The last code differs from a device's by one digit.
        codes = ["147842^MDC_ECG_HEART_RATE^MDC", f"{mark('code in OBX-3')}^{mark('text in OBX-3')}^L", "53196^^MDC", ""]
        for number, (kind, value) in enumerate(values * 2):
            yield self.segment("OBX", 30, f1=str(number + 1), f2=kind, f3=codes[number % 4], f4="1.1.1.1", f5=value)

    def equipment(self):
        for number, (code, value) in enumerate(ATTRIBUTES.items()):
            yield f"OBX|{number + 50}|ST|{code}|1.0.0.0|{value}||||||X"
        yield self.segment("PRT", 22, f4="EQUIP^Equipment^HL70912")
        yield self.segment("EQU", 5)

    def message(self, kind, charset="", segments=SEGMENTS):
        lines = [self.header(kind, charset)]
        lines += [self.segment(name, SEGMENTS[name]) for name in segments]
        lines += [*self.results(), *self.equipment()]
        return "\r".join(lines) + "\r"


class Sent:
    def __init__(self):
        writer = Writer(40001)
        kinds = ["ORU^R01^ORU_R01", "ADT^A01^ADT_A01", "OML^O21^OML_O21", "ZZZ^Z01"]
        # A short one first: the rest are longer than what a monitor may wish to read of a message.
        self.blocks = [START + writer.message(kinds[0], segments=["PID", "PV1", "OBR"]).encode() + END]
        self.blocks += [START + writer.message(kind).encode() + END for kind in kinds]
        self.blocks.append(START + writer.message("ORU^R01^ORU_R01", "UNICODE UTF-8").encode() + END)
        batch = [
            "FHS|^~\\&|" + writer.segment("FHS", 12).split("|", 3)[3],
            "BHS|^~\\&|" + writer.segment("BHS", 12).split("|", 3)[3],
            writer.message("ORU^R01^ORU_R01").rstrip("\r"),
            writer.segment("BTS", 3),
            writer.segment("FTS", 2),
        ]
        self.blocks.append(START + ("\r".join(batch) + "\r").encode() + END)
        # Frames as they should not be: no start, no end, another line end.
        plain = writer.message("ORU^R01^ORU_R01")
        self.blocks += [plain.encode() + END, START + plain.replace("\r", "\n").encode() + END, START + plain.encode()]
        self.planter = writer.planter


class Answered:
    def __init__(self):
        writer = Writer(90001)
        self.text = writer.segment("MSA", 8, f1="AE", f2="{id}")
        self.error = writer.segment("ERR", 12, f3="207^Application internal error^HL70357", f4="E")
        self.planter = writer.planter


def serve(port):
    answered = Answered()

    def answer(block):
        control_id = block[block.index(b"MSH") :].split(b"|")[9].decode()
        lines = ["MSH|^~\\&|WWDEVRAPP|WWDEVRFAC|||20261124080000||ACK|1|P|2.8"]
        lines += [answered.text.replace("{id}", control_id), answered.error]
        yield START + ("\r".join(lines) + "\r").encode() + END

    receive(port, answer)


def send(address, port):
    with socket.create_connection((address, port)) as connection:
        for block in Sent().blocks:
            connection.sendall(block)
            heard = b""
            while block.endswith(END) and END not in heard:
                heard += connection.recv(65536)


def tokens():
    shown = {**{field: value.split("^")[0] for field, value in DEVICE.items()}, **ATTRIBUTES}
    print(json.dumps({"patient": Sent().planter.planted + Answered().planter.planted, "device": list(shown.items())}))


if __name__ == "__main__":
    if sys.argv[1] == "tokens":
        tokens()
    elif sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        send(sys.argv[2], int(sys.argv[3]))
