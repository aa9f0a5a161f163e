"""A planted patient in messages of medical devices' own protocols, and a planted device in the fields we may keep.

patient_devices.py tokens          prints {"patient": [[field, mark], ...], "device": [[field, mark], ...]}
patient_devices.py serve PORT      acknowledges, with marks in the text of the acknowledgement
patient_devices.py send ADDRESS PORT
"""

import gzip
import json
import socket
import struct
import sys

from tokens import Planter

INTELLIVUE = 24105
DISCOVERY = 3702


def sized(value):
    return struct.pack(">H", len(value)) + value


class IntelliVue:
    """An announcement and an association of a monitor, with all that it tells of its patient."""

    DEVICE = [
        ("NOM_ATTR_ID_MODEL", "WWIVMODEL1"),
        ("NOM_ATTR_ID_PROD_SPECN serial number", "WWIVSERIAL"),
        ("NOM_ATTR_ID_PROD_SPECN part number", "WWIVPARTNO"),
        ("NOM_ATTR_ID_PROD_SPECN software", "WWIVSWVERS"),
    ]
    # Bed label, label, birth, patient id, family and given name, sex, age, height, weight, notes.
    PATIENT = [0x091E, 0x0924, 0x0927, 0xF135, 0x0958, 0x095A, 0x095C, 0x095D, 0x0961, 0x09D8, 0x09DC, 0x09DF, 0xF001, 0xF129, 0xF12A]

    def __init__(self, planter):
        self.planter = planter
        _, serial, part, software = [mark.encode() for _, mark in self.DEVICE]
        listed = [(1, 8, serial), (2, 8, part), (4, 0x58, software)]
        listed += [(kind, 0x58 if kind < 4 else 8, self.mark("specification")) for kind in range(8)]
        entries = b"".join(struct.pack(">HH", kind, component) + self.label(text) for kind, component, text in listed)
        known = struct.pack(">H", len(listed)) + sized(entries) + self.mark("behind the specifications")
        self.attributes = [(0x0928, self.label(b"Philips") + self.label(b"WWIVMODEL1")), (0x092D, known)]
        self.attributes += [(number, self.mark(f"{number:04x}")) for number in self.PATIENT]
        self.attributes += [(number, sized(self.wide(f"{number:04x}"))) for number in self.PATIENT]

    def mark(self, note):
        return self.planter.text(f"IntelliVue {note}").encode()

    def wide(self, note):
        return self.planter.text(f"IntelliVue {note}").encode("utf-16-be") + b"\0\0"

    @staticmethod
    def label(text):
        return sized(text) + b"\0" * (len(text) % 2)

    def described(self):
        listed = b"".join(struct.pack(">H", number) + sized(value) for number, value in self.attributes)
        return struct.pack(">H", len(self.attributes)) + sized(listed)

    @staticmethod
    def operation(start, kind, body):
        return start + struct.pack(">H", kind) + sized(body)

    def event(self, command, kind, told):
        argument = struct.pack(">HHHIH", 0x23, 0, 0, 1, kind) + sized(told)
        return struct.pack(">HH", 0, command) + sized(argument)

    def datagrams(self):
        data = b"\xe1\0\0\2"
        created = struct.pack(">HHH", 0x21, 0, 0) + self.described()
        yield self.operation(b"\0\0\1\0", 1, self.event(0, 0x0D17, self.described()))
        yield self.operation(data, 1, self.event(1, 0x0D06, created))
        yield self.operation(data, 1, self.event(1, 0x0D07, created))
        for kind, front in [(2, b""), (5, b"\1\1")]:
            yield self.operation(data, kind, front + struct.pack(">HH", 1, 7) + sized(created))
        yield b"\x0c" + bytes([24]) + self.mark("refusal").ljust(24, b"\0")


