"""Marks that stand where a patient's data would, one of its own for every field.

A mark of letters is ZQXVPH and five digits; one of digits alone is 191774 and five digits; a date is of the years
1774 to 1779. So the test finds any of them, in any encoding, without a list, and the list says which field it was.
"""


class Planter:
    def __init__(self, first):
        self.number = first
        self.planted = []

    def text(self, field):
        return self._mark(field, "ZQXVPH{:05}")

    def digits(self, field):
        return self._mark(field, "191774{:05}")

    def uid(self, field):
        return "1.2.826.0.1." + self.digits(field)

    def date(self, field):
        number = self.number % 2016
        return self._mark(field, f"{1774 + number // 336}{1 + number // 28 % 12:02}{1 + number % 28:02}".format)

    def _mark(self, field, form):
        mark = (form.format if isinstance(form, str) else form)(self.number)
        self.number += 1
        self.planted.append([field, mark])
        return mark

    def value(self, field, vr):
        """A legal value of a DICOM value representation, or None where none can hold a mark."""
        if vr in ("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"):
            return self.text(field)
        if vr == "PN":
            return f"{self.text(field)}^{self.text(field)}"
        if vr == "UR":
            return f"http://{self.text(field)}.example/"
        if vr == "UI":
            return self.uid(field)
        if vr in ("IS", "DS"):
            return self.digits(field)
        if vr == "DA":
            return self.date(field)
        if vr == "DT":
            return self.date(field) + "010203"
        if vr == "TM":
            return "235959." + self.digits(field)[:6]
        if vr in ("OB", "UN", "OW"):
            return self.text(field).encode()
        return None