class Poct1:
    """A greeting, and all that is told after it."""

    DEVICE = [
        ("DEV.device_id", "WWPOCTUNIQUE"),
        ("DEV.device_name", "WWPOCTNAME"),
        ("DEV.hw_version", "WWPOCTHW"),
        ("DEV.manufacturer_name", "WWPOCTMAKER"),
        ("DEV.model_id", "WWPOCTMODEL"),
        ("DEV.serial_id", "WWPOCTSERIAL"),
        ("DEV.sw_version", "WWPOCTSW"),
    ]
    OTHERS = ["HDR.control_id", "DEV.location", "DEV.facility", "DEV.operator", "DSC.note", "DCP.owner"]
    MESSAGES = ["DST", "OBS", "EVS", "OPL", "PTL", "EOT", "END"]

    def __init__(self, planter):
        mark = lambda note: planter.text(f"POCT1 {note}")
        both = lambda name, value: f'<{name} V="{value}" U="{mark(name)}">{mark(name)}</{name}>'
        alone = lambda name: f'<{name} V="{mark(name)}"/>'
        others = "".join(map(alone, self.OTHERS))
        kept = "".join(both(name, value) for name, value in self.DEVICE)
        self.messages = [f"<HEL.R01><HDR>{others}</HDR><DEV>{others}{kept}{others}</DEV>{others}</HEL.R01>"]
        for kind in self.MESSAGES:
            patient = "".join(map(alone, ["PT.patient_id", "PT.name", "PT.birth_date", "OPR.operator_id", "NTE.text"]))
            copied = "".join(f'<{name} V="{mark(name)}"/>' for name, _ in self.DEVICE)
            self.messages.append(f"<{kind}.R01><HDR>{others}</HDR><PT>{patient}</PT><DEV>{copied}</DEV></{kind}.R01>")
        self.answer = f"<ACK.R01><ACK>{alone('ACK.note_txt')}{alone('ACK.error_txt')}</ACK></ACK.R01>"


class Astm:
    """Results in frames, of which some come twice and some hold a part of a record."""

    DEVICE = [("H-5", "WWASTMSENDER")]

    def __init__(self, planter):
        mark = lambda note: planter.text(f"ASTM {note}")
        fields = lambda letter: "|".join(mark(f"{letter}-{number}") for number in range(2, 30))
        # H-3 and H-4, then the sender, then all the others.
        header = ["H", "\\^&", mark("H-3"), mark("H-4"), "WWASTMSENDER^1.0^7", *(mark(f"H-{n}") for n in range(6, 15))]
        self.records = ["|".join(header)] + [f"{letter}|{fields(letter)}" for letter in "PCORQMSL"]

    def turn(self):
        text = "".join(record + "\r" for record in self.records).encode()
        pieces = [text[at : at + 240] for at in range(0, len(text), 240)]
        yield b"\x05"
        for number, piece in enumerate(pieces, 1):
            body = b"%d" % (number % 8) + piece + (b"\x03" if number == len(pieces) else b"\x17")
            for _ in range(1 + number % 2):
                yield b"\x02" + body + b"%02X\r\n" % (sum(body) % 256)
        yield b"\x04"


class Discovery:
    """A greeting of a medical device, with all scopes there are."""

    DEVICE = [("Types", "mdpws:MedicalDevice"), ("Address", "urn:uuid:00000000-0000-5000-8000-0000000000ee")]
    SCOPES = ["loc:/sdc.ctxt.loc.detail", "pat:", "ens:", "wfl:", "opr:", "mns:"]

    def __init__(self, planter):
        mark = lambda note: planter.text(f"WS-Discovery {note}")
        scopes = [f"sdc.ctxt.{scope}/{mark(scope)}?fac={mark(scope)}&amp;bed={mark(scope)}" for scope in self.SCOPES]
        scopes += [f"sdc.cdc.type:/{mark('system')}//{mark('code')}", f"sdc.cdc.type:///{mark('code')}"]
        scopes += [f"onvif://www.onvif.org/location/{mark('location')}", mark("scope"), f"sdc.mds.pkp:{mark('key')}"]
        told = "".join(f"<{name}>{mark(name)}</{name}>" for name in ["d:MetadataVersion", "a:ReferenceParameters", "x"])
        self.datagrams = []
        for kind in ["Hello", "Bye", "Probe", "Resolve"]:
            self.datagrams.append(
                '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" '
                'xmlns:d="http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01" '
                'xmlns:m="http://standards.ieee.org/downloads/11073/11073-20702-2016">'
                f"<s:Header><a:MessageID>{mark('id')}</a:MessageID></s:Header><s:Body><d:{kind}><a:EndpointReference>"
                f"<a:Address>{self.DEVICE[1][1] if kind == 'Hello' else mark('address')}</a:Address></a:EndpointReference>"
                f"<d:Types>m:MedicalDevice m:{mark('type')} {mark('type')}</d:Types><d:Scopes>{' '.join(scopes)}</d:Scopes>"
                f"<d:XAddrs>{'' if kind == 'Hello' else mark('XAddrs')}</d:XAddrs>{told}</d:{kind}></s:Body></s:Envelope>"
            )


class Soap:
    """Metadata of a device, and its information base with the patient in it, as answers."""

    SPACE = "http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01"
    DEVICE = [
        ("Manufacturer", "WWDPWSMAKER"),
        ("ModelName", "WWDPWSMODEL"),
        ("FriendlyName", "WWDPWSNAME"),
        ("FirmwareVersion", "WWDPWSFW"),
        ("SerialNumber", "WWDPWSSERIAL"),
    ]

    def __init__(self, planter):
        mark = lambda note: planter.text(f"SOAP {note}")
        told = lambda names: "".join(f"<d:{name}>{value}</d:{name}>" for name, value in names)
        others = "".join(f'<{name} a="{mark(name)}">{mark(name)}</{name}>' for name in ["d:ModelUrl", "d:Owner", "pm:Givenname"])
        copied = "".join(f"<d:{name}>{mark(name)}</d:{name}>" for name, _ in self.DEVICE)
        model, device = told(self.DEVICE[:2]), told(self.DEVICE[2:])
        body = (
            f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="{self.SPACE}" xmlns:pm="urn:pm"><s:Body>'
            f"{copied}<d:ThisModel>{model}{others}</d:ThisModel><d:ThisDevice>{device}{others}</d:ThisDevice>"
            f"<pm:PatientContextState>{others}{copied}</pm:PatientContextState></s:Body></s:Envelope>"
        ).encode()
        self.answer = b""
        for coding, answer in [("gzip", gzip.compress(body)), ("identity", body)]:
            head = f"HTTP/1.1 200 OK\r\nX-Patient: {mark('head')}\r\nContent-Encoding: {coding}\r\n"
            head += f"Content-Type: application/soap+xml; charset=utf-8\r\nContent-Length: {len(answer)}\r\n\r\n"
            self.answer += head.encode() + answer
        self.question = f"POST /{mark('target')} HTTP/1.1\r\nX-Patient: {mark('head')}\r\nContent-Length: 11\r\n\r\n{mark('body')}"


class Sent:
    def __init__(self):
        self.planter = Planter(96001)
        poct1, astm = Poct1(self.planter), Astm(self.planter)
        self.device = [*IntelliVue.DEVICE, *Poct1.DEVICE, *Astm.DEVICE, *Discovery.DEVICE, *Soap.DEVICE]
        self.datagrams = [(INTELLIVUE, message) for message in IntelliVue(self.planter).datagrams()]
        self.datagrams += [(DISCOVERY, message.encode()) for message in Discovery(self.planter).datagrams]
        self.streams = [[message.encode() for message in poct1.messages], list(astm.turn())]
        self.streams.append(["".join(record + "\r" for record in astm.records).encode()])
        soap = Soap(self.planter)
        self.streams.append([soap.question.encode()])
        self.answers = {b"<": poct1.answer.encode(), b"P": soap.answer}


def serve(port):
    answers = Sent().answers
    with socket.create_server(("", port)) as server:
        while True:
            connection, _ = server.accept()
            with connection:
                while heard := connection.recv(65536):
                    connection.sendall(answers.get(heard[:1], b"\x06"))


def send(address, tcp):
    sent = Sent()
    for stream in sent.streams:
        with socket.create_connection((address, tcp)) as connection:
            for message in stream:
                connection.sendall(message)
                connection.recv(65536)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("", INTELLIVUE))
        for port, message in sent.datagrams:
            sender.sendto(message, (address, port))


def tokens():
    sent = Sent()
    print(json.dumps({"patient": sent.planter.planted, "device": sent.device}))


if __name__ == "__main__":
    if sys.argv[1] == "tokens":
        tokens()
    elif sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        send(sys.argv[2], int(sys.argv[3]))
